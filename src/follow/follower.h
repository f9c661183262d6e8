// SPDX-License-Identifier: Apache-2.0
// The one way to read the log onwards: index, live stream, detection and sinks all pull batches
// from a follower.
#pragma once

#include "base/limits.h"
#include "base/result.h"
#include "follow/bell.h"
#include "follow/cursor.h"
#include "log/reader.h"
#include "storage/file_system.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace tally::follow {

struct FollowOptions {
  std::size_t lines_max = kFollowLinesMax;
  std::size_t bytes_max = kFollowBytesMax;                    ///< one longer line is still given
  std::chrono::milliseconds poll_interval = kFollowInterval;  ///< looks at the head while it waits
  /// Between two looks at the head, unless the bell rings: commits that come faster are given out
  /// together. Who is behind what was seen does not rest.
  std::chrono::milliseconds rest{0};
};

/// Lines first, first + 1, … of the log, without their LF. Empty when there was nothing new.
struct Batch {
  LeafIndex first{0};
  std::string text;                     ///< all lines, each with its LF
  std::vector<std::string_view> lines;  ///< into `text`: do not copy or move a batch but whole
  Cursor after;                         ///< where a consumer stands once it took this batch in

  explicit Batch(Cursor at) : first(at.next.value()), after(at) {}
  Batch(Batch&&) = delete;  // the views would be lost with a short text
  Batch& operator=(Batch&&) = delete;
};

/// Gives every committed entry once, in order, as fast as it is asked: who does not ask is not
/// sent anything, and nothing is kept for it. For one thread; next() blocks it, so a consumer has a
/// thread of its own. Reads what is durable only (log::Reader::head()).
class Follower {
 public:
  /// Goes on behind `from`, or begins at the first entry. `bell` may be null; it must outlive this.
  /// Errors: mismatch when `from` is not a prefix of this log (it was replaced, or rolled back):
  /// the consumer must throw away what it made and begin without a cursor; those of Reader::open().
  [[nodiscard]] static Result<Follower> open(storage::FileSystem& fs, std::string directory,
                                             const std::optional<Cursor>& from,
                                             FollowOptions options = {}, Bell* bell = nullptr);

  /// The next lines: at once when there are any (after FollowOptions::rest), else when the log has
  /// grown. An empty batch when `wait` is over or `stop` was requested. Errors: mismatch when the
  /// log is no longer an extension of what was given out (the follower then stays where it is);
  /// corrupt, io: may be tried again.
  [[nodiscard]] Result<std::unique_ptr<Batch>> next(const std::stop_token& stop,
                                                    std::chrono::milliseconds wait);

  /// A batch that is no longer needed; its memory is used for the next one. Whoever follows a log
  /// that grows fast spends more on new memory than on lines.
  void give_back(std::unique_ptr<Batch> batch) { spare_ = std::move(batch); }

  /// Behind the last line that next() gave out.
  [[nodiscard]] const Cursor& position() const { return position_; }
  /// Committed entries that next() has not given out yet, as of now: the lag metric.
  [[nodiscard]] Result<std::uint64_t> lag();
  [[nodiscard]] const log::LogInfo& info() const { return reader_.info(); }

 private:
  Follower(storage::FileSystem& fs, log::Reader reader, Cursor position, FollowOptions options,
           Bell* bell);
  [[nodiscard]] Result<void> look();
  [[nodiscard]] std::chrono::steady_clock::time_point next_look(std::uint64_t rung) const;
  [[nodiscard]] Result<std::unique_ptr<Batch>> read_batch();
  [[nodiscard]] std::unique_ptr<Batch> empty_batch();

  storage::FileSystem* fs_;
  log::Reader reader_;
  Cursor position_;
  FollowOptions options_;
  Bell* bell_;
  std::optional<log::Head> head_;  ///< last one seen, an extension of position_
  std::chrono::steady_clock::time_point looked_at_{};
  std::uint64_t looked_rung_ = 0;  ///< how often the bell had rung then
  std::unique_ptr<Batch> spare_;
};

}  // namespace tally::follow
