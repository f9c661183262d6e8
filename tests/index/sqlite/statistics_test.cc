// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/statistics.h"

#include "index/sqlite/search_fixture.h"

#include <gtest/gtest.h>

namespace tally::index::sqlite {
namespace {

class StatisticsTest : public SearchFixture {};

TEST_F(StatisticsTest, CountsBarsValuesAndLatencies) {
  fill(350);
  Search all = search("");
  EXPECT_EQ(*count_matching(all), (Total{350, Total::Relation::exact}));

  HistogramQuery bars;
  constexpr std::int64_t kStart = 1'800'000'000'000'000;
  bars.time = {kStart, kStart + 174'999'999};
  bars.bucket = 100'000'000;
  bars.split = Key::result;
  const auto histogram = histogram_of(all, bars);
  ASSERT_TRUE(histogram);
  ASSERT_EQ(histogram->buckets.size(), 2U);
  EXPECT_EQ(histogram->buckets[0],
            (HistogramBucket{kStart, 200, {{"failure", 100}, {"success", 100}}}));
  EXPECT_EQ(histogram->buckets[1],
            (HistogramBucket{kStart + 100'000'000, 150, {{"failure", 75}, {"success", 75}}}));

  FacetQuery lists;
  lists.keys = {Key::actor, Key::tool};
  const auto facets = facets_of(all, lists);
  ASSERT_TRUE(facets);
  EXPECT_EQ(facets->entries, 350U);
  EXPECT_EQ(facets->keys[0].values, (std::vector<FacetValue>{{"usual", 315}, {"rare", 35}}));
  EXPECT_TRUE(facets->keys[1].values.empty());

  Search rare = search("actor:rare");
  const auto latencies = durations_of(rare);
  ASSERT_TRUE(latencies);
  EXPECT_EQ(latencies->count, 35U);
  EXPECT_EQ(latencies->max, 340'000);
}

TEST_F(StatisticsTest, WhatCouldNotBeReadInTimeIsSaid) {
  fill(150);
  Search text = search("word1", std::chrono::milliseconds(0));
  EXPECT_EQ(count_matching(text)->relation, Total::Relation::at_least);
  EXPECT_FALSE(durations_of(text)->complete);
}

}  // namespace
}  // namespace tally::index::sqlite
