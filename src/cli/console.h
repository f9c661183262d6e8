// SPDX-License-Identifier: Apache-2.0
// Standard output and standard error of a command: results on the one, everything else on the
// other.
#pragma once

#include "base/result.h"
#include "log/keyring.h"

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace tally::cli {

/// print() and flush() by one thread; error() and note() by any.
class Console {
 public:
  /// Does not own the descriptors.
  Console(int output, int errors, const log::Environment& environment);

  /// Buffers for standard output. What comes after nobody reads any more is dropped: see wanted().
  void print(std::string_view text);
  void flush();
  /// False when the reader has gone or writing failed: time to stop producing.
  [[nodiscard]] bool wanted() const { return !reader_gone_ && !failure_; }
  /// As wanted(), but asks the system whether a pipe still has a reader.
  [[nodiscard]] bool still_wanted();

  /// "tallystick: COMMAND: TEXT" on standard error, in one write; control characters are made
  /// visible, because file names and log contents reach this text. One that repeats the last is
  /// dropped: a thread of the log and its caller both tell, and the publisher tries every second.
  void error(std::string_view command, std::string_view text);
  /// A line for people on standard error, as it is.
  void note(std::string_view text);
  /// A line that the next one replaces, such as a percentage; only when errors_are_shown().
  void progress(std::string_view text);
  void clear_progress();

  [[nodiscard]] bool output_is_terminal() const { return output_terminal_; }
  [[nodiscard]] bool errors_are_shown() const { return errors_terminal_; }
  /// Columns of the terminal: $COLUMNS, else what the terminal says, else 120.
  [[nodiscard]] std::size_t width() const;
  /// Standard output is a terminal that understands colours, and the user has not set NO_COLOR.
  [[nodiscard]] bool colour() const { return colour_; }

  /// Writes what is left and gives the status to exit with: `status`, or 2 with a message when
  /// the output could not be written. A reader that went away had all it wanted.
  [[nodiscard]] int finish(std::string_view command, int status);

 private:
  void write_errors(std::string_view text);

  int output_;
  int errors_;
  bool output_terminal_;
  bool errors_terminal_;
  bool colour_;
  std::optional<std::size_t> columns_;
  std::string buffer_;
  bool reader_gone_ = false;
  std::optional<Error> failure_;
  std::mutex mutex_;  // guards what follows, and standard error
  bool progress_shown_ = false;
  std::string last_error_;
};

/// Opens /dev/null where descriptor 0, 1 or 2 is closed: else the first files of the log would get
/// these numbers, and a message for the terminal would be written into the log. First thing in a
/// process.
void fill_standard_descriptors();

/// 1234567 -> "1,234,567", for people.
[[nodiscard]] std::string grouped(std::uint64_t number);
/// 1536 -> "1.5 KiB".
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);
/// "1 entry", "2 entries": `one` and `many` without the number.
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view one,
                                  std::string_view many);

}  // namespace tally::cli
