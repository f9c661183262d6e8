// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/plan.h"

#include "index/random_queries.h"
#include "index/sqlite/partition_fixture.h"

#include <gtest/gtest.h>

namespace tally::index::sqlite {
namespace {

class PlanTest : public PartitionFixture {};

TEST_F(PlanTest, CandidatesAreWhatMatchesAndOnlyThatWhenExact) {
  fill(7, 1'200);
  RandomQueries random(8);
  int exact = 0;
  for (int i = 0; i < 150; ++i) {
    const Filter filter = random.filter();
    const std::string what = random.take_shown();
    const Plan plan(filter, kSeed);
    exact += plan.exact() ? 1 : 0;
    for (const Partition* partition : both()) {
      const auto pinned = partition->pin();
      const auto found = plan.candidates(*partition);
      ASSERT_TRUE(found) << what;
      std::vector<Position> places;
      ASSERT_TRUE(partition->places(0, partition->rows(), places));
      for (std::uint32_t at = 0; at < places.size(); ++at) {
        const bool match = FilterMatcher(filter).matches(lines_[places[at].seq - kFirst]);
        if (plan.exact()) {
          ASSERT_EQ(found->test(at), match) << what << lines_[places[at].seq - kFirst];
        } else {
          ASSERT_TRUE(found->test(at) || !match) << what << lines_[places[at].seq - kFirst];
        }
      }
    }
  }
  EXPECT_GT(exact, 50);
}

TEST_F(PlanTest, OnlyFreeTextAndPatternsOfIdsNeedTheLines) {
  for (const char* text : {"", "actor:a", "actor:a*", "-tool:x session:y", "time>now duration>1s",
                           "request:*", "flow:\"\"", "recorded>now severity>=error level:low"}) {
    EXPECT_TRUE(Plan({.all = {*parse_expression(text, {})}, .servers = {}}, kSeed).exact()) << text;
  }
  for (const char* text : {"free", "actor:a -free", "session:h*", "id:*x", "time:\"\""}) {
    EXPECT_FALSE(Plan({.all = {*parse_expression(text, {})}, .servers = {}}, kSeed).exact())
        << text;
  }
}

}  // namespace
}  // namespace tally::index::sqlite
