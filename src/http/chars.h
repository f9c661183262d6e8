// SPDX-License-Identifier: Apache-2.0
// Characters of HTTP: what may stand in a token or a field value, and comparison without case.
// ASCII only, and never by locale: two parsers must not disagree because of where they run.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tally::http {

namespace detail {
constexpr std::array<bool, 256> token_table() {
  std::array<bool, 256> table{};
  constexpr std::string_view kTokenChars =
      "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (const char c : kTokenChars) table[static_cast<unsigned char>(c)] = true;
  return table;
}
inline constexpr std::array<bool, 256> kTokenTable = token_table();
}  // namespace detail

/// tchar of RFC 9110 section 5.6.2. Inline: it is asked for every byte of every field name.
[[nodiscard]] constexpr bool is_token_char(char c) {
  return detail::kTokenTable[static_cast<unsigned char>(c)];
}
/// Bytes at the start of `text` that may stand in a token.
[[nodiscard]] inline std::size_t token_bytes(std::string_view text) {
  std::size_t bytes = 0;
  while (bytes < text.size() && is_token_char(text[bytes])) ++bytes;
  return bytes;
}
/// A token: not empty, tchar only.
[[nodiscard]] bool is_token(std::string_view text);
[[nodiscard]] constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
/// Optional white space around values: SP and HTAB (RFC 9110 section 5.6.3).
[[nodiscard]] constexpr bool is_ows(char c) { return c == ' ' || c == '\t'; }
[[nodiscard]] constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
[[nodiscard]] std::string lower(std::string_view text);
/// Equal when the case of ASCII letters is ignored.
[[nodiscard]] bool equal_no_case(std::string_view a, std::string_view b);
[[nodiscard]] bool starts_with_no_case(std::string_view text, std::string_view prefix);
/// `text` without SP and HTAB at both ends.
[[nodiscard]] std::string_view trim_ows(std::string_view text);
/// -1 when `c` is no hexadecimal digit.
[[nodiscard]] int hex_value(char c);

/// What a field value may not hold (RFC 9110 section 5.5), the first that stands in it.
enum class ValueChar : std::uint8_t { good, nul, cr, lf, control };
/// Bytes from 0x80 on (obs-text) are good: real clients send UTF-8 there.
[[nodiscard]] ValueChar bad_value_char(std::string_view value);
/// Bytes at the start of `text` before the first that no value may hold.
[[nodiscard]] std::size_t plain_value_bytes(std::string_view text);

}  // namespace tally::http
