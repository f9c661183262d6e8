// SPDX-License-Identifier: Apache-2.0
#include "proxy/wire.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

namespace tally::proxy::test {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

}  // namespace

std::string Message::first_line() const { return head.substr(0, head.find("\r\n")); }

std::string Message::field(const std::string& name) const {
  std::size_t at = head.find("\r\n");
  while (at != std::string::npos && at + 2 < head.size()) {
    const std::size_t end = head.find("\r\n", at + 2);
    const std::string line = head.substr(at + 2, end - at - 2);
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos && lower(line.substr(0, colon)) == name) {
      const std::size_t start = line.find_first_not_of(' ', colon + 1);
      return start == std::string::npos ? "" : line.substr(start);
    }
    at = end;
  }
  return {};
}

int Message::status() const { return head.size() > 12 ? std::atoi(head.c_str() + 9) : 0; }

Wire::Wire(int descriptor) : descriptor_(descriptor) {
  const timeval limit{10, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Wire Wire::to(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  EXPECT_EQ(::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  return Wire(descriptor);
}

Wire::Wire(Wire&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), buffer_(std::move(other.buffer_)) {}

Wire::~Wire() { close(); }

void Wire::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

void Wire::finish() const { ::shutdown(descriptor_, SHUT_WR); }

void Wire::reset() {
  const linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

bool Wire::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Wire::more() {
  char bytes[16'384];
  const ssize_t got = ::recv(descriptor_, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

bool Wire::silent(int milliseconds) const {
  pollfd socket{descriptor_, POLLIN, 0};
  return buffer_.empty() && ::poll(&socket, 1, milliseconds) == 0;
}

std::string Wire::read_until(std::string_view text) {
  std::size_t at = 0;
  while ((at = buffer_.find(text)) == std::string::npos) {
    if (!more()) return std::exchange(buffer_, {});
  }
  std::string out = buffer_.substr(0, at + text.size());
  buffer_.erase(0, at + text.size());
  return out;
}

std::string Wire::read_bytes(std::size_t count) {
  while (buffer_.size() < count && more()) {
  }
  std::string out = buffer_.substr(0, std::min(count, buffer_.size()));
  buffer_.erase(0, out.size());
  return out;
}

std::string Wire::read_all() {
  while (more()) {
  }
  return std::exchange(buffer_, {});
}

bool Wire::wait_closed() {
  for (;;) {
    char bytes[16'384];
    const ssize_t got = ::recv(descriptor_, bytes, sizeof bytes, 0);
    if (got == 0) return true;
    if (got < 0) return errno != EAGAIN && errno != EWOULDBLOCK;
  }
}

Message Wire::receive(bool no_body) {
  Message out;
  out.head = read_until("\r\n\r\n");
  if (!out.head.ends_with("\r\n\r\n")) return out;
  out.complete = true;
  const bool is_response = out.head.starts_with("HTTP/");
  const int status = is_response ? out.status() : 0;
  if (no_body || status == 204 || status == 304 || (status >= 100 && status < 200)) return out;
  if (lower(out.field("transfer-encoding")) == "chunked") {
    for (;;) {
      const std::string line = read_until("\r\n");
      const std::size_t size = std::strtoul(line.c_str(), nullptr, 16);
      if (line.empty()) out.complete = false;
      if (size == 0) break;
      while (buffer_.size() < size + 2 && more()) {
      }
      out.complete = buffer_.size() >= size + 2;
      out.body += buffer_.substr(0, std::min(size, buffer_.size()));
      buffer_.erase(0, std::min(size + 2, buffer_.size()));
      if (!out.complete) return out;
    }
    // Trailers become part of the head, for field().
    for (std::string line = read_until("\r\n"); line.size() > 2; line = read_until("\r\n")) {
      out.head.insert(out.head.size() - 2, line);
    }
    return out;
  }
  if (out.field("content-length").empty()) {
    if (is_response) out.body = read_all();
    return out;
  }
  const std::size_t size = std::stoul(out.field("content-length"));
  while (buffer_.size() < size && more()) {
  }
  out.complete = buffer_.size() >= size;
  out.body = buffer_.substr(0, std::min(size, buffer_.size()));
  buffer_.erase(0, out.body.size());
  return out;
}

Upstream::Upstream(Serve serve) : serve_(std::move(serve)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(listener_, 64), 0);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

void Upstream::run() {
  for (;;) {
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) return;
    const std::lock_guard lock(mutex_);
    const int number = count_++;
    threads_.emplace_back([this, descriptor, number] {
      {
        Wire wire(descriptor);
        serve_(wire, number);
      }
      ++ended_;
    });
  }
}

int Upstream::connections() {
  const std::lock_guard lock(mutex_);
  return count_;
}

void Upstream::stop_listening() {
  if (listener_ < 0) return;
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(std::exchange(listener_, -1));
}

Upstream::~Upstream() {
  stop_listening();
  for (std::thread& thread : threads_) thread.join();
}

std::string response(std::string_view body, std::string_view fields, std::string_view status) {
  return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string post(std::string_view body, std::string_view fields, std::string_view target) {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: server.test\r\n" +
         "Content-Type: application/json\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string get(std::string_view target, std::string_view fields) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: server.test\r\n" + std::string(fields) +
         "\r\n";
}

}  // namespace tally::proxy::test
