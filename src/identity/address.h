// SPDX-License-Identifier: Apache-2.0
// IP addresses and networks: which peers are believed when they say who else a request came from.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::identity {

/// IPv4 or IPv6. An IPv4 address mapped into IPv6 (::ffff:192.0.2.1) is the IPv4 address.
class Address {
 public:
  /// Textual form, without port; a zone ("%eth0") and brackets around IPv6 are left out. nullopt
  /// when it is none.
  static std::optional<Address> parse(std::string_view text);
  [[nodiscard]] bool is_v4() const { return v4_; }
  /// 4 or 16 bytes at the front, network order.
  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  /// Canonical form (RFC 5952 for IPv6).
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Address&, const Address&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
  bool v4_ = true;
};

/// "192.0.2.0/24", "2001:db8::/32", or one address.
struct Network {
  Address address;
  unsigned prefix_bits = 0;

  static std::optional<Network> parse(std::string_view text);
  [[nodiscard]] bool contains(const Address& other) const;
};

/// The address in "192.0.2.1:8080", "[2001:db8::1]:8080", "[2001:db8::1]" or without port.
std::optional<Address> parse_node(std::string_view text);

}  // namespace tally::identity
