// SPDX-License-Identifier: Apache-2.0
// What the client reads: the server's bytes as they come, and between two of its lines the replies
// to frames that were refused. Never a reply inside a line.
#pragma once

#include "wrap/byte_sink.h"
#include "wrap/descriptor.h"

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

namespace tally::wrap {

/// Standard output, shared by the two threads. Nothing is written while the lock is held that could
/// wait, so neither direction stops the other; waiting is done outside.
class ClientOutput {
 public:
  explicit ClientOutput(int fd) : sink_(fd) {}

  /// Server thread: writes what the client takes at once of `bytes`, stopping after a LF when
  /// replies are due there. `written` with fewer bytes than given means: call again with the rest.
  [[nodiscard]] ByteSink::Step put_server(std::string_view bytes);
  /// Server thread, after each chunk: writes the replies that were waiting for the end of a line.
  [[nodiscard]] ByteSink::State put_waiting_replies();
  /// Client thread: `line` (with its LF) goes out as soon as the server is between two lines.
  /// Returns before that if the server is inside a line, unless more than kRepliesBytesMax are
  /// waiting. Given up when the output is closed or broken, or `stop` is set.
  void put_reply(std::string_view line, const StopEvent& stop);

  /// Any thread: nothing more is written; replies that wait for a line to end are given up.
  void close();
  /// Whether nobody reads what is written here. False once closed.
  [[nodiscard]] bool reader_gone();
  /// Waits for room without holding the lock.
  [[nodiscard]] Wait wait_writable(const StopEvent& stop) const {
    return wrap::wait_writable(sink_.descriptor(), stop);
  }

 private:
  [[nodiscard]] ByteSink::Step put_replies_locked();

  ByteSink sink_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::string replies_;  // whole lines, to be written at the next boundary
  std::size_t replies_sent_ =
      0;                      // of replies_; once above 0 they are finished before anything else
  bool inside_line_ = false;  // the last byte of the server was no LF
  bool closed_ = false;
};

}  // namespace tally::wrap
