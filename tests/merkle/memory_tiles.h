// SPDX-License-Identifier: Apache-2.0
// Tile-level files in memory, filled as the log fills its files, and strict about what is read from
// them.
#pragma once

#include "merkle/compact_range.h"
#include "merkle/tiles.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace tally::merkle {

class MemoryTiles final : public HashReader {
 public:
  explicit MemoryTiles(TreeHasher& hasher) : hasher_(hasher) {}

  void append(std::string_view entry) {
    const NodeHash leaf = as_node(hasher_.leaf(entry));
    levels_[0].push_back(leaf);
    range_.append(hasher_, leaf,
                  [this](unsigned height, std::uint64_t index, const NodeHash& hash) {
                    if (height % kTileHeight != 0) return;
                    std::vector<NodeHash>& level = levels_[height / kTileHeight];
                    TALLY_CHECK(level.size() == index);
                    level.push_back(hash);
                  });
    size_ = range_.end();
  }

  [[nodiscard]] const CompactRange& range() const { return range_; }
  [[nodiscard]] const std::vector<NodeHash>& level(unsigned i) const { return levels_[i]; }
  /// Pretends that the tree has only `size` leaves: to read beyond is then an error.
  void limit_to(TreeSize size) { size_ = size; }
  [[nodiscard]] int reads() const { return reads_; }

  Result<void> read(unsigned level, std::uint64_t first, std::size_t count,
                    std::vector<NodeHash>& out) override {
    ++reads_;
    const bool in_tile = count >= 1 && first / kTileWidth == (first + count - 1) / kTileWidth;
    if (!in_tile || first + count > hashes_at_level(level, size_)) {
      return fail(Errc::corrupt, "read outside of the tree");
    }
    const auto begin = levels_[level].begin() + static_cast<std::ptrdiff_t>(first);
    out.insert(out.end(), begin, begin + static_cast<std::ptrdiff_t>(count));
    return {};
  }

 private:
  TreeHasher& hasher_;
  std::vector<std::vector<NodeHash>> levels_{kTileLevelsMax};
  CompactRange range_{TreeSize{0}};
  TreeSize size_{0};
  int reads_ = 0;
};

}  // namespace tally::merkle
