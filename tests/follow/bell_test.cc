// SPDX-License-Identifier: Apache-2.0
#include "follow/bell.h"

#include <gtest/gtest.h>

#include <thread>

namespace tally::follow {
namespace {

using std::chrono::milliseconds;
constexpr std::chrono::hours kLong{1};

TEST(Bell, ARingBeforeTheWaitIsNotLost) {
  Bell bell;
  const std::uint64_t seen = bell.rung();
  bell.ring();
  bell.wait(seen, {}, kLong);
  EXPECT_EQ(bell.rung(), seen + 1);
}

TEST(Bell, ARingEndsTheWaitOfAllOthers) {
  Bell bell;
  const std::uint64_t seen = bell.rung();
  std::jthread one([&] { bell.wait(seen, {}, kLong); });
  std::jthread other([&] { bell.wait(seen, {}, kLong); });
  bell.ring();
}

TEST(Bell, AStopEndsTheWait) {
  Bell bell;
  std::stop_source stop;
  std::jthread waiting([&] { bell.wait(bell.rung(), stop.get_token(), kLong); });
  stop.request_stop();
}

TEST(Bell, TheLimitEndsTheWait) {
  Bell bell;
  bell.wait(bell.rung(), {}, milliseconds(1));
  EXPECT_EQ(bell.rung(), 0U);
}

}  // namespace
}  // namespace tally::follow
