// SPDX-License-Identifier: Apache-2.0
#include "net/loop.h"

#include "base/check.h"
#include "base/limits.h"
#include "net/asio_loop.h"

#include <boost/asio/post.hpp>
#include <csignal>
#include <utility>

namespace tally::net {

using Code = boost::system::error_code;

Loop::Impl::Impl() : wheel_timer(context), signals(context), scratch(kRelayChunkBytes) {
  wheel.set_wake([](void* self) { static_cast<Impl*>(self)->start_timer(); }, this);
}

void Loop::Impl::start_timer() {
  if (std::exchange(ticking, true)) return;
  wheel_timer.expires_after(DeadlineWheel::kSlot);
  wheel_timer.async_wait([this](const Code& error) {
    if (error) return;
    ticking = false;
    wheel.advance();
    if (wheel.armed()) start_timer();
  });
}

void Loop::Impl::next_signal() {
  signals.async_wait([this](const Code& error, int number) {
    if (error) return;
    on_signal(number);
    next_signal();
  });
}

Loop::Loop() : impl_(std::make_unique<Impl>()) {}
Loop::~Loop() = default;

void Loop::run() {
  const auto guard = boost::asio::make_work_guard(impl_->context);
  impl_->context.restart();
  impl_->context.run();
}

void Loop::stop() {
  boost::asio::post(impl_->context, [this] { impl_->context.stop(); });
}

void Loop::post(std::function<void()> work) { boost::asio::post(impl_->context, std::move(work)); }

void Loop::on_signals(const std::vector<int>& numbers, std::function<void(int)> handler) {
  TALLY_CHECK(!impl_->on_signal && handler);
  impl_->on_signal = std::move(handler);
  for (const int number : numbers) impl_->signals.add(number);
  impl_->next_signal();
}

DeadlineWheel& Loop::deadlines() { return impl_->wheel; }
std::span<char> Loop::scratch() { return impl_->scratch; }

/// Shared with the waits that are under way, so that a Watch can be destroyed at any time.
struct Watch::State {
  State(Loop& loop, int fd) : descriptor(loop.impl().context, fd) {}
  boost::asio::posix::stream_descriptor descriptor;
  ReadyHandler* handler = nullptr;
  bool reading = false;
  bool writing = false;
};

Watch::Watch(Loop& loop, int descriptor) : state_(std::make_shared<State>(loop, descriptor)) {}

Watch::~Watch() {
  state_->handler = nullptr;
  Code ignored;
  state_->descriptor.close(ignored);
}

void Watch::set_handler(ReadyHandler* handler) { state_->handler = handler; }
int Watch::descriptor() const { return const_cast<State&>(*state_).descriptor.native_handle(); }

void Watch::want_read() {
  if (std::exchange(state_->reading, true)) return;
  state_->descriptor.async_wait(boost::asio::posix::descriptor_base::wait_read,
                                [state = state_](const Code&) {
                                  state->reading = false;
                                  if (state->handler != nullptr) state->handler->on_readable();
                                });
}

void Watch::want_write() {
  if (std::exchange(state_->writing, true)) return;
  state_->descriptor.async_wait(boost::asio::posix::descriptor_base::wait_write,
                                [state = state_](const Code&) {
                                  state->writing = false;
                                  if (state->handler != nullptr) state->handler->on_writable();
                                });
}

}  // namespace tally::net
