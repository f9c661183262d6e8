// SPDX-License-Identifier: Apache-2.0
// The keys that are believed at the moment, between whoever fetches them in the background and
// whoever verifies tokens with them and never waits.
#pragma once

#include "identity/key_set.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>

namespace tally::identity {

/// Thread-safe.
class KeySource {
 public:
  /// Null until the first set is there; never null again.
  [[nodiscard]] std::shared_ptr<const KeySet> keys() const;
  /// Changes with every set(): what was concluded from other keys is void.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  void set(std::shared_ptr<const KeySet> keys);

  /// A token names a key that is not there: its issuer may have a new one. Cheap, at any rate; how
  /// often anything is fetched is decided by who fetches.
  void ask() const;
  /// Waits until somebody asks, `longest` is over or `stop`. What was asked before counts.
  void wait(const std::stop_token& stop, std::chrono::milliseconds longest) const;
  /// Waits for `time` or `stop`, whoever asks.
  void pause(const std::stop_token& stop, std::chrono::milliseconds time) const;

 private:
  mutable std::mutex mutex_;  // guards what follows
  mutable std::condition_variable_any asked_now_;
  mutable bool asked_ = false;
  std::shared_ptr<const KeySet> keys_;
  std::atomic<std::uint64_t> generation_{0};
};

}  // namespace tally::identity
