// SPDX-License-Identifier: Apache-2.0
#include "access/session_table.h"

#include "base/limits.h"

#include <gtest/gtest.h>

#include <set>

namespace tally::access {
namespace {

using std::chrono::hours;

constexpr WallTime kOpenedAt{std::chrono::seconds{1'795'295'000}};

class SessionTableTest : public ::testing::Test {
 protected:
  std::string open(const std::string& id, std::optional<WallTime> ends = {}) {
    const Principal holder{.id = id, .name = "", .role = Role::auditor, .scope = {}};
    const auto opened = table_.open(holder, ends, kOpenedAt, system_random());
    return opened ? opened->secret : "";
  }
  SessionTable table_{hours(8)};
};

TEST_F(SessionTableTest, StandsForItsTokenForAWhile) {
  const std::string secret = open("one");
  ASSERT_EQ(secret.size(), 64U);
  const auto session = table_.find(secret, kOpenedAt);
  ASSERT_TRUE(session);
  EXPECT_EQ(session->principal.id, "one");
  EXPECT_EQ(session->principal.role, Role::auditor);
  EXPECT_EQ(session->grant, "one");
  EXPECT_TRUE(SessionTable::is_session(session->principal.holds()));
  EXPECT_EQ(session->principal.holds().find(secret), std::string::npos);
  EXPECT_TRUE(table_.find_grant(session->principal.holds(), kOpenedAt));
  EXPECT_EQ(session->ends, kOpenedAt + hours(8));
  EXPECT_TRUE(table_.find(secret, kOpenedAt + hours(8) - std::chrono::microseconds(1)));
  EXPECT_FALSE(table_.find(secret, kOpenedAt + hours(8)));
  EXPECT_EQ(table_.size(), 0U);
}

TEST_F(SessionTableTest, EndsWithItsTokenAndWhenItIsClosed) {
  const std::string brief = open("one", kOpenedAt + hours(1));
  EXPECT_EQ(table_.find(brief, kOpenedAt)->ends, kOpenedAt + hours(1));
  EXPECT_FALSE(table_.find(brief, kOpenedAt + hours(1)));
  const std::string secret = open("one");
  EXPECT_FALSE(table_.close("other"));
  EXPECT_TRUE(table_.close(secret));
  EXPECT_FALSE(table_.close(secret));
  EXPECT_FALSE(table_.find(secret, kOpenedAt));
  EXPECT_FALSE(table_.find("", kOpenedAt));
}

TEST_F(SessionTableTest, OneHolderPushesOutOnlyHisOwn) {
  const std::string other = open("other");
  const std::string first = open("one");
  for (std::size_t i = 1; i < kSessionsPerHolderMax; ++i) open("one");
  EXPECT_TRUE(table_.find(first, kOpenedAt));
  open("one");
  EXPECT_FALSE(table_.find(first, kOpenedAt));
  EXPECT_TRUE(table_.find(other, kOpenedAt));
  EXPECT_EQ(table_.size(), kSessionsPerHolderMax + 1);
}

TEST_F(SessionTableTest, IsBoundedAndWhatIsOverMakesRoom) {
  std::set<std::string> secrets;
  for (std::size_t i = 0; i < kSessionsMax; ++i) {
    secrets.insert(
        open(std::to_string(i), i == 7 ? std::optional(kOpenedAt + hours(1)) : std::nullopt));
  }
  EXPECT_EQ(secrets.size(), kSessionsMax);
  EXPECT_EQ(open("late"), "") << "full";
  const Principal holder{.id = "late", .name = "", .role = Role::admin, .scope = {}};
  EXPECT_TRUE(table_.open(holder, {}, kOpenedAt + hours(2), system_random()));
  EXPECT_EQ(table_.size(), kSessionsMax);
}

}  // namespace
}  // namespace tally::access
