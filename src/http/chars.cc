// SPDX-License-Identifier: Apache-2.0
#include "http/chars.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace tally::http {
namespace {

constexpr bool is_bad_in_value(unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; }

/// Whether some of the eight bytes may be below 0x20 or 0x7f. Never misses one; may be wrong about
/// a HTAB or a neighbour of a bad byte, so that the bytes are looked at one by one.
bool may_hold_control(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  const std::uint64_t low = (word - kOnes * 0x20) & ~word;
  const std::uint64_t no_del = word ^ (kOnes * 0x7f);
  const std::uint64_t del = (no_del - kOnes) & ~no_del;
  return ((low | del) & kHighs) != 0;
}

/// Eight bytes at once: to_lower() of each.
std::uint64_t lower_letters(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  const std::uint64_t low_bits = word & ~kHighs;
  const std::uint64_t from_a = low_bits + kOnes * (0x80 - 'A');       // high bit: 'A' or above
  const std::uint64_t above_z = low_bits + kOnes * (0x80 - 'Z' - 1);  // high bit: above 'Z'
  const std::uint64_t upper = from_a & ~above_z & ~word & kHighs;
  return word | upper >> 2;
}

}  // namespace

bool is_token(std::string_view text) {
  if (text.empty()) return false;
  bool good = true;
  for (const char c : text) good &= is_token_char(c);
  return good;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = to_lower(c);
  return out;
}

bool equal_no_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (a.empty()) return true;
  // Nearly all that differ do so in their first or last letter, which then differ beyond case.
  const int ends = (a.front() ^ b.front()) | (a.back() ^ b.back());
  if ((ends & ~0x20) != 0) return false;
  const auto word = [](std::string_view text, std::size_t at) {
    std::uint64_t out = 0;
    std::memcpy(&out, text.data() + at, sizeof out);
    return lower_letters(out);
  };
  if (a.size() >= sizeof(std::uint64_t)) {
    const std::size_t last = a.size() - sizeof(std::uint64_t);
    for (std::size_t at = 0; at < last; at += sizeof(std::uint64_t)) {
      if (word(a, at) != word(b, at)) return false;
    }
    return word(a, last) == word(b, last);  // may overlap the one before
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  }
  return true;
}

bool starts_with_no_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equal_no_case(text.substr(0, prefix.size()), prefix);
}

std::string_view trim_ows(std::string_view text) {
  while (!text.empty() && is_ows(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_ows(text.back())) text.remove_suffix(1);
  return text;
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char low = to_lower(c);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

ValueChar bad_value_char(std::string_view value) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  if (value.size() >= kWord) {
    const auto suspicious = [value](std::size_t at) {
      std::uint64_t word = 0;
      std::memcpy(&word, value.data() + at, kWord);
      return may_hold_control(word);
    };
    const std::size_t last = value.size() - kWord;
    bool any = suspicious(last);  // may overlap the one before
    for (std::size_t at = 0; at < last; at += kWord) any |= suspicious(at);
    if (!any) return ValueChar::good;
  }
  for (const char c : value) {
    if (!is_bad_in_value(static_cast<unsigned char>(c))) continue;
    switch (c) {
      case '\0': return ValueChar::nul;
      case '\r': return ValueChar::cr;
      case '\n': return ValueChar::lf;
      default: return ValueChar::control;
    }
  }
  return ValueChar::good;
}

}  // namespace tally::http
