// SPDX-License-Identifier: Apache-2.0
// Lines of `append` are checked by several threads, for checking costs more than hashing and
// writing together; what comes out is in the order of the input.
#pragma once

#include "base/limits.h"
#include "base/result.h"
#include "log/entry.h"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tally::cli {

/// Some lines of the input, and what became of each.
class LineChunk {
 public:
  void add(std::string_view line, std::uint64_t number);
  /// A line that is known to be unusable.
  void add_refused(std::uint64_t number, Error why);
  /// Empties it and keeps its memory.
  void clear();
  [[nodiscard]] bool empty() const { return lines_.empty(); }
  /// Worth handing over.
  [[nodiscard]] bool full() const;

  struct Line {
    std::size_t begin;
    std::size_t bytes;
    std::uint64_t number;
    Result<log::EntryText> entry;                ///< what became of it
    bool open;                                   ///< nothing yet
    bool ignored = false;                        ///< it is no event; `entry` says nothing
    std::vector<Result<log::EntryText>> more{};  ///< further events of the same line
  };
  [[nodiscard]] std::vector<Line>& lines() { return lines_; }
  [[nodiscard]] std::string_view text(const Line& line) const {
    return std::string_view(text_).substr(line.begin, line.bytes);
  }
  /// Memory for the results: strings that are no longer needed.
  std::vector<std::string> spare;

 private:
  std::string text_;
  std::vector<Line> lines_;
};

/// Fills in `entry` of every open line of a chunk. Made once for each thread.
using LineWorker = std::function<void(LineChunk&)>;

/// One thread gives and takes; the helpers belong to the crew and end with it.
class LineCrew {
 public:
  /// `make` is called here, `helpers` + 1 times.
  LineCrew(unsigned helpers, const std::function<LineWorker()>& make);
  ~LineCrew();
  LineCrew(const LineCrew&) = delete;
  LineCrew& operator=(const LineCrew&) = delete;

  /// Hands over a chunk. Memory: the caller takes one whenever crowded().
  void give(LineChunk chunk);
  [[nodiscard]] bool idle() const { return chunks_.empty(); }
  /// Enough for every helper is on its way.
  [[nodiscard]] bool crowded() const { return chunks_.size() > kLineChunksAhead * helpers_.size(); }
  /// The oldest chunk, done. This thread works as well until it is. Not when idle().
  [[nodiscard]] LineChunk take();

 private:
  struct Job {
    LineChunk chunk;
    bool done = false;
  };
  void work(const LineWorker& worker, std::unique_lock<std::mutex>& lock);
  void help(const LineWorker& worker);

  LineWorker own_;
  std::deque<std::unique_ptr<Job>> chunks_;  // of the giving thread
  std::mutex mutex_;                         // guards what follows, and the jobs' state
  std::condition_variable work_;
  std::condition_variable done_;
  std::deque<Job*> waiting_;
  bool ended_ = false;
  std::vector<std::thread> helpers_;
};

/// As many as there are cores besides the one of the caller, within kLineHelpersMax.
[[nodiscard]] unsigned line_helpers();

}  // namespace tally::cli
