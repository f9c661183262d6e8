// SPDX-License-Identifier: Apache-2.0
// Tells that the other side of a connection has closed it while bytes before that wait unread: who
// does not want to read more must still learn that nobody wants an answer.
#pragma once

#include "net/loop.h"

#include <memory>

namespace tally::net {

/// Told on the loop's thread, once; may destroy the watch.
class HangupHandler {
 public:
  virtual void on_hangup() = 0;

 protected:
  ~HangupHandler() = default;
};

/// Watches one socket as long as it lives: FIN or reset, also one that has come before. What the
/// kernel itself has not received yet (its buffer is full of unread bytes) nobody can see.
class HangupWatch {
 public:
  /// `loop`, `handler` and the open `descriptor`, which it does not own, must outlive it.
  HangupWatch(Loop& loop, int descriptor, HangupHandler& handler);
  ~HangupWatch();
  HangupWatch(const HangupWatch&) = delete;
  HangupWatch& operator=(const HangupWatch&) = delete;

 private:
  friend class HangupPoll;
  Loop& loop_;
  int descriptor_;
  HangupHandler& handler_;
};

/// The sockets that one loop watches. Made by the first watch.
class HangupPoll final : ReadyHandler {
 public:
  explicit HangupPoll(Loop& loop);
  ~HangupPoll();
  void add(HangupWatch& watch);
  void remove(const HangupWatch& watch);

 private:
  void on_readable() override;
  void on_writable() override {}
  // A loop waits for readability, which unread bytes give all the time; so these sockets have a
  // poll descriptor of their own, which is readable when one of them was hung up.
  Watch poll_;
};

}  // namespace tally::net
