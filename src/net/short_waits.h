// SPDX-License-Identifier: Apache-2.0
// Whether a loop should look for events for a moment before it lets its thread be put to sleep
// (decision 0025).
#pragma once

#include "base/clock.h"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tally::net {

/// Remembers what the last waits of one loop were like. Where most were short and brought little to
/// do, the next event comes before a thread that was put to sleep would run again, and looking for
/// it costs no more than sleeping. Where waits are long, where many things come together anyway, or
/// where others want the processor, it says no. Not thread-safe.
class ShortWaits {
 public:
  /// Whether to look at the beginning of a wait.
  [[nodiscard]] bool worth_looking(MonoTime now) const;
  /// A wait from `begin` to `end` is over, looked or slept, and brought so many events.
  void ended(MonoTime begin, MonoTime end, std::size_t events);
  /// Between two looks the thread did not run from `last` to `now`. True when that was so long that
  /// it should stop looking: others want the processor, and whoever sleeps is woken sooner than
  /// whoever waits for the next turn.
  [[nodiscard]] bool gave_way(MonoTime last, MonoTime now);
  /// Looking found something.
  void found();

 private:
  std::uint16_t recent_ = 0;          // a bit for each of the last waits, set for a short one
  std::chrono::nanoseconds rest_{0};  // the last one; less with each that was found since
  MonoTime resting_until_{};
};

}  // namespace tally::net
