// SPDX-License-Identifier: Apache-2.0
// Hashing committed lines again, as they are read back from disk: what recovery and the publisher
// both rest on.
#pragma once

#include "base/ordinal.h"
#include "base/result.h"
#include "log/head.h"
#include "log/layout.h"
#include "log/tree_files.h"
#include "merkle/compact_range.h"
#include "merkle/tree_hasher.h"
#include "storage/file_system.h"

#include <functional>
#include <vector>

namespace tally::log {

/// Told of every hash that was recomputed.
struct RehashVisitor {
  std::function<void(const merkle::LeafHash&)> leaf;
  std::function<void(unsigned height, std::uint64_t index, const merkle::NodeHash&)> node;
};

/// Extends `range` (the tree up to range.end()) by the lines up to head.size, checking numbers,
/// line ends and that the last segment holds exactly head.segment_bytes of them. Errors: corrupt,
/// naming the entry.
[[nodiscard]] Result<void> rehash_lines(storage::FileSystem& fs, const Layout& layout,
                                        const Head& head, merkle::TreeHasher& hasher,
                                        merkle::CompactRange& range, const RehashVisitor& visitor);

/// Compares recomputed hashes with tree/L; remembers the first difference.
class TreeComparison {
 public:
  TreeComparison(TreeReader& reader, std::size_t digest_bytes)
      : reader_(reader), digest_bytes_(digest_bytes) {}
  /// Collects hashes; the comparison must outlive it.
  [[nodiscard]] RehashVisitor visitor();
  /// Compares what was collected; `from` is the tree size before the first line. "" when all are
  /// equal, else what differs first.
  [[nodiscard]] std::string difference(TreeSize from);

 private:
  TreeReader& reader_;
  std::size_t digest_bytes_;
  TreeBatch batch_;
};

/// Segment and offset where the line with number `seq` starts; seq must be committed.
struct LinePosition {
  LeafIndex segment;
  std::uint64_t offset;
};
[[nodiscard]] Result<LinePosition> locate_line(storage::FileSystem& fs, const Layout& layout,
                                               const Head& head, LeafIndex seq);
/// The same for who has listed the segments already (list_segments()).
[[nodiscard]] Result<LinePosition> locate_line(storage::FileSystem& fs, const Layout& layout,
                                               const Head& head,
                                               const std::vector<LeafIndex>& segments,
                                               LeafIndex seq);

}  // namespace tally::log
