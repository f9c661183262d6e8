// SPDX-License-Identifier: Apache-2.0
// IP addresses and ranges of them as values: who is trusted, and which address a header names. No
// I/O, no names.
#pragma once

#include "base/result.h"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tally {

/// An IPv4 or IPv6 address. An IPv4 address mapped into IPv6 (::ffff:192.0.2.1, as a dual-stack
/// socket reports it) equals the IPv4 one. Zones ("%eth0") are no part of it.
class IpAddress {
 public:
  /// Dotted decimal (four parts, no leading zeros) or RFC 4291 text, without brackets or port.
  /// nullopt for anything else.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
  /// Canonical text (RFC 5952).
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool is_v4() const;
  [[nodiscard]] bool is_loopback() const;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  friend class AddressRange;
  std::array<std::uint8_t, 16> bytes_{};  ///< IPv4 as ::ffff:a.b.c.d
};

/// Addresses with a common beginning: "10.0.0.0/8", "fd00::/8", or a single address.
class AddressRange {
 public:
  /// Bits behind the prefix must be zero, so that "10.1.2.3/8" is not mistaken for one address.
  /// Errors: invalid_argument saying what to write.
  [[nodiscard]] static Result<AddressRange> parse(std::string_view text);
  [[nodiscard]] bool contains(const IpAddress& address) const;
  [[nodiscard]] std::string text() const;
  friend bool operator==(const AddressRange&, const AddressRange&) = default;

 private:
  IpAddress first_;
  unsigned bits_ = 128;  ///< of the 16 bytes
};

}  // namespace tally
