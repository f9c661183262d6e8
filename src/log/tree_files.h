// SPDX-License-Identifier: Apache-2.0
// tree/L: the hashes of one tile level each, one flat file per level, derived from the lines.
// Written unsynced on the commit path; whoever relies on them checks the root (docs/format/log.md,
// "tree").
#pragma once

#include "base/ordinal.h"
#include "base/result.h"
#include "log/layout.h"
#include "merkle/tiles.h"
#include "storage/file_system.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace tally::log {

/// Completed nodes waiting to be written, per level, in order.
class TreeBatch {
 public:
  /// Visitor form for CompactRange: keeps nodes whose height is a multiple of 8.
  void add(unsigned height, const merkle::NodeHash& hash);
  void add_leaf(const merkle::LeafHash& hash);
  [[nodiscard]] const std::vector<std::string>& levels() const { return levels_; }
  void clear();

 private:
  std::string& level(std::size_t index);
  std::vector<std::string> levels_;
};

/// Reads any level; opens the files lazily. Not thread-safe.
class TreeReader final : public merkle::HashReader {
 public:
  TreeReader(storage::FileSystem& fs, const Layout& layout, std::size_t digest_bytes)
      : fs_(fs), layout_(layout), digest_bytes_(digest_bytes) {}
  /// Errors: corrupt when the file is too short or missing.
  [[nodiscard]] Result<void> read(unsigned level, std::uint64_t first, std::size_t count,
                                  std::vector<merkle::NodeHash>& out) override;
  /// The raw bytes of the same hashes.
  [[nodiscard]] Result<std::string> read_bytes(unsigned level, std::uint64_t first,
                                               std::uint64_t count);
  /// Size of the level's file in bytes; 0 when there is none.
  [[nodiscard]] Result<std::uint64_t> level_bytes(unsigned level);
  /// Forgets open files (after they may have been replaced).
  void reopen() { files_.clear(); }

 private:
  Result<storage::File*> level_file(unsigned level);
  storage::FileSystem& fs_;
  Layout layout_;
  std::size_t digest_bytes_;
  std::vector<std::unique_ptr<storage::File>> files_;
};

/// The writer's handles. Not thread-safe.
class TreeFiles {
 public:
  TreeFiles(storage::FileSystem& fs, const Layout& layout, std::size_t digest_bytes)
      : fs_(fs), layout_(layout), digest_bytes_(digest_bytes) {}

  /// Writes the batch behind the hashes of a tree of `size`; not synced. A file made here has its
  /// name synced.
  [[nodiscard]] Result<void> append(TreeSize size, const TreeBatch& batch);
  /// Cuts every level to exactly what a tree of `size` has.
  [[nodiscard]] Result<void> truncate(TreeSize size);
  [[nodiscard]] Result<void> sync();
  /// Forgets open files (after the directory was changed by another process).
  void reopen() { files_.clear(); }

 private:
  Result<storage::File*> level_file(unsigned level, bool create);
  storage::FileSystem& fs_;
  Layout layout_;
  std::size_t digest_bytes_;
  std::vector<std::unique_ptr<storage::File>> files_;
};

}  // namespace tally::log
