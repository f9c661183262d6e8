// SPDX-License-Identifier: Apache-2.0
// The committed bytes of a log in order, cut into blocks of whole lines, for several threads to
// hash.
#pragma once

#include "base/ordinal.h"
#include "base/result.h"
#include "log/head.h"
#include "log/layout.h"
#include "log/rehash.h"
#include "storage/file_system.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace tally::log {

/// Whole lines of one segment, each ended by LF (the last one of a damaged segment perhaps not).
struct Block {
  std::uint64_t index;   ///< 0, 1, 2, … over the whole log
  LeafIndex segment;     ///< which segment it is from
  std::uint64_t offset;  ///< of its first byte in that segment
  bool segment_start;    ///< first block of its segment
  std::string bytes;
};

/// Thread-safe: next() reads sequentially under a mutex, one thread at a time. Segments that are
/// missing or short are not an error here; the consumer finds what numbers are missing.
class BlockSource {
 public:
  /// Reads segments that begin before or at head.segment; of the last one only the committed bytes.
  BlockSource(storage::FileSystem& fs, const Layout& layout, const Head& head,
              std::vector<LeafIndex> segments);

  /// Gives only the bytes from one line to before another (nullptr: to the end). Before the first
  /// next().
  void limit(const LinePosition& from, const LinePosition* to);

  /// nullopt at the end. Errors: io.
  [[nodiscard]] Result<std::optional<Block>> next();
  /// Bytes that there are to read.
  [[nodiscard]] std::uint64_t total_bytes() const { return total_; }

 private:
  [[nodiscard]] Result<bool> open_next_segment();
  /// First and last byte of a segment of this size that are to be read.
  struct Bounds {
    std::uint64_t begin;
    std::uint64_t end;
  };
  [[nodiscard]] Bounds bounds_of(LeafIndex segment, std::uint64_t bytes) const;
  void add_up();
  storage::FileSystem& fs_;
  const Layout& layout_;
  const Head& head_;
  std::vector<LeafIndex> segments_;
  std::uint64_t total_ = 0;
  std::optional<LinePosition> from_;
  std::optional<LinePosition> to_;

  std::mutex mutex_;
  std::size_t next_segment_ = 0;
  std::unique_ptr<storage::File> file_;
  LeafIndex segment_{0};
  std::uint64_t at_ = 0;
  std::uint64_t end_ = 0;
  bool segment_start_ = false;
  std::uint64_t next_index_ = 0;
  std::string carry_;  ///< start of a line that goes on in the next block
};

}  // namespace tally::log
