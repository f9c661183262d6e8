// SPDX-License-Identifier: Apache-2.0
#include "index/measured_values.h"

#include <gtest/gtest.h>

namespace tally::index {
namespace {

TEST(MeasuredValuesTest, ListsTheMostFrequentWithWhatWasAsked) {
  MeasuredValues values({Key::tool, true, true});
  values.add("write", 2, 1);
  values.add("read", 5, 0);
  values.add("", 9, 9);
  values.add("none", 0, 0);
  values.add("b", 2, 2);
  values.add("read", 1, 1);
  values.durations("read")->add(1'000);
  values.durations("read")->add(3'000);
  const MeasuredFacet facet = values.finish(2, true);
  ASSERT_EQ(facet.values.size(), 2U);
  EXPECT_EQ(facet.values[0].value, (FacetValue{"read", 6}));
  EXPECT_EQ(facet.values[0].failed, 1U);
  ASSERT_TRUE(facet.values[0].durations);
  EXPECT_EQ(facet.values[0].durations->count, 2U);
  EXPECT_EQ(facet.values[0].durations->max, 3'000);
  EXPECT_EQ(facet.values[1].value, (FacetValue{"b", 2})) << "by text where counts are the same";
  EXPECT_FALSE(facet.values[1].durations) << "it has none";
  EXPECT_EQ(facet.others, 2U);
  EXPECT_EQ(facet.distinct, 3U);
  EXPECT_TRUE(facet.all_known);
}

TEST(MeasuredValuesTest, KeepsNothingThatWasNotAsked) {
  MeasuredValues values({Key::actor, false, false});
  values.add("a", 1, 1);
  EXPECT_EQ(values.durations("a"), nullptr);
  EXPECT_FALSE(values.finish(1, true).values[0].failed);
}

TEST(MeasuredValuesTest, LatenciesAreKeptOfSoManyValuesOnly) {
  MeasuredValues values({Key::tool, false, true});
  for (std::size_t i = 0; i <= kMeasuredValuesMax; ++i) {
    const std::string name = std::to_string(i);
    values.add(name, 1, 0);
    EXPECT_EQ(values.durations(name) != nullptr, i < kMeasuredValuesMax) << i;
  }
  EXPECT_NE(values.durations("0"), nullptr) << "who has one keeps it";
}

TEST(MeasuredValuesTest, TooManyValuesAreSaidToBeTooMany) {
  MeasuredValues values({Key::actor, true, false});
  for (std::size_t i = 0; i < kFacetDistinctMax + 5; ++i) values.add(std::to_string(i), 1, 0);
  values.add("0", 1, 1);
  const MeasuredFacet facet = values.finish(1, true);
  EXPECT_FALSE(facet.all_known);
  EXPECT_EQ(facet.distinct, kFacetDistinctMax);
  EXPECT_EQ(facet.values[0].value, (FacetValue{"0", 2}));
  EXPECT_EQ(facet.others, kFacetDistinctMax + 4) << "what is not listed is counted";
}

}  // namespace
}  // namespace tally::index
