// SPDX-License-Identifier: Apache-2.0
// How many exchanges may use one upstream at once; the others stand in line.
#pragma once

#include "net/loop.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

namespace tally::proxy {

/// One for each upstream; thread-safe, the loops share it. First come, first served, on whatever
/// loop they are.
class UpstreamLine {
 public:
  /// Told on its loop's thread, never inside a call of this class, when it is its turn, as if
  /// enter() had said so.
  class Waiter {
   public:
    virtual void on_turn() = 0;

   protected:
    ~Waiter() = default;
  };

  explicit UpstreamLine(std::size_t places)
      : places_(static_cast<std::ptrdiff_t>(places)), free_(places_) {}

  /// True: there was a place. False: `waiter` stands in line until on_turn() or forget(), both on
  /// the thread of `loop`.
  [[nodiscard]] bool enter(Waiter& waiter, net::Loop& loop);
  /// Gives a place back; the first in line gets it.
  void leave();
  /// From now on there are so many places. Who has one keeps it.
  void resize(std::size_t places);
  /// It waits no more.
  void forget(const Waiter& waiter);
  [[nodiscard]] std::size_t waiting() const;
  /// Places that are taken, or promised to one that was called.
  [[nodiscard]] std::size_t in_use() const;

 private:
  struct Standing {
    Waiter* waiter = nullptr;
    net::Loop* loop = nullptr;
    std::uint64_t number = 0;  // tells one from another that has its address later
  };
  void arrive(const Standing& called);

  mutable std::mutex mutex_;  // guards what follows
  std::ptrdiff_t places_;
  std::ptrdiff_t free_;  // below 0 after there became fewer
  std::deque<Standing> waiting_;
  std::vector<Standing> called_;  // have a place, but their loop has not said so yet
  std::uint64_t numbers_ = 0;
};

}  // namespace tally::proxy
