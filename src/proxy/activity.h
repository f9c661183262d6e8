// SPDX-License-Identifier: Apache-2.0
// Which loops have exchanges under way: one that is alone may tell its client before the recorder.
#pragma once

#include "base/limits.h"

#include <array>
#include <atomic>
#include <cstddef>

namespace tally::proxy {

/// Thread-safe. What it says of other loops may be over by then: it decides what is fast, never
/// what is right, because a loop that is not alone after all waits for the turn. There is one turn
/// for each upstream, so that holds only where there is one upstream.
class Activity {
 public:
  /// Of this many loops in front of this many upstreams.
  Activity(std::size_t loops, std::size_t upstreams)
      : loops_(loops), one_upstream_(upstreams <= 1) {}

  /// Something under way on one loop, while it lives. Belongs to that loop's thread.
  class Share {
   public:
    Share(Activity& activity, std::size_t loop) : activity_(activity), loop_(loop) {
      activity_.add(loop_, 1);
    }
    ~Share() { activity_.add(loop_, static_cast<std::size_t>(-1)); }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

   private:
    Activity& activity_;
    std::size_t loop_;
  };

  /// Whether there is no other loop.
  [[nodiscard]] bool one_loop() const { return loops_ <= 1; }

  /// Whether whoever acts on what this loop sends has to come after what it then records: on this
  /// loop itself, or where it waits for the turn. Only said if nothing is under way on others, for
  /// then nobody is kept waiting.
  [[nodiscard]] bool alone(std::size_t loop) const {
    if (one_loop()) return true;
    if (!one_upstream_) return false;
    for (std::size_t i = 0; i < loops_; ++i) {
      if (i != loop && counts_[i].value.load(std::memory_order_relaxed) != 0) return false;
    }
    return true;
  }

 private:
  /// Each on a cache line of its own: they are written all the time.
  struct alignas(64) Count {
    std::atomic<std::size_t> value{0};
  };

  /// Only the loop itself writes its own.
  void add(std::size_t loop, std::size_t change) {
    std::atomic<std::size_t>& value = counts_[loop].value;
    value.store(value.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
  }

  std::size_t loops_;
  bool one_upstream_;
  std::array<Count, kProxyLoopsMax> counts_;
};

}  // namespace tally::proxy
