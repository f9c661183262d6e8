// SPDX-License-Identifier: Apache-2.0
#include "access/guess_limit.h"

#include "base/limits.h"

#include <gtest/gtest.h>

namespace tally::access {
namespace {

constexpr MonoTime kStart{std::chrono::hours(1)};

TEST(GuessLimit, RefusesAfterSoManyAndSaysHowLong) {
  GuessLimit limit;
  for (std::uint64_t i = 1; i <= kGuessesMax; ++i) {
    const auto verdict = limit.wrong("192.0.2.1", kStart);
    EXPECT_FALSE(verdict.refuse);
    EXPECT_EQ(verdict.wrong, i);
  }
  const auto first = limit.wrong("192.0.2.1", kStart + std::chrono::milliseconds(500));
  EXPECT_TRUE(first.refuse);
  EXPECT_TRUE(first.first);
  EXPECT_EQ(first.retry_after, kGuessWindow);  // 59.5 s, rounded up
  EXPECT_FALSE(limit.wrong("192.0.2.1", kStart).first);
  EXPECT_FALSE(limit.wrong("192.0.2.2", kStart).refuse) << "another address";
  EXPECT_FALSE(limit.wrong("192.0.2.1", kStart + kGuessWindow).refuse) << "the next window";
}

TEST(GuessLimit, ChecksOfSignaturesAreBoundedForEachAddress) {
  GuessLimit limit;
  for (std::uint64_t i = 0; i < kWrongChecksMax; ++i) {
    EXPECT_TRUE(limit.may_check("2001:db8::1", kStart));
    limit.checked_in_vain("2001:db8::" + std::to_string(i), kStart);
  }
  EXPECT_FALSE(limit.may_check("2001:db8::ffff", kStart)) << "the same network";
  EXPECT_TRUE(limit.may_check("2001:db8:1::1", kStart)) << "another one";
  EXPECT_TRUE(limit.may_check("192.0.2.1", kStart));
  const MonoTime later = kStart + kWrongCheckWindow;
  EXPECT_FALSE(limit.may_check("2001:db8::1", later - std::chrono::milliseconds(1)));
  EXPECT_TRUE(limit.may_check("2001:db8::1", later));
  limit.checked_in_vain("2001:db8::1", later);
  EXPECT_TRUE(limit.may_check("2001:db8::1", later)) << "counted anew";
  EXPECT_FALSE(limit.wrong("2001:db8::1", later).refuse) << "guesses are counted apart";
}

TEST(GuessLimit, AFloodedAddressHasATurnNowAndThen) {
  GuessLimit limit;
  for (std::uint64_t i = 0; i < kWrongChecksMax; ++i) limit.checked_in_vain("192.0.2.1", kStart);
  int turns = 0;
  for (int ms = 0; ms < 2'000; ++ms) {
    turns += limit.may_check_late("192.0.2.1", kStart + std::chrono::milliseconds(ms)) ? 1 : 0;
  }
  EXPECT_EQ(turns, 8);
  EXPECT_TRUE(limit.may_check_late("192.0.2.2", kStart)) << "each address has its own";
  EXPECT_TRUE(limit.may_check_late("2001:db8::1", kStart));
  EXPECT_FALSE(limit.may_check_late("2001:db8::2", kStart)) << "the same network";
}

TEST(GuessLimit, OneIpv6NetworkIsOneGuesser) {
  EXPECT_EQ(network_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(network_of("2001:db8:1:2::1%eth0"), "2001:db8:1:2::/64");
  EXPECT_EQ(network_of("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(network_of("nonsense"), "nonsense");
  GuessLimit limit;
  bool refused = false;
  for (std::uint64_t i = 0; i <= kGuessesMax; ++i) {
    refused = limit.wrong("2001:db8:1:2::" + std::to_string(i), kStart).refuse;
  }
  EXPECT_TRUE(refused);
}

TEST(GuessLimit, ForgetsTheQuietestBeyondItsMemory) {
  GuessLimit limit;
  for (std::uint64_t i = 0; i <= kGuessesMax; ++i) static_cast<void>(limit.wrong("loud", kStart));
  for (std::size_t i = 0; i < kGuessAddressesMax; ++i) {
    static_cast<void>(limit.wrong("address " + std::to_string(i), kStart));
    if (i % 100 != 0) continue;
    EXPECT_TRUE(limit.wrong("loud", kStart).refuse);
  }
  EXPECT_EQ(limit.addresses(), kGuessAddressesMax);
}

}  // namespace
}  // namespace tally::access
