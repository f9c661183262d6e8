// SPDX-License-Identifier: Apache-2.0
#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

namespace tally::cli {
namespace {

using test::lines_of;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

TEST(Token, CreatePrintsTheTokenAloneAndKeepsOnlyItsHash) {
  test::User user;
  const auto ran = user.run({"token", "create", "--role", "writer", "--name", "gateway", "--scope",
                             "server=files", "--expires", "30d"});
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_THAT(ran.out, MatchesRegex("tally_[0-9a-f]{64}\n"));
  const std::string path = user.keys() + "/tokens";
  const std::string kept = test::read_whole(path);
  EXPECT_THAT(kept, Not(HasSubstr(ran.out.substr(6, 20))));
  EXPECT_THAT(kept, HasSubstr("\"scope\":[\"server=files\"]"));
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  const auto listed = user.run({"token", "list"});
  EXPECT_THAT(listed.out, HasSubstr("  writer    expires 20"));
  EXPECT_THAT(listed.out, HasSubstr("  server=files  gateway\n"));
}

TEST(Token, MakingAndRevokingAreRecorded) {
  test::User user;
  ASSERT_EQ(user.run({"token", "create", "--role", "auditor"}).status, 0);
  const std::string id = user.run({"token", "list"}).out.substr(0, 12);
  const auto revoked = user.run({"token", "revoke", id});
  EXPECT_EQ(revoked.status, 0) << revoked;
  EXPECT_EQ(revoked.out, "revoked " + id + "\n");
  EXPECT_EQ(user.run({"token", "list"}).out, "");
  const auto found = lines_of(user.run({"query", "type:audit", "--format", "ndjson"}).out);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[0], HasSubstr("\"audit-token-revoked\""));
  EXPECT_THAT(found[1], HasSubstr("\"audit-token-created\""));
  for (const std::string& line : found) {
    EXPECT_THAT(line, HasSubstr("\"target_id\":\"token:" + id + "\""));
    EXPECT_THAT(line, HasSubstr("\"actor_type\":\"user\""));
  }
  EXPECT_EQ(user.run({"verify"}).status, 0);
}

TEST(Token, WrongUsageIsStatusTwoAndMakesNothing) {
  test::User user;
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"token"},
           {"token", "make"},
           {"token", "list", "more"},
           {"token", "revoke"},
           {"token", "create"},
           {"token", "create", "--role", "root"},
           {"token", "create", "--role", "admin", "--scope", "files"},
           {"token", "create", "--role", "admin", "--expires", "30"},
           {"token", "create", "--role", "admin", "--expires", "2001-01-01"},
           {"token", "create", "--role", "admin", "--expires", "soon"},
           {"token", "list"}}) {
    const auto ran = user.run(words);
    EXPECT_EQ(ran.status, 2) << ::testing::PrintToString(words) << ran;
    EXPECT_THAT(ran.err, HasSubstr("tallystick: token: "));
  }
  ASSERT_EQ(user.run({"token", "create", "--role", "admin"}).status, 0);
  EXPECT_EQ(user.run({"token", "revoke", "0123456789ab"}).status, 2);
}

TEST(Token, JsonIsForPrograms) {
  test::User user;
  const auto made = user.run({"token", "create", "--role", "admin", "--json"});
  EXPECT_THAT(made.out,
              MatchesRegex("\\{\"token\":\"tally_[0-9a-f]{64}\",\"id\":\"[0-9a-f]{12}\"\\}\n"));
  const auto listed = user.run({"token", "list", "--json"});
  EXPECT_THAT(listed.out, HasSubstr("\"role\":\"admin\",\"scope\":[]"));
  EXPECT_THAT(listed.out, HasSubstr("\"expired\":false"));
}

}  // namespace
}  // namespace tally::cli
