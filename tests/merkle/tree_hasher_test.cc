// SPDX-License-Identifier: Apache-2.0
// Leaf and node hashes against published values and against plain concatenation.
#include "merkle/tree_hasher.h"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace tally::merkle {
namespace {

using crypto::HashAlgorithm;

constexpr HashAlgorithm kAll[] = {HashAlgorithm::sha256, HashAlgorithm::sha384,
                                  HashAlgorithm::sha512, HashAlgorithm::sha3_256,
                                  HashAlgorithm::blake2b512};

static_assert(!std::is_convertible_v<LeafHash, NodeHash>);
static_assert(!std::is_convertible_v<NodeHash, RootHash>);
static_assert(std::is_trivially_copyable_v<NodeHash>);

std::string plain_hash(HashAlgorithm algorithm, const std::string& message) {
  crypto::Hasher hasher(algorithm);
  return hasher.hash<crypto::PlainHashTag>({as_bytes(message)}).to_hex();
}

// transparency-dev/merkle, rfc6962/rfc6962_test.go.
TEST(TreeHasher, MatchesRfc6962Vectors) {
  TreeHasher hasher(HashAlgorithm::sha256);
  EXPECT_EQ(hasher.empty_root().to_hex(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hasher.leaf("").to_hex(),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  EXPECT_EQ(hasher.leaf("L123456").to_hex(),
            "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
}

// golang.org/x/mod, sumdb/tlog/note_test.go.
TEST(TreeHasher, MatchesGoRecordHash) {
  TreeHasher hasher(HashAlgorithm::sha256);
  EXPECT_EQ(hasher.leaf("hello world").to_base64(), "TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=");
}

TEST(TreeHasher, LeafIsPrefixAndEntryForEveryLengthAndAlgorithm) {
  for (const HashAlgorithm algorithm : kAll) {
    TreeHasher hasher(algorithm);
    EXPECT_EQ(hasher.empty_root().to_hex(), plain_hash(algorithm, ""));
    for (const std::size_t length : {0U, 1U, 54U, 55U, 62U, 63U, 64U, 65U, 127U, 128U, 500U, 1022U,
                                     1023U, 1024U, 1025U, 48'000U}) {
      const std::string entry(length, 'e');
      EXPECT_EQ(hasher.leaf(entry).to_hex(), plain_hash(algorithm, std::string(1, '\x00') + entry))
          << crypto::hash_name(algorithm) << ", " << length << " bytes";
    }
  }
}

TEST(TreeHasher, NodeIsPrefixLeftAndRight) {
  for (const HashAlgorithm algorithm : kAll) {
    TreeHasher hasher(algorithm);
    const NodeHash left = as_node(hasher.leaf("left"));
    const NodeHash right = as_node(hasher.leaf("right"));
    const std::string message = std::string(1, '\x01') + std::string(as_text(left.bytes())) +
                                std::string(as_text(right.bytes()));
    EXPECT_EQ(hasher.node(left, right).to_hex(), plain_hash(algorithm, message));
    EXPECT_NE(hasher.node(left, right), hasher.node(right, left));
    EXPECT_EQ(hasher.node(left, right).size(), crypto::digest_bytes(algorithm));
    // A leaf that holds two hashes is not their parent (second preimage).
    EXPECT_NE(as_node(hasher.leaf(message.substr(1))), hasher.node(left, right));
  }
}

TEST(TreeHasher, StaysUsableAfterMove) {
  TreeHasher first(HashAlgorithm::sha3_256);
  const LeafHash before = first.leaf("entry");
  TreeHasher second = std::move(first);
  EXPECT_EQ(second.leaf("entry"), before);
  EXPECT_EQ(second.algorithm(), HashAlgorithm::sha3_256);
}

TEST(TreeHasherDeathTest, RefusesHashesOfAnotherAlgorithm) {
  TreeHasher sha256(HashAlgorithm::sha256);
  TreeHasher sha512(HashAlgorithm::sha512);
  const NodeHash short_hash = as_node(sha256.leaf("a"));
  const NodeHash long_hash = as_node(sha512.leaf("a"));
  EXPECT_DEATH((void)sha256.node(short_hash, long_hash), "size");
}

}  // namespace
}  // namespace tally::merkle
