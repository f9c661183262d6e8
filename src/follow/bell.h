// SPDX-License-Identifier: Apache-2.0
// Wakes followers of the same process when its writer has committed: no wait for the next poll.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

namespace tally::follow {

/// Thread-safe. Ringing costs a lock and wakes everybody; a ring between two waits is not lost.
class Bell {
 public:
  void ring();

  /// How often it rang: take it before looking at the log.
  [[nodiscard]] std::uint64_t rung() const;
  /// Returns when the bell rang since `seen`, `stop` was requested, or `limit` is over.
  void wait(std::uint64_t seen, const std::stop_token& stop, std::chrono::milliseconds limit);

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t rung_ = 0;
};

}  // namespace tally::follow
