// SPDX-License-Identifier: Apache-2.0
// The inside of a loop, for the files of this folder alone.
#pragma once

#include "net/deadline.h"
#include "net/hangup.h"
#include "net/loop.h"
#include "net/poller.h"
#include "net/resolver.h"
#include "net/short_waits.h"
#include "net/signals.h"

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace tally::net {

struct Loop::Impl final : ReadyHandler {
  Impl();
  ~Impl();

  void run();
  void post(std::function<void()> work);
  void run_posted();
  void tick();
  [[nodiscard]] int wait_ms();
  void wait(int limit_ms);
  [[nodiscard]] bool look(MonoTime begin);
  void on_readable() override;  // somebody has posted while the loop waited
  void on_writable() override {}

  Poller poller;
  ShortWaits waits;
  OwnRegistration wake;
  DeadlineWheel wheel;
  RoundEnds round_ends;
  bool ticking = false;
  MonoTime next_tick{};
  bool stopped = false;
  std::vector<std::function<void()>> running;  // taken from `posted`
  std::size_t next_running = 0;

  std::mutex mutex;  // guards what follows
  std::vector<std::function<void()>> posted;
  bool waiting = false;  // in the kernel, until `wake` is written

  std::vector<char> scratch;
  std::unique_ptr<HangupPoll> hangups;
  std::unique_ptr<Signals> signals;    // these two are null until somebody needs them
  std::unique_ptr<Resolver> resolver;  // last: its thread posts
};

}  // namespace tally::net
