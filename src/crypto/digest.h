// SPDX-License-Identifier: Apache-2.0
// A digest knows its length and its role; two roles never mix.
#pragma once

#include "base/check.h"
#include "base/encoding.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tally::crypto {

/// Longest digest of the supported algorithms (SHA-512, BLAKE2b-512).
inline constexpr std::size_t kDigestBytesMax = 64;
/// Shortest digest that is accepted anywhere (SHA-256, SHA3-256).
inline constexpr std::size_t kDigestBytesMin = 32;

/// A hash value in one role (Tag). Trivially copyable, no allocation; comparison is not
/// constant-time: use it for public hashes only.
template <class Tag>
class Digest {
 public:
  /// Copies 32 to 64 bytes; anything else is our own bug.
  static Digest from_bytes(Bytes bytes) {
    return filled(bytes.size(), [bytes](std::span<std::byte> out) {
      std::memcpy(out.data(), bytes.data(), out.size());
    });
  }
  /// A digest of `size` bytes that `fill(std::span<std::byte>)` writes in place, all of them.
  template <class Fill>
  static Digest filled(std::size_t size, Fill&& fill) {
    TALLY_CHECK(size >= kDigestBytesMin && size <= kDigestBytesMax);
    Digest d;
    d.size_ = static_cast<std::uint8_t>(size);
    fill(std::span<std::byte>(d.bytes_.data(), size));
    return d;
  }
  /// Strict lower-case hex of exactly `size` bytes; nullopt for anything else.
  static std::optional<Digest> from_hex(std::string_view text, std::size_t size) {
    return from_decoded(tally::from_hex(text), size);
  }
  /// Strict base64 (as tally::from_base64) of exactly `size` bytes; nullopt for anything else.
  static std::optional<Digest> from_base64(std::string_view text, std::size_t size) {
    return from_decoded(tally::from_base64(text), size);
  }

  [[nodiscard]] Bytes bytes() const { return {bytes_.data(), size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string to_hex() const { return tally::to_hex(bytes()); }
  [[nodiscard]] std::string to_base64() const { return tally::to_base64(bytes()); }
  friend bool operator==(const Digest& a, const Digest& b) {
    return a.size_ == b.size_ && std::memcmp(a.bytes_.data(), b.bytes_.data(), a.size_) == 0;
  }

 private:
  Digest() = default;
  static std::optional<Digest> from_decoded(const std::optional<std::string>& bytes,
                                            std::size_t size) {
    if (!bytes || bytes->size() != size) return std::nullopt;
    return from_bytes(as_bytes(*bytes));
  }

  std::array<std::byte, kDigestBytesMax> bytes_;  // only the first size_ bytes have a value
  std::uint8_t size_ = 0;
};

}  // namespace tally::crypto
