// SPDX-License-Identifier: Apache-2.0
#include "net/loop.h"

#include "base/check.h"
#include "base/limits.h"
#include "net/loop_impl.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace tally::net {
namespace {

MonoTime now() { return std::chrono::steady_clock::now(); }

}  // namespace

Loop::Impl::Impl()
    : wake(new Registration(poller, ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC))),
      scratch(kRelayChunkBytes) {
  TALLY_CHECK(wake->descriptor() >= 0);
  wake->handler = this;
  wake->want_read();
  wheel.set_wake(
      [](void* self) {
        Impl& loop = *static_cast<Impl*>(self);
        if (std::exchange(loop.ticking, true)) return;
        loop.next_tick = now() + DeadlineWheel::kSlot;
      },
      this);
}

Loop::Impl::~Impl() = default;

void Loop::Impl::post(std::function<void()> work) {
  bool asleep = false;
  {
    const std::lock_guard lock(mutex);
    posted.push_back(std::move(work));
    asleep = std::exchange(waiting, false);
  }
  if (!asleep) return;
  const std::uint64_t one = 1;
  // It cannot fail: nobody counts to 2^64, though nobody reads it either.
  [[maybe_unused]] const auto put = ::write(wake->descriptor(), &one, sizeof one);
}

/// The count is left as it is: each write is an event of its own, and reading would be one more, of
/// a descriptor that can be written again (epoll(7), edge-triggered).
void Loop::Impl::on_readable() {
  wake->read_all();
  wake->want_read();
}

/// What was there when it was called; what is posted meanwhile lets events have their turn first.
void Loop::Impl::run_posted() {
  if (next_running == running.size()) {
    running.clear();
    next_running = 0;
    const std::lock_guard lock(mutex);
    running.swap(posted);
  }
  while (next_running < running.size() && !stopped) {
    const std::function<void()> work = std::move(running[next_running++]);
    work();
  }
}

void Loop::Impl::tick() {
  if (!ticking || now() < next_tick) return;
  ticking = false;
  wheel.advance();
  if (wheel.armed() && !std::exchange(ticking, true)) next_tick = now() + DeadlineWheel::kSlot;
}

/// Until the next tick, rounded up; not at all while something is to be done.
int Loop::Impl::wait_ms() {
  if (next_running < running.size()) return 0;
  {
    const std::lock_guard lock(mutex);
    if (!posted.empty()) return 0;
    waiting = true;
  }
  if (!ticking) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_tick - now());
  return static_cast<int>(std::max(left, std::chrono::milliseconds(0)).count());
}

/// Looks for events while it does not take long, and lets others have the processor in between.
/// True when there are some.
bool Loop::Impl::look(MonoTime begin) {
  if (!waits.worth_looking(begin)) return false;
  MonoTime last = begin;
  while (last - begin < kLookTime) {
    if (poller.wait(0)) {
      waits.found();
      return true;
    }
    std::this_thread::yield();
    const MonoTime looked = std::exchange(last, now());
    if (waits.gave_way(looked, last)) return false;
  }
  return false;
}

/// Until there are events, but at most so long.
void Loop::Impl::wait(int limit_ms) {
  const MonoTime begin = now();
  if (!look(begin)) static_cast<void>(poller.wait(limit_ms));
  waits.ended(begin, now(), poller.ready());
  const std::lock_guard lock(mutex);
  waiting = false;
}

void Loop::Impl::run() {
  stopped = false;
  while (!stopped) {
    const int limit = wait_ms();
    if (limit == 0) {
      static_cast<void>(poller.wait(0));
    } else {
      wait(limit);
    }
    poller.tell();
    tick();
    run_posted();
    round_ends.tell();
  }
}

Loop::Loop() : impl_(std::make_unique<Impl>()) {
  // Now: when connections need it there may be no descriptor left.
  impl_->hangups = std::make_unique<HangupPoll>(*this);
}
Loop::~Loop() {
  // These use the loop to the end. Signals first: the resolver may wait for a name server, and then
  // one more signal ends the process.
  impl_->signals.reset();
  impl_->resolver.reset();
  impl_->hangups.reset();
}

void Loop::run() { impl_->run(); }

void Loop::stop() {
  impl_->post([this] { impl_->stopped = true; });
}

void Loop::post(std::function<void()> work) { impl_->post(std::move(work)); }

void Loop::on_signals(const std::vector<int>& numbers, std::function<void(int)> handler) {
  TALLY_CHECK(impl_->signals == nullptr && handler);
  impl_->signals = std::make_unique<Signals>(*this, numbers, std::move(handler));
}

DeadlineWheel& Loop::deadlines() { return impl_->wheel; }
RoundEnds& Loop::round_ends() { return impl_->round_ends; }
std::span<char> Loop::scratch() { return impl_->scratch; }

struct Watch::State {
  OwnRegistration registration;
};

Watch::Watch(Loop& loop, int descriptor)
    : state_(std::make_shared<State>(
          State{OwnRegistration(new Registration(loop.impl().poller, descriptor))})) {}

Watch::~Watch() = default;

void Watch::set_handler(ReadyHandler* handler) { state_->registration->handler = handler; }
int Watch::descriptor() const { return state_->registration->descriptor(); }
void Watch::want_read() { state_->registration->want_read(); }
void Watch::want_write() { state_->registration->want_write(); }

}  // namespace tally::net
