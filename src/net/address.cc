// SPDX-License-Identifier: Apache-2.0
#include "net/address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <netinet/in.h>

namespace tally::net {
namespace {

constexpr std::array<unsigned char, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_mapped(const in6_addr& address) {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.s6_addr);
}

template <class Native>
Native view_as(const sockaddr_storage& storage) {
  Native out;
  std::memcpy(&out, &storage, sizeof out);
  return out;
}

}  // namespace

SocketAddress::SocketAddress(const sockaddr* address, socklen_t length) {
  if (address == nullptr || length > sizeof storage_) return;
  if (address->sa_family != AF_INET && address->sa_family != AF_INET6) return;
  std::memcpy(&storage_, address, length);
  length_ = length;
}

std::optional<SocketAddress> SocketAddress::parse(const std::string& literal, std::uint16_t port) {
  sockaddr_in four{};
  if (::inet_pton(AF_INET, literal.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    return SocketAddress(reinterpret_cast<const sockaddr*>(&four), sizeof four);
  }
  sockaddr_in6 six{};
  if (::inet_pton(AF_INET6, literal.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    return SocketAddress(reinterpret_cast<const sockaddr*>(&six), sizeof six);
  }
  return std::nullopt;
}

std::string SocketAddress::host() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (family() == AF_INET) {
    const auto four = view_as<sockaddr_in>(storage_);
    ::inet_ntop(AF_INET, &four.sin_addr, text.data(), text.size());
  } else if (family() == AF_INET6) {
    const auto six = view_as<sockaddr_in6>(storage_);
    if (is_mapped(six.sin6_addr)) {
      ::inet_ntop(AF_INET, &six.sin6_addr.s6_addr[12], text.data(), text.size());
    } else {
      ::inet_ntop(AF_INET6, &six.sin6_addr, text.data(), text.size());
    }
  }
  return text.data();
}

std::uint16_t SocketAddress::port() const {
  if (family() == AF_INET) return ntohs(view_as<sockaddr_in>(storage_).sin_port);
  if (family() == AF_INET6) return ntohs(view_as<sockaddr_in6>(storage_).sin6_port);
  return 0;
}

void SocketAddress::set_port(std::uint16_t port) {
  if (family() == AF_INET) reinterpret_cast<sockaddr_in*>(&storage_)->sin_port = htons(port);
  if (family() == AF_INET6) reinterpret_cast<sockaddr_in6*>(&storage_)->sin6_port = htons(port);
}

std::string SocketAddress::text() const {
  const std::string address = host();
  const bool brackets = address.find(':') != std::string::npos;
  return (brackets ? "[" + address + "]" : address) + ":" + std::to_string(port());
}

bool SocketAddress::is_loopback() const {
  if (family() == AF_INET) {
    return (ntohl(view_as<sockaddr_in>(storage_).sin_addr.s_addr) >> 24U) == 127U;
  }
  if (family() != AF_INET6) return false;
  const auto six = view_as<sockaddr_in6>(storage_);
  if (is_mapped(six.sin6_addr)) return six.sin6_addr.s6_addr[12] == 127U;
  return IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
}

SocketAddress peer_of(int descriptor) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
  return {reinterpret_cast<const sockaddr*>(&storage), length};
}

SocketAddress local_of(int descriptor) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
  return {reinterpret_cast<const sockaddr*>(&storage), length};
}

}  // namespace tally::net
