// SPDX-License-Identifier: Apache-2.0
#include "wrap/byte_sink.h"

#include "wrap/descriptor.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tally::wrap {
namespace {

ByteSink::Step step_of(ssize_t result) {
  if (result >= 0) return {static_cast<std::size_t>(result), ByteSink::State::written, 0};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {0, ByteSink::State::blocked, 0};
  return {0, ByteSink::State::broken, errno};
}

template <class Write>
ByteSink::Step without_interruption(Write write) {
  ssize_t result = write();
  while (result < 0 && errno == EINTR) result = write();
  return step_of(result);
}

short poll_now(int fd, short events) {
  pollfd entry{fd, events, 0};
  while (::poll(&entry, 1, 0) < 0 && errno == EINTR) {
  }
  return entry.revents;
}

}  // namespace

ByteSink::ByteSink(int fd) : fd_(fd), kind_(Kind::blocking) {
  struct stat status {};
  const bool known = ::fstat(fd, &status) == 0;
  const int flags = ::fcntl(fd, F_GETFL);
  if (known && S_ISSOCK(status.st_mode)) {
    kind_ = Kind::socket;
  } else if (known && (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode))) {
    kind_ = Kind::file;
  } else if (flags >= 0 && (flags & O_NONBLOCK) != 0) {
    kind_ = Kind::non_blocking;
  }
}

ByteSink::Step ByteSink::put(std::string_view bytes) const {
  Step total;
  while (total.bytes < bytes.size()) {
    const std::string_view rest = bytes.substr(total.bytes);
    const Step step = put_pieces(rest);
    total.bytes += step.bytes;
    total.state = step.state;
    total.error = step.error;
    if (step.state != State::written) break;
  }
  return total;
}

ByteSink::Step ByteSink::put_pieces(std::string_view bytes) const {
  switch (kind_) {
    case Kind::socket:
      return without_interruption(
          [&] { return ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL); });
    case Kind::non_blocking:
    case Kind::file:
      return without_interruption([&] { return ::write(fd_, bytes.data(), bytes.size()); });
    case Kind::blocking: break;
  }
  if (poll_now(fd_, POLLOUT) == 0) return {0, State::blocked, 0};
  const std::size_t piece = std::min<std::size_t>(bytes.size(), PIPE_BUF);
  return without_interruption([&] { return ::write(fd_, bytes.data(), piece); });
}

ByteSink::Step ByteSink::put_all(std::string_view bytes, const StopEvent& stop) const {
  Step total;
  while (true) {
    const Step step = put(bytes.substr(total.bytes));
    total.bytes += step.bytes;
    total.state = step.state;
    total.error = step.error;
    if (step.state != State::blocked) return total;
    if (wait_writable(fd_, stop) == Wait::stopped) return total;
  }
}

bool ByteSink::reader_gone() const {
  return kind_ != Kind::file && (poll_now(fd_, 0) & (POLLERR | POLLHUP)) != 0;
}

}  // namespace tally::wrap
