// SPDX-License-Identifier: Apache-2.0
#include "log/root_points.h"

#include <algorithm>
#include <vector>

namespace tally::log {

Result<std::map<std::uint64_t, merkle::RootHash>> roots_from_tiles(
    merkle::TreeHasher& hasher, TreeReader& reader, const std::set<std::uint64_t>& sizes) {
  std::map<std::uint64_t, merkle::RootHash> out;
  for (const std::uint64_t size : sizes) {
    TALLY_TRY(const auto range, merkle::range_from_tiles(hasher, reader, TreeSize{size}));
    out.emplace(size, range.root(hasher));
  }
  return out;
}

std::map<std::uint64_t, merkle::RootHash> roots_from_leaves(
    merkle::TreeHasher& hasher, TreeReader& reader, const std::set<std::uint64_t>& sizes,
    const std::map<std::uint64_t, merkle::LeafHash>& instead, const std::atomic<bool>* stop) {
  std::map<std::uint64_t, merkle::RootHash> out;
  merkle::CompactRange range{TreeSize{0}};
  std::vector<merkle::NodeHash> tile;
  for (const std::uint64_t size : sizes) {
    while (range.end().value() < size) {
      const std::uint64_t at = range.end().value();
      const std::uint64_t in_tile = merkle::kTileWidth - at % merkle::kTileWidth;
      const auto count = static_cast<std::size_t>(std::min(in_tile, size - at));
      tile.clear();
      if (stop != nullptr && *stop) return out;
      const bool whole = reader.read(0, at, count, tile).has_value();
      for (std::size_t i = 0; i < count; ++i) {
        const auto other = instead.find(at + i);
        if (other != instead.end()) {
          range.append(hasher, merkle::as_node(other->second));
          continue;
        }
        if (!whole) {  // the file was cut: there may be the beginning of the tile
          tile.clear();
          if (!reader.read(0, at + i, 1, tile)) return out;
        }
        range.append(hasher, whole ? tile[i] : tile.front());
      }
    }
    out.emplace(size, range.root(hasher));
  }
  return out;
}

}  // namespace tally::log
