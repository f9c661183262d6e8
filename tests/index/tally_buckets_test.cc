// SPDX-License-Identifier: Apache-2.0
#include "index/tally_buckets.h"

#include <gtest/gtest.h>

namespace tally::index {
namespace {

TEST(TallyBuckets, BarsBeginAtMultiplesOfTheirWidth) {
  EXPECT_EQ(bucket_start(25, 10), 20);
  EXPECT_EQ(bucket_start(20, 10), 20);
  EXPECT_EQ(bucket_start(-1, 10), -10);
  EXPECT_EQ(bucket_start(-10, 10), -10);
}

TEST(TallyBuckets, EveryBarThatTouchesTheRangeIsThere) {
  HistogramQuery query;
  query.bucket = 10;
  query.time = {-3, 20};
  std::vector<std::int64_t> starts;
  for (const auto& bucket : empty_buckets(query)) starts.push_back(bucket.start);
  EXPECT_EQ(starts, (std::vector<std::int64_t>{-10, 0, 10, 20}));
}

TEST(TallyBuckets, FacetsListTheMostFrequentFirst) {
  FacetCounter counter;
  counter.add("b", 2);
  counter.add("a", 2);
  counter.add("c", 5);
  counter.add("", 9);
  counter.add("b", 1);
  const Facet facet = counter.finish(Key::actor, 2);
  EXPECT_EQ(facet.key, Key::actor);
  EXPECT_EQ(facet.values, (std::vector<FacetValue>{{"c", 5}, {"b", 3}}));
  EXPECT_EQ(facet.others, 2U);
  EXPECT_EQ(facet.distinct, 3U);
}

TEST(TallyBuckets, MemoryOfAFacetIsBounded) {
  FacetCounter counter;
  for (std::size_t i = 0; i < kFacetDistinctMax + 10; ++i) counter.add(std::to_string(i), 1);
  counter.add("0", 1);
  const Facet facet = counter.finish(Key::actor, 1);
  EXPECT_EQ(facet.distinct, kFacetDistinctMax);
  EXPECT_EQ(facet.values.front(), (FacetValue{"0", 2}));
  EXPECT_EQ(facet.others, kFacetDistinctMax + 9);
}

}  // namespace
}  // namespace tally::index
