// SPDX-License-Identifier: Apache-2.0
// Lines of any input in bounded memory, read in large blocks; knows when reading on would mean
// waiting, so that what is there can be committed first.
#pragma once

#include "base/result.h"
#include "cli/stop_signals.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tally::cli {

/// Not thread-safe.
class LineInput {
 public:
  /// Opens `path`; "-" is standard input. The file may be a pipe or a device. `signals` must
  /// outlive it.
  [[nodiscard]] static Result<LineInput> open(const std::string& path, StopSignals& signals);
  ~LineInput();
  LineInput(LineInput&& other) noexcept;
  LineInput& operator=(LineInput&&) = delete;

  enum class Event {
    line,        ///< line() is one, without its LF; the last one may have had none
    too_long,    ///< a line longer than the buffer; its bytes are gone, bytes() tells how many
    would_wait,  ///< no whole line is there; wait() before next()
    end,
    stopped,  ///< a signal; an unfinished line is left out, because it may be half of one
  };
  /// Errors: io, permission_denied, invalid_argument (a directory).
  [[nodiscard]] Result<Event> next();
  /// Blocks until next() has something to say.
  void wait();

  /// Valid until next().
  [[nodiscard]] std::string_view line() const { return line_; }
  [[nodiscard]] std::uint64_t number() const { return number_; }  ///< of that line, from 1
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }    ///< of that line
  /// For messages.
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool is_terminal() const;

 private:
  LineInput(int fd, std::string name, StopSignals& signals);
  [[nodiscard]] Result<Event> read_more();
  [[nodiscard]] bool take_line();
  [[nodiscard]] Event take_last();

  int fd_;
  std::string name_;
  StopSignals* signals_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;    // of what was not given out
  std::size_t scanned_ = 0;  // up to here no LF was seen
  std::size_t end_ = 0;
  std::uint64_t skipped_ = 0;  // bytes dropped of a line that is too long
  std::string_view line_;
  std::uint64_t number_ = 0;
  std::uint64_t bytes_ = 0;
  bool ended_ = false;
  bool was_long_ = false;
};

/// All of a file, or of standard input for "-": a pipe will do. Errors: as LineInput; too_large
/// above `bytes_max`.
[[nodiscard]] Result<std::string> read_input(const std::string& path, std::size_t bytes_max);

}  // namespace tally::cli
