// SPDX-License-Identifier: Apache-2.0
// Keyed authentication of short records (the head of the log), and comparison that leaks nothing by
// its time.
#pragma once

#include "base/encoding.h"
#include "crypto/hash.h"

#include <array>
#include <cstddef>
#include <memory>
#include <span>

namespace tally::crypto {

inline constexpr std::size_t kHmacSha256Bytes = 32;

/// HMAC-SHA256 (RFC 2104) of `message` under `key` (any length; 32 bytes is right). Thread-safe.
[[nodiscard]] std::array<std::byte, kHmacSha256Bytes> hmac_sha256(Bytes key, Bytes message);

/// A key made ready for many messages: the two blocks that RFC 2104 makes of it are hashed once, so
/// that a short message costs half. Immutable, thread-safe. Wipes what it keeps.
class HmacKey {
 public:
  explicit HmacKey(Bytes key);
  ~HmacKey();
  HmacKey(const HmacKey&) = delete;
  HmacKey& operator=(const HmacKey&) = delete;

  /// As hmac_sha256() under this key.
  [[nodiscard]] std::array<std::byte, kHmacSha256Bytes> operator()(Bytes message) const;

 private:
  struct States;
  std::unique_ptr<const States> states_;
};

/// The same of a message that is given in parts. Not thread-safe.
class HmacSha256 {
 public:
  /// Wipes what it derives from the key; `key` itself is not kept.
  explicit HmacSha256(Bytes key);
  ~HmacSha256();
  HmacSha256(const HmacSha256&) = delete;
  HmacSha256& operator=(const HmacSha256&) = delete;

  void update(Bytes part) { inner_.update(part); }
  /// Once, at the end.
  [[nodiscard]] std::array<std::byte, kHmacSha256Bytes> finish();

 private:
  static constexpr std::size_t kBlockBytes = 64;
  Hasher inner_;
  std::array<std::byte, kBlockBytes> outer_key_{};
};

/// Whether both are the same bytes; takes the same time wherever they differ. Lengths are not
/// secret.
[[nodiscard]] bool constant_time_equal(Bytes a, Bytes b);

/// Overwrites memory that held a secret; the compiler may not drop it.
void cleanse(std::span<std::byte> secret);

}  // namespace tally::crypto
