// SPDX-License-Identifier: Apache-2.0
// Small words of HTTP header grammar that the parsers here share.
#pragma once

#include <string>
#include <string_view>

namespace tally::identity {

constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

/// Equal without regard to ASCII case.
constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (ascii_lower(a[i]) != ascii_lower(b[i])) return false;
  }
  return true;
}

/// Without spaces and tabs at both ends.
constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Takes the next element of a list off `rest`, trimmed; separators inside double quotes do not
/// count (RFC 9110, 5.6.1). Call while `rest` is not empty.
constexpr std::string_view next_element(std::string_view& rest, char separator = ',') {
  bool quoted = false;
  std::size_t at = 0;
  for (; at < rest.size(); ++at) {
    if (quoted && rest[at] == '\\') {
      ++at;
    } else if (rest[at] == '"') {
      quoted = !quoted;
    } else if (rest[at] == separator && !quoted) {
      break;
    }
  }
  at = at < rest.size() ? at : rest.size();
  const std::string_view element = trim(rest.substr(0, at));
  rest.remove_prefix(at < rest.size() ? at + 1 : at);
  return element;
}

/// A quoted-string without its quotes and backslashes; other text as it is.
inline std::string unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  std::string out;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && i + 2 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

}  // namespace tally::identity
