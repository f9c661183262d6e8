// SPDX-License-Identifier: Apache-2.0
// A wrapper process with a server, as a client sees it: two streams, a process to signal, a status.
#pragma once

#include "storage/temporary_directory.h"
#include "wrap/descriptor.h"
#include "wrap/pipes.h"

#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

/// Whether what a process takes says something: sanitizers multiply it.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TALLY_TEST_MEMORY 0
#else
#define TALLY_TEST_MEMORY 1
#endif

namespace tally::wrap::test {

/// A Unix socket in a private directory that one process connects to.
class Listener {
 public:
  explicit Listener(const std::string& path);
  [[nodiscard]] Descriptor accept() const;

 private:
  Descriptor socket_;
};

/// The client's end of the streams. What is -1 is made as a pipe by Wrapped.
struct Streams {
  int input = -1;
  int output = -1;
  bool sockets = false;  ///< socket pairs instead of pipes
};

class Wrapped {
 public:
  /// Starts the wrapper around `command`; with `traced` the auditor's lines can be read.
  Wrapped(std::vector<std::string> command, bool traced, Streams streams = {});
  /// Kills what is still there.
  ~Wrapped();
  Wrapped(const Wrapped&) = delete;
  Wrapped& operator=(const Wrapped&) = delete;

  [[nodiscard]] int input() const { return input_.get(); }
  [[nodiscard]] int output() const { return output_.get(); }
  void send(std::string_view bytes) { EXPECT_TRUE(write_all(input_.get(), bytes)); }
  void close_input() { input_.reset(); }
  void close_output() { output_.reset(); }
  void signal(int number) const;
  void release();
  [[nodiscard]] pid_t pid() const { return pid_; }

  /// The next line of the auditor, without LF; empty at the end.
  [[nodiscard]] std::string trace();
  /// Skips lines up to and with the one that starts with `start` and returns it; fails the test
  /// when the trace ends before that.
  std::string trace_until(std::string_view start);
  /// All lines that are left.
  [[nodiscard]] std::vector<std::string> trace_rest();
  /// Exit status as a shell shows it.
  [[nodiscard]] int wait();
  /// A field of /proc/PID/status in KiB.
  [[nodiscard]] long status_kib(std::string_view field) const;

 private:
  storage::TemporaryDirectory directory_;
  pid_t pid_ = 0;
  Descriptor input_;
  Descriptor output_;
  Descriptor trace_;
};

/// The wrapper around a puppet, with the strings.
class WrappedPuppet {
 public:
  explicit WrappedPuppet(Streams streams = {}) : WrappedPuppet(streams, true) {}
  WrappedPuppet(Streams streams, bool traced);

  /// One command, see puppet.cc; the answer without LF.
  std::string pull(const std::string& command);
  /// One whose answer is taken later, or never comes.
  void pull_without_answer(const std::string& command);
  [[nodiscard]] std::string answer();
  void hang_up() { strings_.reset(); }
  Wrapped* operator->() { return &*wrapped_; }

 private:
  storage::TemporaryDirectory directory_;
  std::optional<Wrapped> wrapped_;
  Descriptor strings_;
};

/// Command line of this program in a role.
[[nodiscard]] std::vector<std::string> role_command(std::string_view role,
                                                    const std::vector<std::string>& arguments);
/// Becomes another program, in a child process, with SIGPIPE as it is by default.
[[noreturn]] void exec_words(const std::vector<std::string>& command);
/// Exit status of a child of ours as a shell shows it.
[[nodiscard]] int wait_for_process(pid_t pid);
/// Waits until no such process exists any more (a zombie does not count); false at the deadline.
[[nodiscard]] bool wait_until_gone(pid_t pid);

}  // namespace tally::wrap::test
