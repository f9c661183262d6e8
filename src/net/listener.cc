// SPDX-License-Identifier: Apache-2.0
#include "net/listener.h"

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace tally::net {
namespace {

/// Connections taken in one turn, so that those who are there already get theirs too.
constexpr int kAcceptsPerTurn = 64;
/// How long to wait when there are no descriptors left.
constexpr std::chrono::milliseconds kAcceptRetry{100};
/// Waiting connections; the kernel caps it at net.core.somaxconn.
constexpr int kBacklog = 4'096;

Errc errc_of(int error) {
  if (error == EADDRINUSE) return Errc::already_exists;
  if (error == EACCES) return Errc::permission_denied;
  if (error == EADDRNOTAVAIL) return Errc::invalid_argument;
  return Errc::io;
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(Loop& loop, const Endpoint& where,
                                                 Accepted accepted) {
  const std::string literal = where.host == "localhost" ? "127.0.0.1" : where.host;
  const auto address = SocketAddress::parse(literal, where.port);
  if (!address) {
    return fail(Errc::invalid_argument,
                "\"" + where.host + "\": to listen, give an address such as 127.0.0.1 or [::]");
  }
  const int descriptor = ::socket(address->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) {
    return fail(Errc::io, address->text() + ": " + std::strerror(errno));
  }
  const int on = 1;
  const int off = 0;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address->family() == AF_INET6) {
    ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  if (::bind(descriptor, address->native(), address->length()) != 0 ||
      ::listen(descriptor, kBacklog) != 0) {
    const int error = errno;
    ::close(descriptor);
    return fail(errc_of(error), address->text() + ": cannot listen: " + std::strerror(error));
  }
  return std::make_unique<Listener>(loop, descriptor, std::move(accepted));
}

Listener::Listener(Loop& loop, int descriptor, Accepted accepted)
    : watch_(loop, descriptor), retry_(loop.deadlines(), *this), accepted_(std::move(accepted)) {
  watch_.set_handler(this);
  watch_.want_read();
}

SocketAddress Listener::address() const { return local_of(watch_.descriptor()); }

void Listener::pause() { paused_ = true; }

void Listener::resume() {
  if (std::exchange(paused_, false)) watch_.want_read();
}

void Listener::on_deadline() { watch_.want_read(); }

void Listener::on_readable() {
  for (int turn = 0; turn < kAcceptsPerTurn && !paused_; ++turn) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    const int descriptor = ::accept4(watch_.descriptor(), reinterpret_cast<sockaddr*>(&storage),
                                     &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) {
        ++failures_;
        retry_.set(kAcceptRetry);
        return;
      }
      break;
    }
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    accepted_(descriptor, SocketAddress(reinterpret_cast<const sockaddr*>(&storage), length));
  }
  if (!paused_) watch_.want_read();
}

}  // namespace tally::net
