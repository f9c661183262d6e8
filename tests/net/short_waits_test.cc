// SPDX-License-Identifier: Apache-2.0
#include "net/short_waits.h"

#include "base/limits.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>

namespace tally::net {
namespace {

class ShortWaitsTest : public ::testing::Test {
 protected:
  void wait(std::chrono::nanoseconds length, std::size_t events = 1) {
    const MonoTime begin = now_;
    now_ += length;
    waits_.ended(begin, now_, events);
  }
  void wait_often(int times, std::chrono::nanoseconds length, std::size_t events = 1) {
    for (int i = 0; i < times; ++i) wait(length, events);
  }
  /// Somebody else has the processor for this long; true when it stops looking.
  bool give_way(std::chrono::nanoseconds length) {
    const MonoTime last = now_;
    now_ += length;
    return waits_.gave_way(last, now_);
  }
  [[nodiscard]] bool looks() const { return waits_.worth_looking(now_); }

  ShortWaits waits_;
  MonoTime now_{std::chrono::hours(5)};
};

TEST_F(ShortWaitsTest, ANewLoopGoesToSleep) { EXPECT_FALSE(looks()); }

TEST_F(ShortWaitsTest, LooksOnceTheLastWaitsWereShort) {
  wait_often(16, kShortWait);
  EXPECT_TRUE(looks());
}

TEST_F(ShortWaitsTest, AFewLongWaitsAmongShortOnesDoNotStopIt) {
  wait_often(16, kShortWait / 2);
  wait_often(4, std::chrono::seconds(1));
  EXPECT_TRUE(looks());
  wait(std::chrono::seconds(1));
  EXPECT_FALSE(looks());
}

TEST_F(ShortWaitsTest, AClientThatThinksBetweenCallsGetsNoLooks) {
  for (int i = 0; i < 100; ++i) {
    wait(kShortWait / 2);  // for the upstream
    wait(std::chrono::milliseconds(5));
    EXPECT_FALSE(looks());
  }
}

TEST_F(ShortWaitsTest, BeginsAgainWhenWaitsBecomeShort) {
  wait_often(16, kShortWait / 2);
  wait_often(100, std::chrono::milliseconds(1));
  EXPECT_FALSE(looks());
  wait_often(12, kShortWait / 2);
  EXPECT_TRUE(looks());
}

TEST_F(ShortWaitsTest, SleepsWhereMuchComesTogether) {
  wait_often(16, kShortWait / 2, kLookEvents);
  EXPECT_TRUE(looks());
  wait_often(16, kShortWait / 2, kLookEvents + 1);
  EXPECT_FALSE(looks());
}

TEST_F(ShortWaitsTest, RestsWhereOthersWantTheProcessor) {
  wait_often(16, kShortWait / 2);
  EXPECT_FALSE(give_way(kLookGap / 2));
  EXPECT_TRUE(looks());
  EXPECT_TRUE(give_way(kLookGap));
  EXPECT_FALSE(looks());
  now_ += kLookRestMin;
  EXPECT_TRUE(looks());
}

TEST_F(ShortWaitsTest, RestsLongerEachTimeWhenTheyAlwaysWantIt) {
  wait_often(16, kShortWait / 2);
  for (std::chrono::nanoseconds rest = kLookRestMin; rest < kLookRestMax; rest *= 2) {
    EXPECT_TRUE(give_way(kLookGap));
    now_ += rest - std::chrono::nanoseconds(1);
    EXPECT_FALSE(looks());
    now_ += std::chrono::nanoseconds(1);
    EXPECT_TRUE(looks());
  }
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(give_way(kLookGap));
    now_ += kLookRestMax;
    EXPECT_TRUE(looks());
  }
}

TEST_F(ShortWaitsTest, ForgetsThatOthersWantedItOnceLookingIsOfUseAgain) {
  wait_often(16, kShortWait / 2);
  for (int i = 0; i < 12; ++i) EXPECT_TRUE(give_way(kLookGap));
  for (int i = 0; i < 2'000; ++i) waits_.found();
  EXPECT_TRUE(give_way(kLookGap));
  now_ += kLookRestMin;
  EXPECT_TRUE(looks());
}

TEST_F(ShortWaitsTest, TellsAProgramThatComputesFromThreadsThatSometimesRun) {
  const auto last_rest = [](int finds_between) {
    ShortWaits waits;
    MonoTime now{std::chrono::hours(5)};
    for (int i = 0; i < 16; ++i) waits.ended(now, now, 1);
    std::chrono::milliseconds rest{0};
    for (int gap = 0; gap < 40; ++gap) {
      for (int i = 0; i < finds_between; ++i) waits.found();
      EXPECT_TRUE(waits.gave_way(now, now + kLookGap));
      now += kLookGap;
      rest = {};
      for (; !waits.worth_looking(now + rest); ++rest) {
      }
      now += rest;
    }
    return rest;
  };
  EXPECT_EQ(last_rest(100), kLookRestMax);
  EXPECT_EQ(last_rest(900), kLookRestMin);
}

}  // namespace
}  // namespace tally::net
