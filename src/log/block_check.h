// SPDX-License-Identifier: Apache-2.0
// The part of verification that runs in parallel: hashing one block and comparing it with tree/0.
#pragma once

#include "base/ordinal.h"
#include "log/block_source.h"
#include "log/layout.h"
#include "log/tree_files.h"
#include "merkle/compact_range.h"
#include "merkle/tree_hasher.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tally::log {

/// A node of a stored level that was not what the lines give.
struct NodeDifference {
  unsigned level;
  std::uint64_t index;
};

/// What one block gave. `regular`: its numbers rise by one, every line ends, and every leaf hash is
/// the stored one. Whether its first number is the right one only the joiner knows.
struct CheckedBlock {
  Block block;
  bool regular = false;
  merkle::CompactRange range{TreeSize{0}};
  std::vector<NodeDifference> differences;  ///< completed within the block
};

/// One per thread.
class BlockChecker {
 public:
  BlockChecker(storage::FileSystem& fs, const Layout& layout, crypto::HashAlgorithm algorithm);
  [[nodiscard]] CheckedBlock check(Block block);

 private:
  merkle::TreeHasher hasher_;
  TreeReader reader_;
  std::size_t digest_bytes_;
};

/// Whether tree/L holds this node (height a multiple of 8); true for other heights.
[[nodiscard]] bool node_is_stored(TreeReader& reader, unsigned height, std::uint64_t index,
                                  const merkle::NodeHash& hash);

}  // namespace tally::log
