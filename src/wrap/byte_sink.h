// SPDX-License-Identifier: Apache-2.0
// Writing without ever waiting inside write(), on whatever standard output is: a thread that waits
// in poll() can be told to stop, one that sits in write() cannot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tally::wrap {

class StopEvent;

/// A descriptor to write to (not owned). Does not change its flags: they are shared with the
/// processes that gave it to us. Sockets, own pipes and descriptors that are non-blocking already
/// take what they can; a blocking pipe or terminal gets PIPE_BUF bytes at a time, each after poll()
/// said that there is room (POSIX: such a write does not block while nobody else writes); a file
/// just takes it.
class ByteSink {
 public:
  explicit ByteSink(int fd);

  enum class State : std::uint8_t { written, blocked, broken };
  struct Step {
    std::size_t bytes = 0;  ///< taken, also when blocked or broken
    State state = State::written;
    int error = 0;  ///< errno when broken
  };
  /// Writes what can be written at once.
  [[nodiscard]] Step put(std::string_view bytes) const;
  /// Writes everything, waiting where needed. `blocked` means that `stop` ended it.
  [[nodiscard]] Step put_all(std::string_view bytes, const StopEvent& stop) const;
  /// Whether nobody can read any more what is written here: pipe without reader, closed socket,
  /// terminal that hung up. Never for a file.
  [[nodiscard]] bool reader_gone() const;
  [[nodiscard]] int descriptor() const { return fd_; }

 private:
  enum class Kind : std::uint8_t { socket, non_blocking, blocking, file };
  [[nodiscard]] Step put_pieces(std::string_view bytes) const;

  int fd_;
  Kind kind_;
};

}  // namespace tally::wrap
