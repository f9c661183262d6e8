// SPDX-License-Identifier: Apache-2.0
// Keyed authentication of short records (the head of the log), and comparison that leaks nothing by
// its time.
#pragma once

#include "base/encoding.h"

#include <array>
#include <cstddef>
#include <span>

namespace tally::crypto {

inline constexpr std::size_t kHmacSha256Bytes = 32;

/// HMAC-SHA256 (RFC 2104) of `message` under `key` (any length; 32 bytes is right). Thread-safe.
[[nodiscard]] std::array<std::byte, kHmacSha256Bytes> hmac_sha256(Bytes key, Bytes message);

/// Whether both are the same bytes; takes the same time wherever they differ. Lengths are not
/// secret.
[[nodiscard]] bool constant_time_equal(Bytes a, Bytes b);

/// Overwrites memory that held a secret; the compiler may not drop it.
void cleanse(std::span<std::byte> secret);

}  // namespace tally::crypto
