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
    const std::map<std::uint64_t, merkle::LeafHash>& instead) {
  std::map<std::uint64_t, merkle::RootHash> out;
  merkle::CompactRange range{TreeSize{0}};
  std::vector<merkle::NodeHash> tile;
  for (const std::uint64_t size : sizes) {
    while (range.end().value() < size) {
      const std::uint64_t at = range.end().value();
      const std::uint64_t in_tile = merkle::kTileWidth - at % merkle::kTileWidth;
      const auto count = static_cast<std::size_t>(std::min(in_tile, size - at));
      tile.clear();
      if (!reader.read(0, at, count, tile)) return out;
      for (std::size_t i = 0; i < count; ++i) {
        const auto other = instead.find(at + i);
        range.append(hasher, other == instead.end() ? tile[i] : merkle::as_node(other->second));
      }
    }
    out.emplace(size, range.root(hasher));
  }
  return out;
}

}  // namespace tally::log
