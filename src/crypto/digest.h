// SPDX-License-Identifier: Apache-2.0
// A digest knows its length and its role; two roles never mix.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/encoding.h"

namespace tally::crypto {

/// Longest digest of the supported algorithms (SHA-512, BLAKE2b-512).
inline constexpr std::size_t kDigestBytesMax = 64;

/// A hash value in one role (Tag). Trivially copyable, no allocation; comparison is not constant-time: use it for
/// public hashes only.
template <class Tag>
class Digest {
 public:
  /// Copies 20 to 64 bytes.
  static Digest from_bytes(Bytes bytes) {
    TALLY_CHECK(bytes.size() >= 20 && bytes.size() <= kDigestBytesMax);
    Digest d;
    std::copy(bytes.begin(), bytes.end(), d.bytes_.begin());
    d.size_ = static_cast<std::uint8_t>(bytes.size());
    return d;
  }
  [[nodiscard]] Bytes bytes() const { return {bytes_.data(), size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string to_hex() const { return tally::to_hex(bytes()); }
  [[nodiscard]] std::string to_base64() const { return tally::to_base64(bytes()); }
  friend bool operator==(const Digest& a, const Digest& b) {
    return std::ranges::equal(a.bytes(), b.bytes());
  }

 private:
  Digest() = default;
  std::array<std::byte, kDigestBytesMax> bytes_;  // only the first size_ bytes have a value
  std::uint8_t size_ = 0;
};

}  // namespace tally::crypto
