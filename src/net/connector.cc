// SPDX-License-Identifier: Apache-2.0
#include "net/connector.h"

#include "base/limits.h"
#include "net/tls_context.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace tally::net {

Connector::Connector(Loop& loop, Target target, Done done)
    : loop_(loop),
      target_(std::move(target)),
      done_(std::move(done)),
      deadline_(loop.deadlines(), *this),
      started_(system_clock().mono()) {
  deadline_.set(kConnectWait);
  resolve(loop_, target_.host, target_.port,
          [this, alive = alive_](Result<std::vector<SocketAddress>> addresses) {
            if (*alive) resolved(std::move(addresses));
          });
}

Connector::~Connector() { *alive_ = false; }

void Connector::resolved(Result<std::vector<SocketAddress>> addresses) {
  if (!addresses) {
    finish(tl::unexpected(std::move(addresses).error()));
    return;
  }
  addresses_ = std::move(*addresses);
  try_next();
}

void Connector::note_failure(const std::string& why) {
  failures_ += (failures_.empty() ? "" : ", ") + addresses_[next_ - 1].text() + ": " + why;
}

void Connector::try_next() {
  connecting_.reset();
  shaking_.reset();
  const auto spent = system_clock().mono() - started_;
  while (next_ < addresses_.size() && spent < kConnectWait) {
    const SocketAddress& address = addresses_[next_++];
    const int descriptor =
        ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
      note_failure(std::strerror(errno));
      continue;
    }
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    connecting_ = std::make_unique<Watch>(loop_, descriptor);
    if (::connect(descriptor, address.native(), address.length()) != 0 && errno != EINPROGRESS) {
      note_failure(std::strerror(errno));
      connecting_.reset();
      continue;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(kConnectWait - spent);
    deadline_.set(std::min(left, target_.address_wait));
    connecting_->set_handler(this);
    connecting_->want_write();
    return;
  }
  const Errc code = certificate_failed_ ? Errc::mismatch : Errc::io;
  finish(fail(code, target_.host + ": no connection: " + failures_));
}

void Connector::on_writable() {
  if (connecting_ == nullptr) return;
  int error = 0;
  socklen_t length = sizeof error;
  ::getsockopt(connecting_->descriptor(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) {
    note_failure(std::strerror(error));
    try_next();
    return;
  }
  connected();
}

void Connector::connected() {
  // The stream watches the descriptor anew; two watches of one descriptor cannot be.
  const int descriptor = ::fcntl(connecting_->descriptor(), F_DUPFD_CLOEXEC, 0);
  connecting_.reset();
  if (descriptor < 0) {
    note_failure(std::strerror(errno));
    try_next();
    return;
  }
  if (target_.tls == nullptr) {
    finish(make_tcp_stream(loop_, descriptor));
    return;
  }
  shaking_ = make_tls_client(loop_, descriptor, *target_.tls,
                             target_.server_name.empty() ? target_.host : target_.server_name);
  shaking_->set_handler(this);
  shake_hands();
}

void Connector::shake_hands() {
  switch (shaking_->handshake().kind) {
    case IoResult::Kind::done:
      shaking_->set_handler(nullptr);
      finish(std::move(shaking_));
      return;
    case IoResult::Kind::would_block: shaking_->want_read(); return;
    case IoResult::Kind::end:
    case IoResult::Kind::failed: break;
  }
  const std::string why = shaking_->error();
  certificate_failed_ = certificate_failed_ || why.starts_with("certificate:");
  note_failure(why.empty() ? "closed during the TLS handshake" : why);
  try_next();
}

void Connector::on_readable() {
  if (shaking_ != nullptr) shake_hands();
}

void Connector::on_deadline() {
  if (next_ == 0) {
    finish(fail(Errc::timeout, target_.host + ": its address was not found in time"));
    return;
  }
  note_failure("no answer in time");
  const bool last = next_ == addresses_.size() || system_clock().mono() - started_ >= kConnectWait;
  if (last) {
    connecting_.reset();
    shaking_.reset();
    finish(fail(Errc::timeout, target_.host + ": no connection: " + failures_));
    return;
  }
  try_next();
}

/// `done_` is moved out first: it may destroy this object, and itself with it.
void Connector::finish(Result<std::unique_ptr<Stream>> result) {
  deadline_.clear();
  const Done done = std::move(done_);
  done(std::move(result));
}

}  // namespace tally::net
