// SPDX-License-Identifier: Apache-2.0
#include "merkle/tiles.h"

#include "base/check.h"

#include <span>
#include <string>
#include <utility>

namespace tally::merkle {
namespace {

/// Hash of the perfect subtree over `hashes`, a power of two of them; overwrites them.
NodeHash fold(TreeHasher& hasher, std::span<NodeHash> hashes) {
  for (std::size_t width = hashes.size(); width > 1; width /= 2) {
    for (std::size_t i = 0; i < width / 2; ++i) {
      hashes[i] = hasher.node(hashes[2 * i], hashes[2 * i + 1]);
    }
  }
  return hashes.front();
}

/// read(), with what the reader promises checked.
Result<std::vector<NodeHash>> read_checked(TreeHasher& hasher, HashReader& reader, unsigned level,
                                           std::uint64_t first, std::size_t count) {
  std::vector<NodeHash> hashes;
  hashes.reserve(count);
  TALLY_TRY_VOID(reader.read(level, first, count, hashes));
  bool complete = hashes.size() == count;
  for (const NodeHash& hash : hashes) complete = complete && hash.size() == hasher.digest_size();
  if (!complete) {
    return fail(Errc::corrupt, "tree level " + std::to_string(level) + ": hashes from " +
                                   std::to_string(first) + " are missing or of another length");
  }
  return hashes;
}

}  // namespace

std::uint64_t hashes_at_level(unsigned level, TreeSize size) {
  TALLY_CHECK(level < kTileLevelsMax);
  return size.value() >> (kTileHeight * level);
}

unsigned tile_levels(TreeSize size) {
  unsigned levels = 0;
  while (levels < kTileLevelsMax && hashes_at_level(levels, size) > 0) ++levels;
  return levels;
}

std::uint64_t tile_offset(std::uint64_t index, std::size_t digest_size) {
  return index * digest_size;
}

Result<CompactRange> range_from_tiles(TreeHasher& hasher, HashReader& reader, TreeSize size) {
  std::vector<NodeHash> frontier;
  for (unsigned level = tile_levels(size); level-- > 0;) {
    const std::uint64_t stored = hashes_at_level(level, size);
    const auto count = static_cast<std::size_t>(stored % kTileWidth);
    if (count == 0) continue;
    TALLY_TRY(std::vector<NodeHash> hashes,
              read_checked(hasher, reader, level, stored - count, count));
    // The bits of count are the perfect subtrees in the partial tile, the largest one leftmost.
    std::span<NodeHash> rest(hashes);
    for (std::size_t width = kTileWidth / 2; width > 0; width /= 2) {
      if ((count & width) == 0) continue;
      frontier.push_back(fold(hasher, rest.first(width)));
      rest = rest.subspan(width);
    }
  }
  return CompactRange::from_hashes(TreeSize{0}, size, std::move(frontier));
}

Result<NodeHash> node_from_tiles(TreeHasher& hasher, HashReader& reader, NodeId node) {
  TALLY_CHECK(node.height < 64);
  const unsigned height_in_tile = node.height % kTileHeight;
  const std::size_t count = std::size_t{1} << height_in_tile;
  TALLY_TRY(std::vector<NodeHash> hashes, read_checked(hasher, reader, node.height / kTileHeight,
                                                       node.index << height_in_tile, count));
  return fold(hasher, hashes);
}

}  // namespace tally::merkle
