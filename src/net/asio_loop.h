// SPDX-License-Identifier: Apache-2.0
// The inside of a loop, for the files of this folder alone: this header is heavy.
#pragma once

#include "net/deadline.h"
#include "net/hangup.h"
#include "net/loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <vector>

namespace tally::net {

struct Loop::Impl {
  Impl();
  void start_timer();
  void next_signal();

  // One thread runs it, but post() comes from others.
  boost::asio::io_context context{1};
  DeadlineWheel wheel;
  boost::asio::steady_timer wheel_timer;
  bool ticking = false;
  boost::asio::signal_set signals;
  std::function<void(int)> on_signal;
  std::vector<char> scratch;
  std::unique_ptr<HangupPoll> hangups;  // null until somebody needs it
};

}  // namespace tally::net
