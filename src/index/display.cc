// SPDX-License-Identifier: Apache-2.0
#include "index/display.h"

#include "base/encoding.h"
#include "index/width_table.h"

#include <algorithm>
#include <array>

namespace tally::index {
namespace {

struct Character {
  char32_t point;
  std::size_t bytes;
};

/// The character at the front of well-formed, non-empty UTF-8.
Character first_of(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead < 0xE0 ? 2U : lead < 0xF0 ? 3U : 4U;
  char32_t point = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) point = point << 6 | (at(i) & 0x3FU);
  return {point, bytes};
}

/// Characters that could move the cursor, end the line, reorder or hide what people read.
bool is_treacherous(char32_t c) {
  constexpr std::array<CharacterRange, 10> kRanges = {{{0x00, 0x1F},
                                                       {0x7F, 0x9F},
                                                       {0x061C, 0x061C},
                                                       {0x180E, 0x180E},
                                                       {0x200B, 0x200B},
                                                       {0x200E, 0x200F},
                                                       {0x2028, 0x202E},
                                                       {0x2060, 0x206F},
                                                       {0xFEFF, 0xFEFF},
                                                       {0xE0000, 0xE0FFF}}};
  return std::ranges::any_of(kRanges,
                             [c](CharacterRange r) { return c >= r.first && c <= r.last; });
}

void append_escape(std::string& out, char32_t c) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  const int digits = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
  out += digits == 2 ? "\\x" : digits == 4 ? "\\u" : "\\U";
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += kHex[(c >> shift) & 15];
}

template <std::size_t N>
bool in_table(const CharacterRange (&table)[N], char32_t c) {
  const auto* const found = std::lower_bound(
      std::begin(table), std::end(table), c,
      [](const CharacterRange& range, char32_t value) { return range.last < value; });
  return found != std::end(table) && c >= found->first;
}

std::size_t width_of(char32_t c) {
  if (c < 0x300) return 1;
  if (in_table(kZeroWidth, c)) return 0;
  return in_table(kDoubleWidth, c) ? 2 : 1;
}

bool is_plain_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

}  // namespace

std::string visible(std::string_view text) {
  if (is_plain_ascii(text)) return std::string(text);
  const std::string repaired = utf8_repair(text);
  std::string out;
  out.reserve(repaired.size() + 16);
  for (std::string_view rest = repaired; !rest.empty();) {
    const Character c = first_of(rest);
    if (is_treacherous(c.point)) {
      append_escape(out, c.point);
    } else {
      out += rest.substr(0, c.bytes);
    }
    rest.remove_prefix(c.bytes);
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  const std::string repaired = utf8_repair(text);
  std::size_t width = 0;
  for (std::string_view rest = repaired; !rest.empty();) {
    const Character c = first_of(rest);
    width += width_of(c.point);
    rest.remove_prefix(c.bytes);
  }
  return width;
}

std::string fit(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return utf8_repair(text);
  if (columns == 0) return {};
  const std::string repaired = utf8_repair(text);
  std::size_t used = 0;
  std::size_t bytes = 0;
  for (std::string_view rest = repaired; !rest.empty();) {
    const Character c = first_of(rest);
    if (used + width_of(c.point) > columns - 1) break;
    used += width_of(c.point);
    bytes += c.bytes;
    rest.remove_prefix(c.bytes);
  }
  return repaired.substr(0, bytes) + "…";
}

std::string fit_end(std::string_view text, std::size_t columns) {
  const std::string repaired = utf8_repair(text);
  std::size_t width = display_width(repaired);
  if (width <= columns) return repaired;
  if (columns == 0) return {};
  std::string_view rest = repaired;
  while (width > columns - 1) {
    const Character c = first_of(rest);
    width -= width_of(c.point);
    rest.remove_prefix(c.bytes);
  }
  return "…" + std::string(rest);
}

std::string fit_padded(std::string_view text, std::size_t columns) {
  std::string out = fit(text, columns);
  const std::size_t width = display_width(out);
  if (width < columns) out.append(columns - width, ' ');
  return out;
}

}  // namespace tally::index
