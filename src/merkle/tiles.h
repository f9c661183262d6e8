// SPDX-License-Identifier: Apache-2.0
// Where hashes lie in flat tile-level files (tree/0, tree/1, …), and trees read back from them.
#pragma once

#include "base/ordinal.h"
#include "base/result.h"
#include "merkle/compact_range.h"
#include "merkle/hash_types.h"
#include "merkle/tree_hasher.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tally::merkle {

/// A tile holds 256 hashes and stands for 8 levels of the tree (C2SP tlog-tiles). File tree/L holds
/// the nodes of height 8·L, index i at byte digest_size·i; so tile N is [256·h·N, +256·h) and a
/// partial tile is a prefix.
inline constexpr unsigned kTileHeight = 8;
inline constexpr std::uint64_t kTileWidth = std::uint64_t{1} << kTileHeight;
/// Levels 0 to 7: 256^8 leaves are more than 64 bits count.
inline constexpr unsigned kTileLevelsMax = 8;

/// Number of hashes that file tree/`level` holds for a tree of this size: floor(size / 256^level).
[[nodiscard]] std::uint64_t hashes_at_level(unsigned level, TreeSize size);
/// Number of levels with at least one hash; 0 for the empty tree.
[[nodiscard]] unsigned tile_levels(TreeSize size);
/// Byte offset of hash `index` in its file.
[[nodiscard]] std::uint64_t tile_offset(std::uint64_t index, std::size_t digest_size);

/// Reads stored hashes. Implemented over files (log), over memory (tests), over fetched tiles
/// (mirror).
class HashReader {
 public:
  virtual ~HashReader() = default;
  /// Appends hashes [first, first + count) of tree/`level` to `out`, exactly `count` of them. 1 <=
  /// count <= 256, and the run never crosses a tile. Errors: those of the store; corrupt when the
  /// file is too short.
  [[nodiscard]] virtual Result<void> read(unsigned level, std::uint64_t first, std::size_t count,
                                          std::vector<NodeHash>& out) = 0;
};

/// Frontier [0, size) of a stored tree: one read of at most 255 hashes at each level. The store is
/// trusted: compare root() of the result with a known root.
[[nodiscard]] Result<CompactRange> range_from_tiles(TreeHasher& hasher, HashReader& reader,
                                                    TreeSize size);

/// Hash of one perfect subtree: one read of at most 128 hashes. The tree must contain the subtree.
[[nodiscard]] Result<NodeHash> node_from_tiles(TreeHasher& hasher, HashReader& reader, NodeId node);

}  // namespace tally::merkle
