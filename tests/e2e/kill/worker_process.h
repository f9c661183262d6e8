// SPDX-License-Identifier: Apache-2.0
// Starts append_worker processes and hears what they say.
#pragma once

#include <chrono>
#include <cstdint>
#include <signal.h>
#include <string>
#include <sys/types.h>
#include <vector>

namespace tally::log {

struct Acknowledged {
  std::uint64_t seq;
  std::string leaf_hash;
  std::int64_t microseconds;
};

/// One child. Destroying it kills and reaps it. Not thread-safe.
class WorkerProcess {
 public:
  explicit WorkerProcess(const std::vector<std::string>& arguments);
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Reads what it says until there are `lines` lines, it ended, or the time is over.
  void listen(std::size_t lines, std::chrono::microseconds limit);
  /// Everything it said, line by line; a last line without end is left out.
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  [[nodiscard]] std::vector<Acknowledged> acknowledged() const;
  void send(int signal) const { ::kill(pid_, signal); }
  /// Waits until it is stopped by a signal.
  void wait_stopped() const;
  /// Reads to the end and reaps; exit status, or -signal.
  int wait();

 private:
  bool read_some(int timeout_ms);
  pid_t pid_ = -1;
  int output_ = -1;
  std::string rest_;
  std::vector<std::string> lines_;
};

}  // namespace tally::log
