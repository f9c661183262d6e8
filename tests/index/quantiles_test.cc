// SPDX-License-Identifier: Apache-2.0
#include "index/quantiles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace tally::index {
namespace {

TEST(Quantiles, OfNothingIsNothing) {
  const Durations none = Quantiles().summary(false);
  EXPECT_EQ(none.count, 0U);
  EXPECT_EQ(none.p99, 0);
  EXPECT_FALSE(none.complete);
}

TEST(Quantiles, AreNearThoseOfTheSortedNumbers) {
  std::mt19937_64 random(1);
  for (const unsigned bits : {5U, 12U, 30U, 50U, 62U}) {
    Quantiles quantiles;
    std::vector<std::int64_t> all;
    for (int i = 0; i < 5'000; ++i) {
      all.push_back(static_cast<std::int64_t>(random() >> (64 - bits)));
      quantiles.add(all.back());
    }
    std::ranges::sort(all);
    const Durations got = quantiles.summary(true);
    EXPECT_EQ(got.count, all.size());
    EXPECT_EQ(got.max, all.back());
    const auto near = [&](std::int64_t value, double share) {
      const auto exact =
          static_cast<double>(all[static_cast<std::size_t>(std::ceil(share * 5'000.0)) - 1]);
      EXPECT_LE(static_cast<double>(value), exact);
      EXPECT_GE(static_cast<double>(value) * (1.0 + 1.0 / 32.0), exact) << bits << " " << share;
    };
    near(got.p50, 0.5);
    near(got.p90, 0.9);
    near(got.p95, 0.95);
    near(got.p99, 0.99);
  }
}

TEST(Quantiles, TakesTheLargestNumber) {
  Quantiles quantiles;
  quantiles.add(INT64_MAX);
  EXPECT_EQ(quantiles.summary(true).max, INT64_MAX);
  EXPECT_GT(quantiles.summary(true).p50, INT64_MAX / 33 * 32);
}

}  // namespace
}  // namespace tally::index
