// SPDX-License-Identifier: Apache-2.0
// The event loop that everything in this folder hangs on; an edge-triggered epoll (decision 0015).
#pragma once

#include "net/deadline.h"
#include "net/round_end.h"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace tally::net {

/// One loop, one thread: everything made with a loop is used on the thread that is in run(), or
/// before run() begins. Only post() and stop() may be called from anywhere. Several loops in one
/// process are independent of each other.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until stop(). What was posted before stop() is run.
  void run();
  void stop();
  /// Runs `work` on the loop's thread, after what is being done now; never inside this call.
  void post(std::function<void()> work);

  /// Calls `handler` with the number whenever one of these signals comes, instead of its default
  /// action. Once for each loop.
  void on_signals(const std::vector<int>& numbers, std::function<void(int)> handler);

  /// Deadlines of this loop.
  [[nodiscard]] DeadlineWheel& deadlines();
  /// What is put off to the end of a round of this loop.
  [[nodiscard]] RoundEnds& round_ends();
  /// A buffer for one read: its bytes are gone with the next read of anybody, so that ten thousand
  /// idle connections need none of their own.
  [[nodiscard]] std::span<char> scratch();

  struct Impl;
  /// For the files of this folder.
  [[nodiscard]] Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// What a descriptor tells. Called on the loop's thread; the callee may destroy the Watch.
class ReadyHandler {
 public:
  virtual void on_readable() = 0;
  virtual void on_writable() = 0;

 protected:
  ~ReadyHandler() = default;
};

/// Readiness of one non-blocking descriptor, which it owns and closes. Each want_…() gives one
/// call; a second one before that call changes nothing. An error or the end counts as ready: the
/// next read or write tells. No call comes once this was destroyed.
class Watch {
 public:
  /// `loop` must outlive it.
  Watch(Loop& loop, int descriptor);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// Who is told; nullptr for nobody.
  void set_handler(ReadyHandler* handler);
  void want_read();
  void want_write();
  [[nodiscard]] int descriptor() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace tally::net
