// SPDX-License-Identifier: Apache-2.0
#include "server/entry_server.h"

#include <gtest/gtest.h>

namespace tally::server {
namespace {

std::string server_of(const std::string& line) {
  event::EventView view;
  EXPECT_TRUE(view.parse(line)) << line;
  return server_of_entry(view);
}

TEST(EntryServer, StandsBeforeTheNameOfTheTarget) {
  EXPECT_EQ(server_of(R"({"target_type":"tool","target_id":"files/read","target_name":"read"})"),
            "files");
  EXPECT_EQ(
      server_of(R"({"target_type":"tool","target_id":"@acme/files/a/b","target_name":"a/b"})"),
      "@acme/files");
  EXPECT_EQ(server_of(R"({"target_type":"resource","target_id":"files/file:///x"})"), "files");
  EXPECT_EQ(server_of(R"({"target_type":"tool","target_id":"other/x","target_name":"y",)"
                      R"("details":{"server":{"name":"files"}}})"),
            "files");
}

TEST(EntryServer, IsTheTargetWhereThatIsAServer) {
  EXPECT_EQ(server_of(R"({"target_type":"server","target_id":"git","target_name":"x"})"), "git");
  EXPECT_EQ(server_of(R"({"target_type":"server","target_name":"git"})"), "git");
}

TEST(EntryServer, IsNobodyWhereNothingSaysOne) {
  for (const char* line :
       {"{}", R"({"target_type":"log","target_id":"host/abc"})",
        R"({"target_type":"tool","target_id":"read"})", R"({"details":{"server":"files"}})"}) {
    EXPECT_EQ(server_of(line), "") << line;
  }
}

}  // namespace
}  // namespace tally::server
