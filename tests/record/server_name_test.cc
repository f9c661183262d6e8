// SPDX-License-Identifier: Apache-2.0
#include "record/server_name.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tally::record {
namespace {

using Command = std::vector<std::string>;

TEST(ServerName, ThePackageBehindARunner) {
  EXPECT_EQ(server_name_from_command(Command{"npx", "-y", "@scope/server-files", "/data"}),
            "@scope/server-files");
  EXPECT_EQ(server_name_from_command(Command{"/usr/bin/npx", "@scope/server-files@1.2.3"}),
            "@scope/server-files");
  EXPECT_EQ(server_name_from_command(Command{"npx", "--yes", "plain@latest"}), "plain");
  EXPECT_EQ(server_name_from_command(Command{"npx", "-p", "@a/b@2", "cmd"}), "@a/b");
  EXPECT_EQ(server_name_from_command(Command{"npx", "--package=@a/b", "cmd"}), "@a/b");
  EXPECT_EQ(server_name_from_command(Command{"npx", "-y", "--", "pkg"}), "pkg");
  EXPECT_EQ(server_name_from_command(Command{"uvx", "mcp-server-git==2025.1"}), "mcp-server-git");
  EXPECT_EQ(server_name_from_command(Command{"uvx", "--python", "3.12", "pkg[extra]>=1"}), "pkg");
  EXPECT_EQ(server_name_from_command(Command{"uvx", "--from", "pkg", "command"}), "pkg");
}

TEST(ServerName, ElseTheBaseNameOfTheCommand) {
  EXPECT_EQ(server_name_from_command(Command{"/opt/bin/my-server", "--flag"}), "my-server");
  EXPECT_EQ(server_name_from_command(Command{"node", "server.js"}), "node");
  EXPECT_EQ(server_name_from_command(Command{"npx"}), "npx");
  EXPECT_EQ(server_name_from_command(Command{"npx", "-y"}), "npx");
  EXPECT_EQ(server_name_from_command(Command{"dir/"}), "server");
  EXPECT_EQ(server_name_from_command(Command{}), "server");
}

}  // namespace
}  // namespace tally::record
