// SPDX-License-Identifier: Apache-2.0
// Single lines of the log by number, quickly wherever they stand.
#pragma once

#include "base/result.h"
#include "log/reader.h"
#include "storage/file_system.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::index {

/// Keeps a window of lines and open segments. For one thread at a time.
class LineSource {
 public:
  /// Errors: those of log::Reader::open().
  [[nodiscard]] static Result<LineSource> open(storage::FileSystem& fs, std::string directory);

  /// The line without LF; valid until the next call. Errors: not_found when it is not committed;
  /// corrupt, io.
  [[nodiscard]] Result<std::string_view> line(std::uint64_t seq);

 private:
  struct Segment {
    std::unique_ptr<storage::File> file;
    std::uint64_t bytes;
    std::uint64_t first;  ///< number of its first line
    std::uint64_t lines;
  };
  /// A line's number and where it begins, or the end of all lines.
  struct Place {
    std::uint64_t seq;
    std::uint64_t offset;
  };
  LineSource(storage::FileSystem& fs, log::Reader reader) : fs_(&fs), reader_(std::move(reader)) {}
  [[nodiscard]] Result<void> look();
  [[nodiscard]] Result<Segment*> segment_of(std::uint64_t seq);
  [[nodiscard]] Result<bool> guess(std::uint64_t seq);
  [[nodiscard]] Result<void> bisect(std::uint64_t seq);
  [[nodiscard]] Result<void> read(Segment& segment, std::uint64_t begin, std::uint64_t end,
                                  bool at_line);
  [[nodiscard]] std::optional<std::string_view> in_window(std::uint64_t seq) const;

  storage::FileSystem* fs_;
  log::Reader reader_;
  std::optional<log::Head> head_;
  std::vector<LeafIndex> firsts_;  ///< of the segments
  std::map<std::uint64_t, Segment> open_;
  std::string window_;             ///< whole lines
  std::vector<std::size_t> ends_;  ///< of the lines in window_, without their LF
  std::uint64_t window_segment_ = 0;
  std::uint64_t window_offset_ = 0;
  std::uint64_t window_first_ = 0;
};

}  // namespace tally::index
