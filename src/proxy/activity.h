// SPDX-License-Identifier: Apache-2.0
// Which loops have exchanges under way: one that is alone may do things in another order.
#pragma once

#include "base/limits.h"

#include <array>
#include <atomic>
#include <cstddef>

namespace tally::proxy {

/// Thread-safe. What it says of other loops may be over by then: it decides what is fast, never
/// what is right.
class Activity {
 public:
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

  /// Whether nothing is under way on any other loop.
  [[nodiscard]] bool alone(std::size_t loop) const {
    for (std::size_t i = 0; i < counts_.size(); ++i) {
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

  std::array<Count, kProxyLoopsMax> counts_;
};

}  // namespace tally::proxy
