// SPDX-License-Identifier: Apache-2.0
#include "access/session_table.h"

#include "base/token_limits.h"

#include <gtest/gtest.h>

#include <set>

namespace tally::access {
namespace {

using std::chrono::hours;

constexpr WallTime kNow{std::chrono::seconds{1'795'295'000}};

class SessionTableTest : public ::testing::Test {
 protected:
  std::string open(const std::string& id, std::optional<WallTime> ends = {}) {
    const Principal holder{.id = id, .name = "", .role = Role::auditor, .scope = {}};
    const auto opened = table_.open(holder, ends, kNow, system_random());
    return opened ? opened->secret : "";
  }
  SessionTable table_{hours(8)};
};

TEST_F(SessionTableTest, StandsForItsTokenForAWhile) {
  const std::string secret = open("one");
  ASSERT_EQ(secret.size(), 64U);
  const auto session = table_.find(secret, kNow);
  ASSERT_TRUE(session);
  EXPECT_EQ(session->principal.id, "one");
  EXPECT_EQ(session->principal.role, Role::auditor);
  EXPECT_EQ(session->grant, "one");
  EXPECT_TRUE(SessionTable::is_session(session->principal.holds()));
  EXPECT_EQ(session->principal.holds().find(secret), std::string::npos);
  EXPECT_TRUE(table_.find_grant(session->principal.holds(), kNow));
  EXPECT_EQ(session->ends, kNow + hours(8));
  EXPECT_TRUE(table_.find(secret, kNow + hours(8) - std::chrono::microseconds(1)));
  EXPECT_FALSE(table_.find(secret, kNow + hours(8)));
  EXPECT_EQ(table_.size(), 0U);
}

TEST_F(SessionTableTest, EndsWithItsTokenAndWhenItIsClosed) {
  const std::string brief = open("one", kNow + hours(1));
  EXPECT_EQ(table_.find(brief, kNow)->ends, kNow + hours(1));
  EXPECT_FALSE(table_.find(brief, kNow + hours(1)));
  const std::string secret = open("one");
  EXPECT_FALSE(table_.close("other"));
  EXPECT_TRUE(table_.close(secret));
  EXPECT_FALSE(table_.close(secret));
  EXPECT_FALSE(table_.find(secret, kNow));
  EXPECT_FALSE(table_.find("", kNow));
}

TEST_F(SessionTableTest, OneHolderPushesOutOnlyHisOwn) {
  const std::string other = open("other");
  const std::string first = open("one");
  for (std::size_t i = 1; i < kSessionsPerHolderMax; ++i) open("one");
  EXPECT_TRUE(table_.find(first, kNow));
  open("one");
  EXPECT_FALSE(table_.find(first, kNow));
  EXPECT_TRUE(table_.find(other, kNow));
  EXPECT_EQ(table_.size(), kSessionsPerHolderMax + 1);
}

TEST_F(SessionTableTest, IsBoundedAndWhatIsOverMakesRoom) {
  std::set<std::string> secrets;
  for (std::size_t i = 0; i < kSessionsMax; ++i) {
    secrets.insert(open(std::to_string(i), i == 7 ? std::optional(kNow + hours(1)) : std::nullopt));
  }
  EXPECT_EQ(secrets.size(), kSessionsMax);
  EXPECT_EQ(open("late"), "") << "full";
  const Principal holder{.id = "late", .name = "", .role = Role::admin, .scope = {}};
  EXPECT_TRUE(table_.open(holder, {}, kNow + hours(2), system_random()));
  EXPECT_EQ(table_.size(), kSessionsMax);
}

}  // namespace
}  // namespace tally::access
