// SPDX-License-Identifier: Apache-2.0
#include "log/root_points.h"

#include "log/tampered_log.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

class RootPointsTest : public TamperedLog {};

TEST_F(RootPointsTest, TilesAndLeavesGiveTheSameRootsAtEverySize) {
  fill(600);
  TreeReader tree(fs_, Layout(directory_), 32);
  merkle::TreeHasher hasher(crypto::HashAlgorithm::sha256);
  std::set<std::uint64_t> sizes;
  for (std::uint64_t n = 0; n <= 600; n += 7) sizes.insert(n);
  const auto tiles = roots_from_tiles(hasher, tree, sizes);
  ASSERT_TRUE(tiles) << tiles.error().detail;
  EXPECT_EQ(tiles->size(), sizes.size());
  EXPECT_EQ(*tiles, roots_from_leaves(hasher, tree, sizes, {}));
}

TEST_F(RootPointsTest, AReplacedLeafChangesTheRootsBehindItOnly) {
  fill(600);
  TreeReader tree(fs_, Layout(directory_), 32);
  merkle::TreeHasher hasher(crypto::HashAlgorithm::sha256);
  const std::set<std::uint64_t> sizes{100, 300};
  const auto stored = roots_from_leaves(hasher, tree, sizes, {});
  const auto other = roots_from_leaves(hasher, tree, sizes, {{200, hasher.leaf("another line")}});
  EXPECT_EQ(stored.at(100), other.at(100));
  EXPECT_NE(stored.at(300), other.at(300));
}

TEST_F(RootPointsTest, SizesBehindTheEndAreLeftOut) {
  fill(100);
  TreeReader tree(fs_, Layout(directory_), 32);
  merkle::TreeHasher hasher(crypto::HashAlgorithm::sha256);
  EXPECT_EQ(roots_from_leaves(hasher, tree, {50, 101}, {}).size(), 1U);
  EXPECT_FALSE(roots_from_tiles(hasher, tree, {101}));
}

}  // namespace
}  // namespace tally::log
