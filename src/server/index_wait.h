// SPDX-License-Identifier: Apache-2.0
// Requests that wait until the index has taken in an entry: they hold no thread meanwhile.
#pragma once

#include "base/clock.h"

#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

namespace tally::server {

/// Thread-safe.
class IndexWait {
 public:
  using Then = std::function<void(bool there)>;

  /// `hurry` is called when somebody begins to wait, on that thread: the index is to look at the
  /// log now and not when its time comes.
  explicit IndexWait(std::function<void()> hurry) : hurry_(std::move(hurry)) {}

  /// Calls `then` once: true as soon as entry `seq` can be found (at once, on this thread, when it
  /// can be already), false when expire() comes after `until`. It runs under a lock: it must be
  /// quick and must not call back.
  void wait(std::uint64_t seq, MonoTime until, Then then);
  /// Entries below `size` can be found from now on. Whether somebody still waits for another.
  bool reached(std::uint64_t size);
  /// Gives up those whose time is over. Every second or so.
  void expire(MonoTime now);
  /// Forgets everybody, also those who still come; nobody is called once it returned.
  void close();

 private:
  struct Waiter {
    std::uint64_t seq;
    MonoTime until;
    Then then;
  };
  std::function<void()> hurry_;
  std::mutex mutex_;  // guards what follows
  std::uint64_t size_ = 0;
  std::vector<Waiter> waiters_;  // at most one for each connection
  bool closed_ = false;
};

}  // namespace tally::server
