// SPDX-License-Identifier: Apache-2.0
#include "net/poller.h"

#include "base/check.h"

#include <span>
#include <sys/epoll.h>
#include <unistd.h>
#include <utility>

namespace tally::net {
namespace {

constexpr std::uint32_t kEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

}  // namespace

Registration::Registration(Poller& poller, int descriptor)
    : poller_(poller), descriptor_(descriptor) {
  epoll_event event{};
  event.events = kEvents;
  event.data.ptr = this;
  // It fails only without memory in the kernel; then its deadline ends the connection.
  ::epoll_ctl(poller_.descriptor_, EPOLL_CTL_ADD, descriptor_, &event);
}

/// Makes the kernel tell of what is ready now, even if it has told before.
void Registration::ask_again() {
  epoll_event event{};
  event.events = kEvents;
  event.data.ptr = this;
  ::epoll_ctl(poller_.descriptor_, EPOLL_CTL_MOD, descriptor_, &event);
}

void Registration::want_read() {
  if (std::exchange(reading_, true)) return;
  if (unread_) ask_again();
}

void Registration::want_write() {
  if (!std::exchange(writing_, true)) ask_again();
}

void BuryRegistration::operator()(Registration* registration) const {
  Poller& poller = registration->poller_;
  // Closing alone is not enough where the descriptor was duplicated (epoll(7)).
  ::epoll_ctl(poller.descriptor_, EPOLL_CTL_DEL, registration->descriptor_, nullptr);
  ::close(std::exchange(registration->descriptor_, -1));
  registration->handler = nullptr;
  if (poller.telling_) {
    poller.dead_.push_back(registration);
  } else {
    delete registration;
  }
}

Poller::Poller() : descriptor_(::epoll_create1(EPOLL_CLOEXEC)) { TALLY_CHECK(descriptor_ >= 0); }

Poller::~Poller() { ::close(descriptor_); }

bool Poller::wait(int timeout_ms) {
  const int count =
      ::epoll_wait(descriptor_, events_.data(), static_cast<int>(events_.size()), timeout_ms);
  if (count < 0) return false;
  ready_ = static_cast<std::size_t>(count);
  got_all_ = ready_ < events_.size();
  if (got_all_) ++looks_;
  // All before the first is told: who is told of one may ask was_silent() of another.
  for (const epoll_event& event : std::span(events_).first(ready_)) {
    note(*static_cast<Registration*>(event.data.ptr), event.events);
  }
  return count > 0;
}

void Poller::tell() {
  telling_ = true;
  for (const epoll_event& event : std::span(events_).first(std::exchange(ready_, 0))) {
    tell(*static_cast<Registration*>(event.data.ptr), event.events);
  }
  telling_ = false;
  for (Registration* const registration : dead_) delete registration;
  dead_.clear();
}

void Poller::note(Registration& registration, std::uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0) registration.ended_ = true;
  if (registration.ended_ || (events & EPOLLIN) != 0) registration.unread_ = true;
}

void Poller::tell(Registration& registration, std::uint32_t events) {
  const bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
  const bool readable = registration.ended_ || (events & EPOLLIN) != 0;
  if ((broken || (events & EPOLLOUT) != 0) && std::exchange(registration.writing_, false) &&
      registration.handler != nullptr) {
    registration.handler->on_writable();
  }
  // That call may have buried it; then it has no handler any more.
  if (readable && std::exchange(registration.reading_, false) && registration.handler != nullptr) {
    registration.handler->on_readable();
  }
}

}  // namespace tally::net
