// SPDX-License-Identifier: Apache-2.0
#include "wrap/descriptor.h"

#include "base/check.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace tally::wrap {

void Descriptor::reset() {
  // Not retried on EINTR: on Linux the descriptor is gone all the same.
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

StopEvent::StopEvent() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { TALLY_CHECK(event_); }

void StopEvent::set() {
  const std::uint64_t one = 1;
  // Cannot fail but by a counter at its maximum, which is set as well.
  while (::write(event_.get(), &one, sizeof one) < 0 && errno == EINTR) {
  }
}

bool StopEvent::is_set() const {
  pollfd entry{event_.get(), POLLIN, 0};
  return ::poll(&entry, 1, 0) > 0;
}

void ensure_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free number is `fd` itself. Inherited by the server, as the others are.
    TALLY_CHECK(::open("/dev/null", O_RDWR) == fd);
  }
}

void let_go(int fd) {
  const Descriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (null) {
    ::dup2(null.get(), fd);
  } else {
    ::close(fd);
  }
}

namespace {

Wait wait_for(int fd, short events, const StopEvent& stop) {
  std::array<pollfd, 2> entries{{{fd, events, 0}, {stop.descriptor(), POLLIN, 0}}};
  while (::poll(entries.data(), entries.size(), -1) < 0) TALLY_CHECK(errno == EINTR);
  return entries[1].revents != 0 ? Wait::stopped : Wait::ready;
}

}  // namespace

Wait wait_readable(int fd, const StopEvent& stop) { return wait_for(fd, POLLIN, stop); }
Wait wait_writable(int fd, const StopEvent& stop) { return wait_for(fd, POLLOUT, stop); }

}  // namespace tally::wrap
