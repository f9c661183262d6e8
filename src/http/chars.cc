// SPDX-License-Identifier: Apache-2.0
#include "http/chars.h"

#include <bit>
#include <cstddef>
#include <cstring>

namespace tally::http {
namespace {

constexpr bool is_bad_in_value(unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; }

/// High bit of every byte of `word` that is below 0x20 or 0x7f. Carries go upwards only, so the
/// first of them is right.
std::uint64_t control_bytes(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  const std::uint64_t low = (word - kOnes * 0x20) & ~word;
  const std::uint64_t no_del = word ^ (kOnes * 0x7f);
  const std::uint64_t del = (no_del - kOnes) & ~no_del;
  return (low | del) & kHighs;
}

/// Eight bytes at `p`, the first one lowest.
std::uint64_t load_word(const char* p) {
  std::uint64_t word = 0;
  std::memcpy(&word, p, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
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
  std::size_t at = 0;
  for (; out.size() - at >= sizeof(std::uint64_t); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, out.data() + at, sizeof word);
    word = lower_letters(word);
    std::memcpy(out.data() + at, &word, sizeof word);
  }
  for (; at < out.size(); ++at) out[at] = to_lower(out[at]);
  return out;
}

bool equal_no_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (a.empty()) return true;
  // Nearly all that differ do so in their first or last letter, which then differ beyond case.
  const int ends = (a.front() ^ b.front()) | (a.back() ^ b.back());
  if ((ends & ~0x20) != 0) return false;
  const auto equal_at = [a, b](std::size_t at) {
    std::uint64_t of_a = 0, of_b = 0;
    std::memcpy(&of_a, a.data() + at, sizeof of_a);
    std::memcpy(&of_b, b.data() + at, sizeof of_b);
    return of_a == of_b || lower_letters(of_a) == lower_letters(of_b);
  };
  if (a.size() >= sizeof(std::uint64_t)) {
    const std::size_t last = a.size() - sizeof(std::uint64_t);
    for (std::size_t at = 0; at < last; at += sizeof(std::uint64_t)) {
      if (!equal_at(at)) return false;
    }
    return equal_at(last);  // may overlap the one before
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
  const std::size_t plain = plain_value_bytes(value);
  if (plain == value.size()) return ValueChar::good;
  switch (value[plain]) {
    case '\0': return ValueChar::nul;
    case '\r': return ValueChar::cr;
    case '\n': return ValueChar::lf;
    default: return ValueChar::control;
  }
}

std::size_t plain_value_bytes(std::string_view text) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  std::size_t at = 0;
  while (text.size() - at >= kWord) {
    const std::uint64_t found = control_bytes(load_word(text.data() + at));
    if (found == 0) {
      at += kWord;
      continue;
    }
    at += static_cast<std::size_t>(std::countr_zero(found)) / 8;
    if (text[at] != '\t') return at;
    ++at;
  }
  while (at < text.size() && !is_bad_in_value(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

}  // namespace tally::http
