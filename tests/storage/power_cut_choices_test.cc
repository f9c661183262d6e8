// SPDX-License-Identifier: Apache-2.0
#include "storage/power_cut_choices.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace tally::storage {
namespace {

TEST(PowerCutChoices, TwoSeedsAreTheExtremes) {
  PowerCutChoices nothing(PowerCutChoices::kNothing);
  PowerCutChoices everything(PowerCutChoices::kEverything);
  for (int file = 0; file < 20; ++file) {
    nothing.next_file();
    everything.next_file();
    EXPECT_FALSE(nothing.keep());
    EXPECT_TRUE(everything.keep());
    EXPECT_EQ(nothing.prefix_of(5), 0U);
    EXPECT_EQ(everything.prefix_of(5), 5U);
  }
}

TEST(PowerCutChoices, SameSeedSameDecisions) {
  const auto decisions = [](std::uint64_t seed) {
    PowerCutChoices choices(seed);
    std::vector<std::size_t> made;
    for (int i = 0; i < 100; ++i) {
      if (i % 10 == 0) choices.next_file();
      made.push_back(choices.keep() ? 1 : 0);
      made.push_back(choices.prefix_of(9));
    }
    return made;
  };
  EXPECT_EQ(decisions(42), decisions(42));
  EXPECT_NE(decisions(42), decisions(43));
}

TEST(PowerCutChoices, SeedsReachEveryPrefixAndEveryPairOfDecisions) {
  std::set<std::size_t> prefixes;
  std::set<std::pair<bool, bool>> pairs;
  for (std::uint64_t seed = 2; seed < 100; ++seed) {
    PowerCutChoices choices(seed);
    choices.next_file();
    const bool first = choices.keep();
    pairs.insert({first, choices.keep()});
    prefixes.insert(choices.prefix_of(3));
  }
  EXPECT_EQ(pairs.size(), 4U);
  EXPECT_EQ(prefixes, (std::set<std::size_t>{0, 1, 2, 3}));
}

}  // namespace
}  // namespace tally::storage
