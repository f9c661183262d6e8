// SPDX-License-Identifier: Apache-2.0
// The built program as a user has it: words in, two streams and a status out, in bounded time.
#pragma once

#include "storage/temporary_directory.h"

#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace tally::cli::test {

/// How a run ended, as a shell shows it.
struct Ran {
  int status = -1;
  std::string out;
  std::string err;
};

/// Text with what matters in a failure message.
std::ostream& operator<<(std::ostream& out, const Ran& ran);

struct RunOptions {
  std::string input;
  std::map<std::string, std::string> environment;  ///< beside HOME and PATH
  std::function<void()> in_child;                  ///< between fork and exec
};

/// A run that goes on while the test looks at it. Killed at the end if it is still there.
class Running {
 public:
  Running(const std::vector<std::string>& words, const std::string& home, RunOptions options);
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void send(std::string_view bytes);
  void close_input();
  void close_output();
  void signal(int number) const;
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Reads standard output up to and with the line that contains `text`; fails the test at the
  /// deadline or at the end of the output.
  std::string read_until(std::string_view text);
  /// Waits for the end.
  Ran wait();

 private:
  bool pump(bool until_end, std::string_view text);

  pid_t pid_ = 0;
  int in_ = -1;
  int out_ = -1;
  int err_ = -1;
  Ran ran_;
};

/// A user of their own: a home directory without anything in it.
class User {
 public:
  /// Runs the program to its end; `input` on standard input.
  Ran run(const std::vector<std::string>& words, std::string_view input = {}) const;
  Ran run(const std::vector<std::string>& words, RunOptions options) const;
  [[nodiscard]] std::string home() const { return home_.path(); }
  /// The default log directory.
  [[nodiscard]] std::string log() const { return home() + "/.local/state/tallystick/log"; }
  /// The only private folder under ~/.config/tallystick.
  [[nodiscard]] std::string keys() const;
  /// A file in the home directory; its path.
  std::string write(const std::string& name, std::string_view content) const;

 private:
  storage::TemporaryDirectory home_;
};

/// Asks again and again until it is so; a failure of the test when it never is.
void wait_until(const std::function<bool()>& holds);

/// `count` valid events, one a line, numbered in details.n from `first`.
std::string events(int count, int first = 0, std::size_t padding = 0);
std::string read_whole(const std::string& path);
void write_whole(const std::string& path, std::string_view content);
/// Lines without their ends.
std::vector<std::string> lines_of(std::string_view text);

}  // namespace tally::cli::test
