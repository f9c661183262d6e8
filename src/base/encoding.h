// SPDX-License-Identifier: Apache-2.0
// Byte order, hex, base64 and decimal numbers; decoding accepts only what encoding would give back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tally {

using Bytes = std::span<const std::byte>;

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Lower-case hex.
std::string to_hex(Bytes bytes);
void append_hex(std::string& out, Bytes bytes);
/// Into `out`, which has room for two characters a byte.
void write_hex(Bytes bytes, char* out);
/// Strict: lower case, even length, nothing else.
std::optional<std::string> from_hex(std::string_view text);

/// Standard alphabet with padding (RFC 4648 section 4).
std::string to_base64(Bytes bytes);
/// Strict: standard alphabet, padding required, zero trailing bits, no white space.
std::optional<std::string> from_base64(std::string_view text);

/// Big-endian numbers at out[0..N).
void store_be32(std::uint32_t value, std::byte* out);
void store_be64(std::uint64_t value, std::byte* out);
std::uint32_t load_be32(const std::byte* in);
std::uint64_t load_be64(const std::byte* in);

/// Canonical decimal: no sign, no leading zeros, no white space, fits 64 bits.
std::optional<std::uint64_t> parse_decimal(std::string_view text);

/// Whether all of `text` is well-formed UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text);
/// Longest prefix of at most `bytes_max` bytes that does not cut a UTF-8 character.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max);
/// `text` with every ill-formed sequence replaced by U+FFFD.
std::string utf8_repair(std::string_view text);

}  // namespace tally
