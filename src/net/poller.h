// SPDX-License-Identifier: Apache-2.0
// The kernel's readiness events of one loop, for the files of this folder alone. Each descriptor is
// registered once, edge-triggered: asking anew before every wait would cost a system call each.
#pragma once

#include "net/loop.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <sys/epoll.h>
#include <vector>

namespace tally::net {

class Poller;

/// One descriptor, which it owns and closes. Its wishes are as those of a Watch.
class Registration {
 public:
  Registration(Poller& poller, int descriptor);
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

  void want_read();
  void want_write();
  /// The last read took all that was there: until the kernel tells of more, want_read() need not
  /// ask.
  void read_all();
  /// Whether read_all() was all there was still when the kernel was last asked what is ready, and
  /// the other side had not ended then. False where that is not known.
  [[nodiscard]] bool was_silent() const;

  ReadyHandler* handler = nullptr;
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  friend class Poller;
  friend struct BuryRegistration;
  ~Registration() = default;
  void ask_again();

  Poller& poller_;
  int descriptor_;
  bool reading_ = false;
  bool writing_ = false;
  bool unread_ = true;  // there may be bytes, or the end, that the kernel has told of already
  bool ended_ = false;  // the other side will send no more: always readable
  std::uint64_t read_at_ = 0;  // looks of the poller at read_all()
};

/// Closes the descriptor at once; an event that the kernel has given out already finds nobody.
struct BuryRegistration {
  void operator()(Registration* registration) const;
};
using OwnRegistration = std::unique_ptr<Registration, BuryRegistration>;

/// Belongs to its loop's thread.
class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  /// Waits for events, at most so long (negative: for ever; 0: only looks). True when there are
  /// some; then tell() is due before the next wait.
  [[nodiscard]] bool wait(int timeout_ms);
  /// How many events that was.
  [[nodiscard]] std::size_t ready() const { return ready_; }
  /// Tells whoever wished for the events that the last wait() found.
  void tell();

 private:
  friend class Registration;
  friend struct BuryRegistration;
  static void note(Registration& registration, std::uint32_t events);
  static void tell(Registration& registration, std::uint32_t events);

  /// Taken from the kernel at once.
  static constexpr std::size_t kEventsAtOnce = 128;

  int descriptor_;
  std::array<epoll_event, kEventsAtOnce> events_{};
  std::size_t ready_ = 0;            // of these, found and not told
  std::uint64_t looks_ = 0;          // waits that got all that was ready
  bool got_all_ = false;             // the last one did
  std::vector<Registration*> dead_;  // freed when no event can refer to them
  bool telling_ = false;
};

inline void Registration::read_all() {
  unread_ = unread_ && ended_;
  read_at_ = poller_.looks_;
}

inline bool Registration::was_silent() const {
  return !unread_ && !ended_ && poller_.got_all_ && read_at_ != poller_.looks_;
}

}  // namespace tally::net
