// SPDX-License-Identifier: Apache-2.0
#include "server/fold.h"

#include "base/limits.h"

#include <gtest/gtest.h>

namespace tally::server {
namespace {

constexpr MonoTime kStart{std::chrono::hours(1)};

event::Event sample(int second, std::string details = R"({"operation":"x"})") {
  event::Event out;
  out.event_id = "id";
  out.timestamp = WallTime(std::chrono::seconds(1'800'000'000 + second));
  out.details = std::move(details);
  return out;
}

TEST(Fold, TheSameWithinAMinuteIsOneRecordAndACount) {
  Fold fold;
  EXPECT_TRUE(fold.admit("a", sample(0), kStart));
  EXPECT_FALSE(fold.admit("a", sample(10), kStart + std::chrono::seconds(10)));
  EXPECT_FALSE(fold.admit("a", sample(20), kStart + std::chrono::seconds(20)));
  EXPECT_TRUE(fold.admit("b", sample(20), kStart + std::chrono::seconds(20)));
  EXPECT_TRUE(fold.take_due(kStart + std::chrono::seconds(59)).empty());
  const auto due = fold.take_due(kStart + kFoldWindow);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].event_id, "");
  EXPECT_EQ(due[0].timestamp, sample(20).timestamp);
  EXPECT_EQ(due[0].details,
            R"({"operation":"x","folded":{"count":2,"from":"2027-01-15T08:00:10.000000Z",)"
            R"("to":"2027-01-15T08:00:20.000000Z"}})");
  EXPECT_TRUE(fold.admit("a", sample(60), kStart + kFoldWindow)) << "a new minute";
}

TEST(Fold, NothingCountedIsLostAtTheEnd) {
  Fold fold;
  EXPECT_TRUE(fold.admit("a", sample(0, ""), kStart));
  EXPECT_FALSE(fold.admit("a", sample(1, ""), kStart));
  const auto due = fold.take_due(kStart, true);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_TRUE(due[0].details.starts_with(R"({"folded":{"count":1,)")) << due[0].details;
  EXPECT_TRUE(fold.take_due(kStart, true).empty());
}

TEST(Fold, WithoutRoomEverythingIsRecorded) {
  Fold fold;
  for (std::size_t i = 0; i < kFoldKeysMax; ++i) {
    ASSERT_TRUE(fold.admit(std::to_string(i), sample(0), kStart));
  }
  EXPECT_TRUE(fold.admit("one more", sample(0), kStart));
  EXPECT_TRUE(fold.admit("one more", sample(0), kStart));
}

}  // namespace
}  // namespace tally::server
