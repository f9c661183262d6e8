// SPDX-License-Identifier: Apache-2.0
#include "net/signals.h"

#include "base/check.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace tally::net {
namespace {

std::atomic<int> write_end{-1};
static_assert(std::atomic<int>::is_always_lock_free, "it is read inside a signal handler");

/// May run on any thread, between any two instructions (signal-safety(7)).
void note_signal(int number) {
  const int saved = errno;
  const auto byte = static_cast<unsigned char>(number);
  // A full pipe holds enough signals to act on.
  if (::write(write_end, &byte, 1) < 0) errno = saved;
  errno = saved;
}

std::pair<int, int> make_pipe() {
  std::array<int, 2> ends{-1, -1};
  TALLY_CHECK(::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) == 0);
  return {ends[0], ends[1]};
}

}  // namespace

Signals::Signals(Loop& loop, const std::vector<int>& numbers, std::function<void(int)> handler)
    : Signals(loop, numbers, std::move(handler), make_pipe()) {}

Signals::Signals(Loop& loop, const std::vector<int>& numbers, std::function<void(int)> handler,
                 std::pair<int, int> pipe)
    : handler_(std::move(handler)), read_end_(loop, pipe.first), write_end_(pipe.second) {
  TALLY_CHECK(write_end.exchange(write_end_) == -1);
  read_end_.set_handler(this);
  read_end_.want_read();
  for (const int number : numbers) {
    struct sigaction action {};
    struct sigaction before {};
    action.sa_handler = note_signal;
    action.sa_flags = SA_RESTART;
    ::sigemptyset(&action.sa_mask);
    TALLY_CHECK(::sigaction(number, &action, &before) == 0);
    before_.emplace_back(number, before);
  }
}

Signals::~Signals() {
  for (const auto& [number, before] : before_) ::sigaction(number, &before, nullptr);
  write_end = -1;
  ::close(write_end_);
}

void Signals::on_readable() {
  std::array<unsigned char, 64> numbers{};
  for (;;) {
    const ssize_t got = ::read(read_end_.descriptor(), numbers.data(), numbers.size());
    if (got <= 0) break;
    for (ssize_t i = 0; i < got; ++i) handler_(numbers[static_cast<std::size_t>(i)]);
  }
  read_end_.want_read();
}

}  // namespace tally::net
