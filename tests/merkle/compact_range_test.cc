// SPDX-License-Identifier: Apache-2.0
// Compact ranges against the reference tree, for every size and every way to join parts of a small
// tree.
#include "merkle/compact_range.h"

#include "merkle/reference_tree.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>

namespace tally::merkle {
namespace {

using crypto::HashAlgorithm;
using Visited = std::map<std::pair<unsigned, std::uint64_t>, NodeHash>;

auto collect(Visited& visited) {
  return [&visited](unsigned height, std::uint64_t index, const NodeHash& hash) {
    EXPECT_TRUE(visited.emplace(std::pair(height, index), hash).second) << "visited twice";
  };
}

CompactRange range_of(ReferenceTree& tree, TreeHasher& hasher, std::uint64_t begin,
                      std::uint64_t end) {
  CompactRange range{TreeSize{begin}};
  for (std::uint64_t i = begin; i < end; ++i) range.append(hasher, as_node(tree.leaf(i)));
  return range;
}

/// All perfect subtrees of height >= 1 within [begin, end).
Visited all_nodes(ReferenceTree& tree, std::uint64_t begin, std::uint64_t end) {
  Visited nodes;
  for (unsigned height = 1; (std::uint64_t{1} << height) <= end; ++height) {
    const std::uint64_t width = std::uint64_t{1} << height;
    for (std::uint64_t index = (begin + width - 1) / width; (index + 1) * width <= end; ++index) {
      nodes.emplace(std::pair(height, index), tree.subtree(index * width, (index + 1) * width));
    }
  }
  return nodes;
}

TEST(RangeNodes, AreTheLargestSubtreesThatCoverTheRange) {
  for (std::uint64_t begin = 0; begin <= 130; ++begin) {
    for (std::uint64_t end = begin; end <= 130; ++end) {
      std::uint64_t position = begin;
      for (const auto& [height, index] : range_nodes(TreeSize{begin}, TreeSize{end})) {
        ASSERT_EQ(index << height, position);
        position = (index + 1) << height;
        ASSERT_LE(position, end);
        const std::uint64_t parent = index / 2;
        ASSERT_TRUE((parent << (height + 1)) < begin || ((parent + 1) << (height + 1)) > end)
            << "the parent fits too";
      }
      ASSERT_EQ(position, end);
    }
  }
}

TEST(RangeNodes, HandleTheLargestNumbers) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(range_nodes(TreeSize{1}, TreeSize{kMax}).size(), 126U);
  EXPECT_EQ(range_nodes(TreeSize{0}, TreeSize{kMax}).size(), 64U);
  EXPECT_TRUE(range_nodes(TreeSize{kMax}, TreeSize{kMax}).empty());
}

void compare_roots(HashAlgorithm algorithm, std::uint64_t size_max) {
  ReferenceTree tree(algorithm);
  tree.grow_to(size_max);
  TreeHasher hasher(algorithm);
  CompactRange range{TreeSize{0}};
  Visited visited;
  for (std::uint64_t size = 0;; ++size) {
    ASSERT_EQ(range.end(), TreeSize{size});
    ASSERT_EQ(range.root(hasher), tree.root(size)) << "size " << size;
    if (size == size_max) break;
    range.append(hasher, as_node(hasher.leaf(tree.entry(size))), collect(visited));
  }
  EXPECT_EQ(visited, all_nodes(tree, 0, size_max));
}

TEST(CompactRange, RootsAndNodesMatchTheReferenceForAllSizes) {
  compare_roots(HashAlgorithm::sha256, 1025);
}

TEST(CompactRange, RootsAndNodesMatchTheReferenceForOtherAlgorithms) {
  compare_roots(HashAlgorithm::sha384, 140);
  compare_roots(HashAlgorithm::sha512, 140);
  compare_roots(HashAlgorithm::sha3_256, 140);
  compare_roots(HashAlgorithm::blake2b512, 140);
}

TEST(CompactRange, VisitsLowestFirst) {
  ReferenceTree tree(HashAlgorithm::sha256);
  tree.grow_to(8);
  TreeHasher hasher(HashAlgorithm::sha256);
  CompactRange range = range_of(tree, hasher, 0, 7);
  std::vector<NodeId> order;
  range.append(hasher, as_node(tree.leaf(7)),
               [&](unsigned height, std::uint64_t index, const NodeHash&) {
                 order.push_back({height, index});
               });
  EXPECT_EQ(order, (std::vector<NodeId>{{1, 3}, {2, 1}, {3, 0}}));
}

TEST(CompactRange, AnyTwoNeighboursJoin) {
  constexpr std::uint64_t kSize = 37;
  ReferenceTree tree(HashAlgorithm::sha256);
  tree.grow_to(kSize);
  TreeHasher hasher(HashAlgorithm::sha256);
  for (std::uint64_t begin = 0; begin <= kSize; ++begin) {
    for (std::uint64_t middle = begin; middle <= kSize; ++middle) {
      for (std::uint64_t end = middle; end <= kSize; ++end) {
        CompactRange joined = range_of(tree, hasher, begin, middle);
        Visited visited = all_nodes(tree, begin, middle);
        visited.merge(all_nodes(tree, middle, end));
        joined.append_range(hasher, range_of(tree, hasher, middle, end), collect(visited));
        ASSERT_EQ(joined.begin(), TreeSize{begin});
        ASSERT_EQ(joined.end(), TreeSize{end});
        ASSERT_EQ(visited, all_nodes(tree, begin, end));
        std::vector<NodeHash> expected;
        for (const auto& [height, index] : range_nodes(TreeSize{begin}, TreeSize{end})) {
          expected.push_back(tree.subtree(index << height, (index + 1) << height));
        }
        ASSERT_EQ(joined.hashes(), expected) << begin << ", " << middle << ", " << end;
      }
    }
  }
}

TEST(CompactRange, PartsOfRandomLengthGiveTheSameRoot) {
  constexpr std::uint64_t kSize = 1000;
  ReferenceTree tree(HashAlgorithm::sha256);
  tree.grow_to(kSize);
  TreeHasher hasher(HashAlgorithm::sha256);
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    CompactRange whole{TreeSize{0}};
    for (std::uint64_t begin = 0; begin < kSize;) {
      const std::uint64_t end = std::min<std::uint64_t>(kSize, begin + random() % 200);
      whole.append_range(hasher, range_of(tree, hasher, begin, end));
      begin = end;
    }
    ASSERT_EQ(whole.root(hasher), tree.root(kSize));
  }
}

TEST(CompactRange, JoinsNearTheLargestNumbers) {
  TreeHasher hasher(HashAlgorithm::sha256);
  const NodeHash leaf = as_node(hasher.leaf("x"));
  for (const std::uint64_t start :
       {(std::uint64_t{1} << 63) - 9, std::numeric_limits<std::uint64_t>::max() - 20}) {
    CompactRange range{TreeSize{start}};
    for (int i = 0; i < 20; ++i) {
      range.append(hasher, leaf);
      ASSERT_EQ(range.hashes().size(), range_nodes(range.begin(), range.end()).size());
    }
  }
}

TEST(CompactRange, AppendDoesNotAllocate) {
  TreeHasher hasher(HashAlgorithm::sha256);
  const NodeHash leaf = as_node(hasher.leaf("x"));
  CompactRange range{TreeSize{0}};
  const NodeHash* const place = range.hashes().data();
  for (int i = 0; i < 70'000; ++i) {
    range.append(hasher, leaf);
    ASSERT_EQ(range.hashes().data(), place);
  }
}

TEST(CompactRange, ComesBackFromItsHashes) {
  ReferenceTree tree(HashAlgorithm::sha256);
  tree.grow_to(45);
  TreeHasher hasher(HashAlgorithm::sha256);
  const CompactRange range = range_of(tree, hasher, 3, 44);
  auto again = CompactRange::from_hashes(TreeSize{3}, TreeSize{44}, range.hashes());
  ASSERT_TRUE(again.has_value());
  again->append(hasher, as_node(tree.leaf(44)));
  EXPECT_EQ(again->hashes(), range_of(tree, hasher, 3, 45).hashes());
}

TEST(CompactRange, RefusesHashesThatDoNotFit) {
  ReferenceTree tree(HashAlgorithm::sha256);
  tree.grow_to(7);
  TreeHasher hasher(HashAlgorithm::sha256);
  const std::vector<NodeHash> hashes = range_of(tree, hasher, 0, 7).hashes();
  ASSERT_EQ(hashes.size(), 3U);
  auto refused = [](std::uint64_t begin, std::uint64_t end, std::vector<NodeHash> list) {
    const auto range = CompactRange::from_hashes(TreeSize{begin}, TreeSize{end}, std::move(list));
    return !range && range.error().code == Errc::malformed;
  };
  EXPECT_TRUE(refused(0, 8, hashes));
  EXPECT_TRUE(refused(7, 0, hashes));
  EXPECT_TRUE(refused(0, 0, hashes));
  EXPECT_TRUE(refused(0, 7, {hashes[0], hashes[1]}));
  EXPECT_TRUE(refused(0, 7, {hashes[0], hashes[1], hashes[2], hashes[2]}));
  TreeHasher sha512(HashAlgorithm::sha512);
  EXPECT_TRUE(refused(0, 7, {hashes[0], hashes[1], as_node(sha512.leaf("a"))}));
}

TEST(CompactRangeDeathTest, RefusesGapsAndPartialRoots) {
  TreeHasher hasher(HashAlgorithm::sha256);
  CompactRange left{TreeSize{0}};
  const CompactRange right{TreeSize{1}};
  EXPECT_DEATH(left.append_range(hasher, right), "begin_");
  EXPECT_DEATH((void)right.root(hasher), "begin_");
}

}  // namespace
}  // namespace tally::merkle
