// SPDX-License-Identifier: Apache-2.0
// Tile arithmetic against the numbers of C2SP tlog-tiles; trees read back from tile files against
// the reference.
#include "merkle/tiles.h"

#include "merkle/memory_tiles.h"
#include "merkle/reference_tree.h"

#include <gtest/gtest.h>

#include <limits>

namespace tally::merkle {
namespace {

using crypto::HashAlgorithm;

// The example of tlog-tiles: 70,000 entries are 273 full tiles and 112 hashes, then 1 and 17,
// then 1.
TEST(Tiles, CountsHashesAsTlogTiles) {
  const TreeSize size{70'000};
  EXPECT_EQ(hashes_at_level(0, size), 273 * 256 + 112U);
  EXPECT_EQ(hashes_at_level(1, size), 256 + 17U);
  EXPECT_EQ(hashes_at_level(2, size), 1U);
  EXPECT_EQ(hashes_at_level(3, size), 0U);
  EXPECT_EQ(tile_levels(size), 3U);
  EXPECT_EQ(tile_levels(TreeSize{256}), 2U);
  EXPECT_EQ(tile_levels(TreeSize{255}), 1U);
  EXPECT_EQ(tile_levels(TreeSize{0}), 0U);
  EXPECT_EQ(tile_levels(TreeSize{std::numeric_limits<std::uint64_t>::max()}), 8U);
  EXPECT_EQ(tile_offset(256, 32), 8192U);
  EXPECT_EQ(tile_offset(3, 48), 144U);
}

void compare_with_reference(HashAlgorithm algorithm, std::uint64_t size_max) {
  ReferenceTree tree(algorithm);
  tree.grow_to(size_max);
  TreeHasher hasher(algorithm);
  MemoryTiles tiles(hasher);
  for (std::uint64_t i = 0; i < size_max; ++i) tiles.append(tree.entry(i));
  for (std::uint64_t size = 0; size <= size_max; ++size) {
    tiles.limit_to(TreeSize{size});
    const int reads_before = tiles.reads();
    const auto range = range_from_tiles(hasher, tiles, TreeSize{size});
    ASSERT_TRUE(range.has_value()) << range.error().detail;
    ASSERT_LE(tiles.reads() - reads_before, static_cast<int>(tile_levels(TreeSize{size})));
    ASSERT_EQ(range->end(), TreeSize{size});
    ASSERT_EQ(range->root(hasher), tree.root(size)) << "size " << size;
  }
}

TEST(Tiles, GiveTheFrontierOfEverySize) { compare_with_reference(HashAlgorithm::sha256, 1025); }

TEST(Tiles, GiveTheFrontierForOtherAlgorithms) {
  compare_with_reference(HashAlgorithm::sha384, 300);
  compare_with_reference(HashAlgorithm::sha512, 300);
  compare_with_reference(HashAlgorithm::sha3_256, 300);
  compare_with_reference(HashAlgorithm::blake2b512, 300);
}

TEST(Tiles, GiveEveryPerfectSubtree) {
  constexpr std::uint64_t kSize = 1100;
  ReferenceTree tree(HashAlgorithm::sha256);
  tree.grow_to(kSize);
  TreeHasher hasher(HashAlgorithm::sha256);
  MemoryTiles tiles(hasher);
  for (std::uint64_t i = 0; i < kSize; ++i) tiles.append(tree.entry(i));
  for (unsigned height = 0; height <= 10; ++height) {
    const std::uint64_t width = std::uint64_t{1} << height;
    for (std::uint64_t index = 0; (index + 1) * width <= kSize; ++index) {
      const auto node = node_from_tiles(hasher, tiles, {height, index});
      ASSERT_TRUE(node.has_value());
      ASSERT_EQ(*node, tree.subtree(index * width, (index + 1) * width));
    }
  }
}

TEST(Tiles, ThreeLevelsGiveTheSameFrontierAsAppending) {
  TreeHasher hasher(HashAlgorithm::sha256);
  MemoryTiles tiles(hasher);
  for (std::uint64_t size = 1; size <= 70'000; ++size) {
    tiles.append("entry " + std::to_string(size));
    const bool near_edge = size % 65'536 <= 2 || size % 65'536 >= 65'534 || size % 9973 == 0;
    if (!near_edge && size != 70'000) continue;
    const auto range = range_from_tiles(hasher, tiles, TreeSize{size});
    ASSERT_TRUE(range.has_value());
    ASSERT_EQ(range->hashes(), tiles.range().hashes()) << "size " << size;
  }
}

/// Answers with a fixed list, whatever is asked for.
class WrongReader final : public HashReader {
 public:
  explicit WrongReader(std::vector<NodeHash> answer) : answer_(std::move(answer)) {}
  Result<void> read(unsigned, std::uint64_t, std::size_t, std::vector<NodeHash>& out) override {
    if (answer_.empty()) return fail(Errc::io, "disk gone");
    out = answer_;
    return {};
  }

 private:
  std::vector<NodeHash> answer_;
};

TEST(Tiles, RefuseWhatTheReaderShouldNotHaveGiven) {
  TreeHasher hasher(HashAlgorithm::sha256);
  TreeHasher sha512(HashAlgorithm::sha512);
  const NodeHash good = as_node(hasher.leaf("a"));
  auto frontier_error = [&](std::vector<NodeHash> answer) {
    WrongReader reader(std::move(answer));
    return range_from_tiles(hasher, reader, TreeSize{2}).error().code;
  };
  EXPECT_EQ(frontier_error({}), Errc::io);
  EXPECT_EQ(frontier_error({good}), Errc::corrupt);
  EXPECT_EQ(frontier_error({good, good, good}), Errc::corrupt);
  EXPECT_EQ(frontier_error({good, as_node(sha512.leaf("a"))}), Errc::corrupt);
  WrongReader reader({good});
  EXPECT_EQ(node_from_tiles(hasher, reader, {1, 0}).error().code, Errc::corrupt);
}

}  // namespace
}  // namespace tally::merkle
