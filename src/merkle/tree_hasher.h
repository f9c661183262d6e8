// SPDX-License-Identifier: Apache-2.0
// Leaf and node hashes of RFC 6962 section 2.1, with any of our hash algorithms.
#pragma once

#include "crypto/hash.h"
#include "merkle/hash_types.h"

#include <string_view>

namespace tally::merkle {

/// Hashes leaves and nodes. Movable; not thread-safe: one per thread. Making one
/// costs as much as hashing a node, so keep it.
class TreeHasher {
 public:
  explicit TreeHasher(crypto::HashAlgorithm algorithm) : hasher_(algorithm) {}

  [[nodiscard]] crypto::HashAlgorithm algorithm() const { return hasher_.algorithm(); }
  /// Bytes of every hash of this tree.
  [[nodiscard]] std::size_t digest_size() const { return hasher_.digest_size(); }

  /// H(0x00 || entry). For the log: the bytes of a line without its LF.
  [[nodiscard]] LeafHash leaf(std::string_view entry);
  /// H(0x01 || left || right). Both must be of this tree's digest size (our own bug otherwise).
  [[nodiscard]] NodeHash node(const NodeHash& left, const NodeHash& right);
  /// H(""): the root of the tree without entries.
  [[nodiscard]] RootHash empty_root();

 private:
  crypto::Hasher hasher_;
};

}  // namespace tally::merkle
