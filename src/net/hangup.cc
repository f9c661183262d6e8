// SPDX-License-Identifier: Apache-2.0
#include "net/hangup.h"

#include "base/check.h"
#include "net/loop_impl.h"

#include <sys/epoll.h>

namespace tally::net {

HangupPoll::HangupPoll(Loop& loop) : poll_(loop, ::epoll_create1(EPOLL_CLOEXEC)) {
  TALLY_CHECK(poll_.descriptor() >= 0);
  poll_.set_handler(this);
  poll_.want_read();
}

HangupPoll::~HangupPoll() = default;

void HangupPoll::add(HangupWatch& watch) {
  epoll_event event{};
  event.events = EPOLLRDHUP | EPOLLONESHOT;
  event.data.ptr = &watch;
  // It fails only without memory in the kernel; then the end is seen when the bytes are read.
  ::epoll_ctl(poll_.descriptor(), EPOLL_CTL_ADD, watch.descriptor_, &event);
}

void HangupPoll::remove(const HangupWatch& watch) {
  ::epoll_ctl(poll_.descriptor(), EPOLL_CTL_DEL, watch.descriptor_, nullptr);
}

void HangupPoll::on_readable() {
  // One at a time: a handler may destroy other watches, and then they must not be told any more.
  epoll_event event{};
  while (::epoll_wait(poll_.descriptor(), &event, 1, 0) == 1) {
    static_cast<HangupWatch*>(event.data.ptr)->handler_.on_hangup();
  }
  poll_.want_read();
}

HangupWatch::HangupWatch(Loop& loop, int descriptor, HangupHandler& handler)
    : loop_(loop), descriptor_(descriptor), handler_(handler) {
  loop_.impl().hangups->add(*this);
}

HangupWatch::~HangupWatch() { loop_.impl().hangups->remove(*this); }

}  // namespace tally::net
