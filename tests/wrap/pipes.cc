// SPDX-License-Identifier: Apache-2.0
#include "wrap/pipes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <random>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace tally::wrap::test {
namespace {

/// Non-blocking reads and writes on a descriptor whose flags others share: poll first, small
/// pieces.
constexpr std::size_t kPiece = 64 * 1024;

}  // namespace

Ends make_pipe() {
  int ends[2] = {-1, -1};
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Ends make_sockets() {
  int ends[2] = {-1, -1};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

bool wait_for(int fd, short events) {
  pollfd entry{fd, events, 0};
  const int timeout = static_cast<int>(std::chrono::milliseconds(kPatience).count());
  int ready = 0;
  while ((ready = ::poll(&entry, 1, timeout)) < 0 && errno == EINTR) {
  }
  return ready > 0;
}

bool write_all(int fd, std::string_view bytes) {
  const int flags = ::fcntl(fd, F_GETFL);
  ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  bool open = true;
  while (open && !bytes.empty()) {
    if (!wait_for(fd, POLLOUT)) {
      ADD_FAILURE() << bytes.size() << " bytes could not be written in time";
      break;
    }
    const ssize_t sent = ::write(fd, bytes.data(), std::min(bytes.size(), kPiece));
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    open = sent >= 0 || errno == EAGAIN || errno == EINTR;
  }
  ::fcntl(fd, F_SETFL, flags);
  return open;
}

std::size_t fill(int fd, char byte) {
  const int flags = ::fcntl(fd, F_GETFL);
  ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  const std::string piece(4096, byte);
  std::size_t total = 0;
  for (ssize_t sent = 0; (sent = ::write(fd, piece.data(), piece.size())) > 0;) {
    total += static_cast<std::size_t>(sent);
  }
  ::fcntl(fd, F_SETFL, flags);
  return total;
}

std::string read_exactly(int fd, std::size_t bytes) {
  std::string text;
  std::vector<char> piece(kPiece);
  while (text.size() < bytes) {
    if (!wait_for(fd, POLLIN)) {
      ADD_FAILURE() << "only " << text.size() << " of " << bytes
                    << " bytes came: " << text.substr(0, 200);
      break;
    }
    const ssize_t got = ::read(fd, piece.data(), std::min(piece.size(), bytes - text.size()));
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  return text;
}

std::string read_line(int fd) {
  std::string line;
  while (!line.ends_with('\n')) {
    const std::string next = read_exactly(fd, 1);
    if (next.empty()) break;
    line += next;
  }
  return line;
}

std::string read_to_end(int fd) {
  std::string text;
  while (true) {
    std::string piece = read_exactly(fd, kPiece);
    text += piece;
    if (piece.size() < kPiece) return text;
  }
}

std::string read_now(int fd) {
  std::string text;
  std::vector<char> piece(kPiece);
  pollfd entry{fd, POLLIN, 0};
  while (::poll(&entry, 1, 0) > 0) {
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  return text;
}

bool is_quiet(int fd) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, 0) == 0;
}

std::string random_lines(unsigned seed, std::size_t count, std::size_t bytes_max) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<std::size_t> length(0, bytes_max);
  std::uniform_int_distribution<int> byte(0, 255);
  std::string text;
  for (std::size_t line = 0; line < count; ++line) {
    for (std::size_t left = length(random); left > 0; --left) {
      const char c = static_cast<char>(byte(random));
      text += c == '\n' ? '\r' : c;
    }
    text += '\n';
  }
  return text;
}

}  // namespace tally::wrap::test
