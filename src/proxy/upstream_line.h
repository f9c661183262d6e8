// SPDX-License-Identifier: Apache-2.0
// How many exchanges may use one upstream at once; the others stand in line.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>

namespace tally::proxy {

/// Belongs to one thread.
class UpstreamLine {
 public:
  /// Told when it is its turn, as if enter() had said so.
  class Waiter {
   public:
    virtual void on_turn() = 0;

   protected:
    ~Waiter() = default;
  };

  explicit UpstreamLine(std::size_t places) : free_(places) {}

  /// True: there was a place. False: `waiter` stands in line until on_turn() or forget().
  [[nodiscard]] bool enter(Waiter& waiter) {
    if (free_ > 0) {
      --free_;
      return true;
    }
    waiting_.push_back(&waiter);
    return false;
  }
  /// Gives a place back; the first in line gets it at once.
  void leave() {
    if (waiting_.empty()) {
      ++free_;
      return;
    }
    Waiter* const next = waiting_.front();
    waiting_.pop_front();
    next->on_turn();
  }
  void forget(Waiter& waiter) { std::erase(waiting_, &waiter); }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

 private:
  std::size_t free_;
  std::deque<Waiter*> waiting_;
};

}  // namespace tally::proxy
