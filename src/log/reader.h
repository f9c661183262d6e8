// SPDX-License-Identifier: Apache-2.0
// Reading committed entries. Readers never wait for writers, never cut, and never go behind what a
// power cut could take back. They trust the bytes: proof and verification are other classes.
#pragma once

#include "base/result.h"
#include "log/head.h"
#include "log/layout.h"
#include "log/lock_file.h"
#include "log/log_info.h"
#include "storage/file_system.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::log {

/// Not thread-safe; open one per thread. Cheap to keep open: it sees what was committed since with
/// each head().
class Reader {
 public:
  /// Errors: not_found when there is no log; unsupported for a newer format; malformed.
  [[nodiscard]] static Result<Reader> open(storage::FileSystem& fs, std::string directory);

  [[nodiscard]] const LogInfo& info() const { return info_; }
  [[nodiscard]] const Layout& layout() const { return layout_; }

  /// The newest head that is durable for certain. Does not check its MAC (that needs the key).
  /// Errors: corrupt when no slot is valid.
  [[nodiscard]] Result<Head> head();

  /// A line without its LF; false ends the scan.
  using Visitor = std::function<bool(LeafIndex seq, std::string_view line)>;
  /// Entries [first, head.size), oldest first. Numbers are positions: a line with another number is
  /// an error. Whoever goes on where the last scan ended pays for no search.
  [[nodiscard]] Result<void> scan(const Head& head, LeafIndex first, const Visitor& visit);
  /// Entries [0, end), newest first; end <= head.size.
  [[nodiscard]] Result<void> scan_backward(const Head& head, TreeSize end, const Visitor& visit);
  /// One entry's line. Errors: not_found when it is not committed, corrupt.
  [[nodiscard]] Result<std::string> line(const Head& head, LeafIndex seq);

 private:
  Reader(storage::FileSystem& fs, Layout layout, LogInfo info)
      : fs_(&fs), layout_(std::move(layout)), info_(std::move(info)) {}
  struct Visited {
    LeafIndex seq;
    LeafIndex segment;
    std::uint64_t offset;
    std::uint64_t bytes;  // with the LF
  };
  struct Start {
    LeafIndex segment;
    std::uint64_t offset;
    bool found;  // in the log as it is; otherwise it was there once
  };
  [[nodiscard]] Result<std::optional<HeadSlot>> durable_slot(storage::File& file);
  [[nodiscard]] std::optional<Start> remembered(LeafIndex seq) const;
  [[nodiscard]] Result<void> scan_from(const Head& head, const std::vector<LeafIndex>& segments,
                                       const Start& start, LeafIndex& next, const Visitor& visit);
  [[nodiscard]] Result<std::uint64_t> committed_bytes(const Head& head, LeafIndex segment,
                                                      storage::File& file);

  storage::FileSystem* fs_;
  Layout layout_;
  LogInfo info_;
  std::unique_ptr<LockFile> lock_;  // absent where there is none that we may open
  std::optional<HeadSlot> seen_;    // the last one that was read with the lock held
  std::optional<Visited> last_;     // by scan(): a hint, the log may be another one since
};

}  // namespace tally::log
