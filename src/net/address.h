// SPDX-License-Identifier: Apache-2.0
// Socket addresses, and the text forms people write them in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <sys/socket.h>

namespace tally::net {

/// An IPv4 or IPv6 address with a port.
class SocketAddress {
 public:
  SocketAddress() = default;
  /// From what the system gave. Any other family is the empty address.
  SocketAddress(const sockaddr* address, socklen_t length);
  /// From a literal: "127.0.0.1", "::1" (no brackets). nullopt for anything else.
  [[nodiscard]] static std::optional<SocketAddress> parse(const std::string& literal,
                                                          std::uint16_t port);

  /// Address alone: "127.0.0.1", "2001:db8::1"; an IPv4 address inside IPv6 reads as IPv4.
  [[nodiscard]] std::string host() const;
  [[nodiscard]] std::uint16_t port() const;
  void set_port(std::uint16_t port);
  /// "127.0.0.1:80", "[::1]:80".
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool is_loopback() const;

  [[nodiscard]] const sockaddr* native() const {
    return reinterpret_cast<const sockaddr*>(&storage_);
  }
  [[nodiscard]] socklen_t length() const { return length_; }
  [[nodiscard]] int family() const { return storage_.ss_family; }

 private:
  sockaddr_storage storage_{};
  socklen_t length_ = 0;
};

/// Where a socket is connected to, or bound to.
[[nodiscard]] SocketAddress peer_of(int descriptor);
[[nodiscard]] SocketAddress local_of(int descriptor);

}  // namespace tally::net
