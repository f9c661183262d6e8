// SPDX-License-Identifier: Apache-2.0
#include "net/loop_impl.h"
#include "net/peer_certificate.h"
#include "net/stream.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace tally::net {
namespace {

/// Pieces of one write; a caller with more gets a short write and comes again.
constexpr std::size_t kPiecesMax = 16;

class TcpStream final : public Stream {
 public:
  TcpStream(Loop& loop, int descriptor)
      : watch_(new Registration(loop.impl().poller, descriptor)) {}

  IoResult read(std::span<char> into) override {
    const ssize_t got = ::recv(watch_->descriptor(), into.data(), into.size(), 0);
    // Less than asked for is all there is; what comes later is told (epoll(7)).
    const bool none = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    if (none || (got > 0 && static_cast<std::size_t>(got) < into.size())) watch_->read_all();
    return result_of(got, true);
  }

  IoResult write(std::span<const std::string_view> pieces) override {
    std::array<iovec, kPiecesMax> parts{};
    std::size_t count = 0;
    for (const std::string_view piece : pieces) {
      if (piece.empty()) continue;
      if (count == parts.size()) break;
      parts[count++] = {const_cast<char*>(piece.data()), piece.size()};
    }
    if (count == 0) return {IoResult::Kind::done, 0};
    if (count == 1) {  // the usual case, without the kernel's copy of a list of one
      return result_of(
          ::send(watch_->descriptor(), parts[0].iov_base, parts[0].iov_len, MSG_NOSIGNAL), false);
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    return result_of(::sendmsg(watch_->descriptor(), &message, MSG_NOSIGNAL), false);
  }

  void set_handler(ReadyHandler* handler) override { watch_->handler = handler; }
  void want_read() override { watch_->want_read(); }
  void want_write() override { watch_->want_write(); }
  void finish() override { ::shutdown(watch_->descriptor(), SHUT_WR); }

  bool is_quiet() override {
    char byte = 0;
    const ssize_t got = ::recv(watch_->descriptor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  bool was_quiet() const override { return watch_->was_silent(); }

  std::string error() const override { return std::strerror(error_); }
  bool is_tls() const override { return false; }
  int descriptor() const override { return watch_->descriptor(); }

 private:
  IoResult result_of(ssize_t moved, bool reading) {
    if (moved > 0) return {IoResult::Kind::done, static_cast<std::size_t>(moved)};
    if (moved == 0) {
      return {reading ? IoResult::Kind::end : IoResult::Kind::would_block, 0};
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
      return {IoResult::Kind::would_block, 0};
    }
    error_ = errno;
    return {IoResult::Kind::failed, 0};
  }

  OwnRegistration watch_;
  int error_ = 0;
};

}  // namespace

std::unique_ptr<PeerCertificate> Stream::certificate() const { return nullptr; }

bool Stream::peer_closed() const {
  pollfd ask{descriptor(), POLLRDHUP, 0};
  return ::poll(&ask, 1, 0) == 1 && (ask.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

void Stream::bound_unsent(int bytes) const {
  static_cast<void>(::setsockopt(descriptor(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes));
}

std::unique_ptr<Stream> make_tcp_stream(Loop& loop, int descriptor) {
  return std::make_unique<TcpStream>(loop, descriptor);
}

}  // namespace tally::net
