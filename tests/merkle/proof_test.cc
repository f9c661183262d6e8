// SPDX-License-Identifier: Apache-2.0
// Proofs: published ones, all that the reference tree gives, and that nothing else is accepted.
#include "merkle/proof.h"

#include "merkle/memory_tiles.h"
#include "merkle/reference_tree.h"
#include "merkle/rfc_vectors.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace tally::merkle {
namespace {

using crypto::HashAlgorithm;
using Proof = std::vector<NodeHash>;

/// A reference tree and the same tree as the log stores it.
struct Trees {
  Trees(HashAlgorithm algorithm, std::uint64_t size)
      : reference(algorithm), hasher(algorithm), tiles(hasher) {
    reference.grow_to(size);
    for (std::uint64_t i = 0; i < size; ++i) tiles.append(reference.entry(i));
  }
  ReferenceTree reference;
  TreeHasher hasher;
  MemoryTiles tiles;
};

TEST(Proof, MatchesPublishedInclusionProofs) {
  TreeHasher hasher(HashAlgorithm::sha256);
  MemoryTiles tiles(hasher);
  for (const std::string& entry : vector_entries()) tiles.append(entry);
  const std::vector<RootHash> roots = vector_roots();
  struct Case {
    std::uint64_t index;
    std::uint64_t size;
    Proof proof;
  };
  const Case cases[] = {{0, 1, {}},
                        {0, 8, {node_1_2(), node_2_4(), node_4_8()}},
                        {5, 8, {node_4_5(), node_6_8(), node_0_4()}},
                        {2, 3, {node_0_2()}},
                        {1, 5, {node_0_1(), node_2_4(), node_4_5()}}};
  for (const Case& c : cases) {
    const auto proof = inclusion_proof(hasher, tiles, LeafIndex{c.index}, TreeSize{c.size});
    ASSERT_TRUE(proof.has_value());
    EXPECT_EQ(*proof, c.proof) << c.index << " of " << c.size;
    const LeafHash leaf = hasher.leaf(vector_entries()[c.index]);
    EXPECT_EQ(verify_inclusion(hasher, LeafIndex{c.index}, TreeSize{c.size}, leaf, c.proof,
                               roots[c.size]),
              Verdict{Match{}});
  }
}

TEST(Proof, MatchesPublishedConsistencyProofs) {
  TreeHasher hasher(HashAlgorithm::sha256);
  MemoryTiles tiles(hasher);
  for (const std::string& entry : vector_entries()) tiles.append(entry);
  const std::vector<RootHash> roots = vector_roots();
  struct Case {
    std::uint64_t old_size;
    std::uint64_t new_size;
    Proof proof;
  };
  const Case cases[] = {{1, 1, {}},
                        {1, 8, {node_1_2(), node_2_4(), node_4_8()}},
                        {6, 8, {node_4_6(), node_6_8(), node_0_4()}},
                        {2, 5, {node_2_4(), node_4_5()}},
                        {6, 7, {node_4_6(), node_6_7(), node_0_4()}}};
  for (const Case& c : cases) {
    const auto proof = consistency_proof(hasher, tiles, TreeSize{c.old_size}, TreeSize{c.new_size});
    ASSERT_TRUE(proof.has_value());
    EXPECT_EQ(*proof, c.proof) << c.old_size << " to " << c.new_size;
    EXPECT_EQ(verify_consistency(hasher, TreeSize{c.old_size}, roots[c.old_size],
                                 TreeSize{c.new_size}, roots[c.new_size], c.proof),
              Verdict{Match{}});
  }
}

void check_inclusion_at(Trees& trees, std::uint64_t size) {
  trees.tiles.limit_to(TreeSize{size});
  const RootHash root = trees.reference.root(size);
  for (std::uint64_t i = 0; i < size; ++i) {
    const auto proof = inclusion_proof(trees.hasher, trees.tiles, LeafIndex{i}, TreeSize{size});
    ASSERT_TRUE(proof.has_value()) << proof.error().detail;
    ASSERT_EQ(*proof, trees.reference.path(i, size)) << i << " of " << size;
    const Verdict verdict = verify_inclusion(trees.hasher, LeafIndex{i}, TreeSize{size},
                                             trees.reference.leaf(i), *proof, root);
    ASSERT_EQ(verdict, Verdict{Match{}}) << describe(verdict);
  }
}

void check_consistency_of(Trees& trees, std::uint64_t old_size, std::uint64_t new_size) {
  trees.tiles.limit_to(TreeSize{new_size});
  const auto proof =
      consistency_proof(trees.hasher, trees.tiles, TreeSize{old_size}, TreeSize{new_size});
  ASSERT_TRUE(proof.has_value()) << proof.error().detail;
  const Proof expected = old_size == 0 ? Proof{} : trees.reference.proof(old_size, new_size);
  ASSERT_EQ(*proof, expected) << old_size << " to " << new_size;
  const Verdict verdict =
      verify_consistency(trees.hasher, TreeSize{old_size}, trees.reference.root(old_size),
                         TreeSize{new_size}, trees.reference.root(new_size), *proof);
  ASSERT_EQ(verdict, Verdict{Match{}}) << describe(verdict);
}

TEST(Proof, InclusionMatchesTheReferenceForAllLeaves) {
  Trees trees(HashAlgorithm::sha256, 1025);
  for (std::uint64_t size = 1; size <= 66; ++size) check_inclusion_at(trees, size);
  for (const std::uint64_t size :
       {127, 128, 129, 255, 256, 257, 511, 512, 513, 700, 1000, 1023, 1024, 1025}) {
    check_inclusion_at(trees, size);
  }
}

TEST(Proof, ConsistencyMatchesTheReferenceForAllPairs) {
  Trees trees(HashAlgorithm::sha256, 1025);
  for (std::uint64_t now = 0; now <= 130; ++now) {
    for (std::uint64_t old = 0; old <= now; ++old) check_consistency_of(trees, old, now);
  }
  std::mt19937 random(2);
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t now = 131 + random() % (1025 - 130);
    check_consistency_of(trees, random() % (now + 1), now);
  }
}

TEST(Proof, MatchesTheReferenceForOtherAlgorithms) {
  for (const HashAlgorithm algorithm : {HashAlgorithm::sha384, HashAlgorithm::sha512,
                                        HashAlgorithm::sha3_256, HashAlgorithm::blake2b512}) {
    Trees trees(algorithm, 270);
    for (const std::uint64_t size : {1, 2, 3, 7, 8, 64, 65, 255, 256, 257, 270}) {
      check_inclusion_at(trees, size);
      for (std::uint64_t old = 0; old <= size; old += 3) check_consistency_of(trees, old, size);
    }
  }
}

TEST(Proof, RefusesToProveWhatIsNotThere) {
  Trees trees(HashAlgorithm::sha256, 5);
  EXPECT_EQ(inclusion_proof(trees.hasher, trees.tiles, LeafIndex{5}, TreeSize{5}).error().code,
            Errc::invalid_argument);
  EXPECT_EQ(inclusion_proof(trees.hasher, trees.tiles, LeafIndex{0}, TreeSize{0}).error().code,
            Errc::invalid_argument);
  EXPECT_EQ(consistency_proof(trees.hasher, trees.tiles, TreeSize{5}, TreeSize{4}).error().code,
            Errc::invalid_argument);
  EXPECT_EQ(inclusion_proof(trees.hasher, trees.tiles, LeafIndex{5}, TreeSize{9}).error().code,
            Errc::corrupt);
}

NodeHash flip(const NodeHash& hash, std::size_t bit) {
  std::string bytes(as_text(hash.bytes()));
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  return NodeHash::from_bytes(as_bytes(bytes));
}

/// Every way to spoil a list of hashes that leaves another list.
std::vector<Proof> spoiled(const Proof& proof, const NodeHash& other) {
  std::vector<Proof> all;
  for (std::size_t i = 0; i < proof.size(); ++i) {
    Proof p = proof;
    p[i] = flip(p[i], (i * 37) % 256);
    all.push_back(p);
    p = proof;
    p.erase(p.begin() + static_cast<std::ptrdiff_t>(i));
    all.push_back(p);
    p = proof;
    p.insert(p.begin() + static_cast<std::ptrdiff_t>(i), proof[i]);
    all.push_back(p);
    if (i > 0) {
      p = proof;
      std::swap(p[i - 1], p[i]);
      all.push_back(p);
    }
  }
  for (std::size_t i = 0; i <= proof.size(); ++i) {
    Proof p = proof;
    p.insert(p.begin() + static_cast<std::ptrdiff_t>(i), other);
    all.push_back(p);
  }
  return all;
}

TEST(Proof, SpoiledInclusionProofsAreRefused) {
  Trees trees(HashAlgorithm::sha256, 70);
  for (std::uint64_t size = 1; size <= 70; ++size) {
    const RootHash root = trees.reference.root(size);
    const auto root_node = NodeHash::from_bytes(root.bytes());
    for (std::uint64_t i = 0; i < size; ++i) {
      const Proof proof = trees.reference.path(i, size);
      const LeafHash leaf = trees.reference.leaf(i);
      const auto verify = [&](std::uint64_t index, std::uint64_t n, const LeafHash& l,
                              const Proof& p, const RootHash& r) {
        return is_match(verify_inclusion(trees.hasher, LeafIndex{index}, TreeSize{n}, l, p, r));
      };
      ASSERT_TRUE(verify(i, size, leaf, proof, root));
      for (const Proof& bad : spoiled(proof, root_node))
        ASSERT_FALSE(verify(i, size, leaf, bad, root));
      for (std::uint64_t j = 0; j < size + 3; ++j)
        ASSERT_EQ(verify(j, size, leaf, proof, root), i == j);
      ASSERT_FALSE(verify(i, 2 * size, leaf, proof, root));
      ASSERT_FALSE(verify(i, 0, leaf, proof, root));
      ASSERT_FALSE(verify(i, size, trees.hasher.leaf("another"), proof, root));
      ASSERT_FALSE(verify(i, size, leaf, proof, trees.hasher.empty_root()));
    }
  }
}

TEST(Proof, SpoiledConsistencyProofsAreRefused) {
  Trees trees(HashAlgorithm::sha256, 40);
  for (std::uint64_t now = 1; now <= 40; ++now) {
    const RootHash root = trees.reference.root(now);
    for (std::uint64_t old = 1; old < now; ++old) {
      const RootHash old_root = trees.reference.root(old);
      const Proof proof = trees.reference.proof(old, now);
      const auto verify = [&](std::uint64_t m, const RootHash& mr, std::uint64_t n,
                              const RootHash& nr, const Proof& p) {
        return is_match(verify_consistency(trees.hasher, TreeSize{m}, mr, TreeSize{n}, nr, p));
      };
      ASSERT_TRUE(verify(old, old_root, now, root, proof));
      for (const NodeHash& extra :
           {NodeHash::from_bytes(root.bytes()), NodeHash::from_bytes(old_root.bytes())}) {
        for (const Proof& bad : spoiled(proof, extra))
          ASSERT_FALSE(verify(old, old_root, now, root, bad));
      }
      ASSERT_FALSE(verify(old, old_root, now, root, {}));
      ASSERT_FALSE(verify(old, root, now, old_root, proof));
      ASSERT_FALSE(verify(old, old_root, now, old_root, proof));
      ASSERT_FALSE(verify(old, root, now, root, proof));
      ASSERT_FALSE(verify(0, old_root, now, root, proof));
      ASSERT_FALSE(verify(now, old_root, old, root, proof));
      ASSERT_FALSE(verify(now, old_root, now, root, proof));
    }
  }
}

TEST(Proof, AnotherOldSizeIsRefused) {
  Trees trees(HashAlgorithm::sha256, 40);
  for (std::uint64_t now = 2; now <= 40; ++now) {
    for (std::uint64_t old = 1; old < now; ++old) {
      const Proof proof = trees.reference.proof(old, now);
      for (std::uint64_t other = 1; other < now; ++other) {
        const bool accepted =
            is_match(verify_consistency(trees.hasher, TreeSize{other}, trees.reference.root(old),
                                        TreeSize{now}, trees.reference.root(now), proof));
        ASSERT_EQ(accepted, other == old) << old << " taken for " << other << " of " << now;
      }
    }
  }
}

TEST(Proof, EmptyAndEqualTreesAreTheirOwnCases) {
  TreeHasher hasher(HashAlgorithm::sha256);
  const RootHash empty = hasher.empty_root();
  const RootHash some = as_root(as_node(hasher.leaf("some")));
  const RootHash other = as_root(as_node(hasher.leaf("other")));
  const auto verify = [&](std::uint64_t m, const RootHash& mr, std::uint64_t n, const RootHash& nr,
                          const Proof& p) {
    return verify_consistency(hasher, TreeSize{m}, mr, TreeSize{n}, nr, p);
  };
  EXPECT_TRUE(is_match(verify(0, empty, 0, empty, {})));
  EXPECT_TRUE(is_match(verify(0, empty, 5, some, {})));
  EXPECT_TRUE(is_match(verify(5, some, 5, some, {})));
  EXPECT_EQ(verify(0, some, 5, other, {}), (Verdict{RootMismatch{some, empty}}));
  EXPECT_EQ(verify(0, empty, 0, some, {}), (Verdict{RootMismatch{some, empty}}));
  EXPECT_EQ(verify(5, some, 5, other, {}), (Verdict{RootMismatch{some, other}}));
  const Proof extra{as_node(hasher.leaf("x"))};
  EXPECT_TRUE(std::holds_alternative<ProofMalformed>(verify(0, empty, 0, empty, extra)));
  EXPECT_TRUE(std::holds_alternative<ProofMalformed>(verify(0, empty, 1, some, extra)));
  EXPECT_TRUE(std::holds_alternative<ProofMalformed>(verify(5, some, 5, some, extra)));
  EXPECT_TRUE(std::holds_alternative<ProofMalformed>(verify(5, some, 4, some, {})));
  EXPECT_TRUE(std::holds_alternative<ProofMalformed>(verify(4, some, 5, some, {})));
}

TEST(Proof, HashesOfAnotherLengthAreMalformed) {
  Trees trees(HashAlgorithm::sha256, 3);
  TreeHasher sha512(HashAlgorithm::sha512);
  const NodeHash longer = as_node(sha512.leaf("a"));
  const RootHash root = trees.reference.root(3);
  const LeafHash leaf = trees.reference.leaf(0);
  const auto malformed = [](const Verdict& v) { return std::holds_alternative<ProofMalformed>(v); };
  Proof proof = trees.reference.path(0, 3);
  EXPECT_TRUE(malformed(verify_inclusion(sha512, LeafIndex{0}, TreeSize{3}, leaf, proof, root)));
  EXPECT_TRUE(malformed(
      verify_inclusion(trees.hasher, LeafIndex{0}, TreeSize{3}, sha512.leaf("a"), proof, root)));
  EXPECT_TRUE(malformed(
      verify_inclusion(trees.hasher, LeafIndex{0}, TreeSize{3}, leaf, proof, as_root(longer))));
  proof[0] = longer;
  EXPECT_TRUE(
      malformed(verify_inclusion(trees.hasher, LeafIndex{0}, TreeSize{3}, leaf, proof, root)));
  const Proof consistency{longer, longer};
  EXPECT_TRUE(malformed(verify_consistency(trees.hasher, TreeSize{2}, trees.reference.root(2),
                                           TreeSize{3}, root, consistency)));
  EXPECT_TRUE(malformed(verify_consistency(trees.hasher, TreeSize{3}, as_root(longer), TreeSize{3},
                                           as_root(longer), {})));
}

TEST(Proof, LargestTreesNeitherOverflowNorLoop) {
  TreeHasher hasher(HashAlgorithm::sha256);
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(inclusion_nodes(LeafIndex{0}, TreeSize{kMax}).size(), 64U);
  EXPECT_EQ(inclusion_nodes(LeafIndex{kMax - 1}, TreeSize{kMax}).size(), 63U);
  EXPECT_EQ(consistency_nodes(TreeSize{1}, TreeSize{kMax}).size(), 64U);
  EXPECT_LE(consistency_nodes(TreeSize{kMax - 1}, TreeSize{kMax}).size(), 64U);
  const Proof path(64, as_node(hasher.leaf("p")));
  const RootHash root = hasher.empty_root();
  EXPECT_TRUE(std::holds_alternative<RootMismatch>(
      verify_inclusion(hasher, LeafIndex{0}, TreeSize{kMax}, hasher.leaf("a"), path, root)));
  EXPECT_TRUE(std::holds_alternative<RootMismatch>(
      verify_consistency(hasher, TreeSize{1}, root, TreeSize{kMax}, root, path)));
}

TEST(Proof, VerdictsAreReadable) {
  TreeHasher hasher(HashAlgorithm::sha256);
  const RootHash a = hasher.empty_root();
  const RootHash b = as_root(as_node(hasher.leaf("")));
  EXPECT_EQ(describe(Match{}), "match");
  EXPECT_EQ(describe(ProofMalformed{"why"}), "malformed proof: why");
  EXPECT_EQ(describe(RootMismatch{a, b}),
            "root mismatch: expected " + a.to_base64() + ", computed " + b.to_base64());
}

}  // namespace
}  // namespace tally::merkle
