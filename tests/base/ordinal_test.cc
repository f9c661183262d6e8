// SPDX-License-Identifier: Apache-2.0
// Positions and sizes are different types, and counting never wraps.
#include "base/ordinal.h"

#include <gtest/gtest.h>

#include <type_traits>
#include <unordered_set>

namespace tally {
namespace {

constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();

static_assert(!std::is_convertible_v<LeafIndex, TreeSize>);
static_assert(!std::is_constructible_v<TreeSize, LeafIndex>);
static_assert(!std::is_convertible_v<std::uint64_t, LeafIndex>);
static_assert(!std::is_convertible_v<LeafIndex, std::uint64_t>);
static_assert(!std::is_default_constructible_v<LeafIndex>);
static_assert(size_after(LeafIndex{0}) == TreeSize{1});
static_assert(next_index(TreeSize{0}) == LeafIndex{0});

TEST(Ordinal, ComparesByValue) {
  EXPECT_LT(LeafIndex{1}, LeafIndex{2});
  EXPECT_EQ(LeafIndex{7}, LeafIndex{7});
  EXPECT_GT(TreeSize{kLast}, TreeSize{0});
  EXPECT_EQ(LeafIndex{kLast}.value(), kLast);
}

TEST(Ordinal, IndexesAndSizesMeet) {
  EXPECT_EQ(LeafIndex{41}.next(), LeafIndex{42});
  EXPECT_EQ(size_after(LeafIndex{41}), TreeSize{42});
  EXPECT_EQ(next_index(TreeSize{42}), LeafIndex{42});
  EXPECT_FALSE(contains(TreeSize{0}, LeafIndex{0}));
  EXPECT_TRUE(contains(TreeSize{42}, LeafIndex{41}));
  EXPECT_FALSE(contains(TreeSize{42}, LeafIndex{42}));
}

TEST(OrdinalDeathTest, NeverWraps) {
  EXPECT_DEATH(static_cast<void>(LeafIndex{kLast}.next()), "internal check failed");
  EXPECT_DEATH(static_cast<void>(size_after(LeafIndex{kLast})), "internal check failed");
}

TEST(Ordinal, Hashes) {
  const std::unordered_set<LeafIndex> seen{LeafIndex{1}, LeafIndex{2}, LeafIndex{1}};
  EXPECT_EQ(seen.size(), 2U);
  EXPECT_TRUE(seen.contains(LeafIndex{2}));
}

}  // namespace
}  // namespace tally
