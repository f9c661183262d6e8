// SPDX-License-Identifier: Apache-2.0
// Deadlines by the ten thousand: a wheel of 50 ms slots. Setting one costs a few nanoseconds and
// nothing is allocated, so that every wait of every connection can have one.
#pragma once

#include "base/clock.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tally::net {

class DeadlineWheel;

/// Who is told that time is up.
class DeadlineHandler {
 public:
  virtual void on_deadline() = 0;

 protected:
  ~DeadlineHandler() = default;
};

/// One wait that may become too long. Fires once, at most one slot late, never early. Not
/// thread-safe: belongs to the thread of its wheel. Destroying it clears it.
class Deadline {
 public:
  /// Both must outlive it.
  Deadline(DeadlineWheel& wheel, DeadlineHandler& handler) : wheel_(wheel), handler_(handler) {}
  ~Deadline() { clear(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  /// Replaces what was set before.
  void set(std::chrono::milliseconds from_now);
  void clear();
  [[nodiscard]] bool is_set() const { return link_ != nullptr; }

 private:
  friend class DeadlineWheel;
  DeadlineWheel& wheel_;
  DeadlineHandler& handler_;
  std::uint64_t tick_ = 0;  // when it is due
  Deadline* next_ = nullptr;
  Deadline** link_ = nullptr;  // what points to this one
};

/// The deadlines of one loop, which calls advance() while armed().
class DeadlineWheel {
 public:
  static constexpr std::chrono::milliseconds kSlot{50};

  explicit DeadlineWheel(const Clock& clock = system_clock());

  /// Fires everything that is due.
  void advance();
  [[nodiscard]] bool armed() const { return count_ > 0; }
  /// Slots that are over, as of the last advance(): a coarse clock for the price of a look. Stands
  /// still while nothing is set.
  [[nodiscard]] std::uint64_t ticks() const { return done_; }
  /// Told when the first deadline is set, so that the loop can start its timer.
  void set_wake(void (*wake)(void*), void* context) {
    wake_ = wake;
    wake_context_ = context;
  }

 private:
  friend class Deadline;
  static constexpr std::size_t kSlots = 256;
  [[nodiscard]] std::uint64_t tick_now() const;
  void insert(Deadline& deadline);
  void remove(Deadline& deadline);
  void fire_slot(std::size_t slot, std::uint64_t now);

  const Clock& clock_;
  MonoTime start_;
  std::uint64_t done_ = 0;  // ticks up to this one were looked at
  std::size_t count_ = 0;
  std::array<Deadline*, kSlots> slots_{};
  void (*wake_)(void*) = nullptr;
  void* wake_context_ = nullptr;
};

}  // namespace tally::net
