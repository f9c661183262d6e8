// SPDX-License-Identifier: Apache-2.0
#include "http/charset.h"

#include "base/check.h"
#include "base/encoding.h"
#include "http/chars.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace tally::http {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;

std::size_t unit_bytes(TextEncoding encoding) {
  switch (encoding) {
    case TextEncoding::utf8: return 1;
    case TextEncoding::utf16le:
    case TextEncoding::utf16be: return 2;
    case TextEncoding::utf32le:
    case TextEncoding::utf32be: return 4;
  }
  TALLY_CHECK(!"TextEncoding out of range");
}

bool is_big_endian(TextEncoding encoding) {
  return encoding == TextEncoding::utf16be || encoding == TextEncoding::utf32be;
}

struct Found {
  TextEncoding encoding = TextEncoding::utf8;
  std::size_t mark_bytes = 0;
};

/// Byte order mark, longest first: FF FE 00 00 begins with the one of UTF-16.
Found by_mark(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (!bytes.empty() && bytes.front() > '\0' && bytes.front() <= '\x7e') return {};  // as most
  if (bytes.starts_with("\xef\xbb\xbf"sv)) return {TextEncoding::utf8, 3};
  if (bytes.starts_with("\xff\xfe\0\0"sv)) return {TextEncoding::utf32le, 4};
  if (bytes.starts_with("\0\0\xfe\xff"sv)) return {TextEncoding::utf32be, 4};
  if (bytes.starts_with("\xff\xfe"sv)) return {TextEncoding::utf16le, 2};
  if (bytes.starts_with("\xfe\xff"sv)) return {TextEncoding::utf16be, 2};
  return {};
}

/// JSON begins with two ASCII characters (or is one), so where the zeros stand tells (RFC 4627
/// section 3; Python's json.detect_encoding does the same). No JSON text in UTF-8 holds a zero, so
/// no body can be read in two of these ways.
TextEncoding by_zeros(std::string_view bytes) {
  const auto zero = [&](std::size_t i) { return i < bytes.size() && bytes[i] == '\0'; };
  if (bytes.size() >= 4) {
    if (zero(0)) return zero(1) ? TextEncoding::utf32be : TextEncoding::utf16be;
    if (zero(1)) return zero(2) && zero(3) ? TextEncoding::utf32le : TextEncoding::utf16le;
    return TextEncoding::utf8;
  }
  if (bytes.size() == 2) {
    if (zero(0)) return TextEncoding::utf16be;
    if (zero(1)) return TextEncoding::utf16le;
  }
  return TextEncoding::utf8;
}

void append_utf8(std::uint32_t c, std::string& out) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6U));
    put(0x80 | (c & 0x3FU));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12U));
    put(0x80 | ((c >> 6U) & 0x3FU));
    put(0x80 | (c & 0x3FU));
  } else {
    put(0xF0 | (c >> 18U));
    put(0x80 | ((c >> 12U) & 0x3FU));
    put(0x80 | ((c >> 6U) & 0x3FU));
    put(0x80 | (c & 0x3FU));
  }
}

std::uint32_t unit_at(std::string_view bytes, std::size_t at, TextEncoding encoding) {
  const std::size_t size = unit_bytes(encoding);
  std::uint32_t unit = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t from = is_big_endian(encoding) ? i : size - 1 - i;
    unit = (unit << 8U) | static_cast<unsigned char>(bytes[at + from]);
  }
  return unit;
}

bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

/// UTF-16 or UTF-32 as UTF-8; says whether all of it was well-formed.
bool transcode(std::string_view bytes, TextEncoding encoding, std::string& out) {
  const std::size_t size = unit_bytes(encoding);
  bool good = bytes.size() % size == 0;
  std::size_t at = 0;
  while (at + size <= bytes.size()) {
    std::uint32_t c = unit_at(bytes, at, encoding);
    at += size;
    if (size == 2 && is_high_surrogate(c) && at + size <= bytes.size() &&
        is_low_surrogate(unit_at(bytes, at, encoding))) {
      c = 0x10000 + ((c - 0xD800) << 10U) + (unit_at(bytes, at, encoding) - 0xDC00);
      at += size;
    } else if (is_high_surrogate(c) || is_low_surrogate(c) || c > 0x10FFFF) {
      good = false;
      c = kReplacement;
    }
    append_utf8(c, out);
  }
  if (at < bytes.size()) append_utf8(kReplacement, out);
  return good;
}

enum class Declared : std::uint8_t {
  utf8,         // or nothing
  wide,         // UTF-16 or UTF-32 of some order
  single_byte,  // ASCII and 128 more characters
  unknown,      // UTF-7, EBCDIC, whatever some library knows
};

Declared declared_by(std::string_view charset) {
  if (charset.empty()) return Declared::utf8;
  const std::string name = lower(trim_ows(charset));
  constexpr std::array<std::string_view, 4> kUtf8{"", "utf-8", "utf8", "unicode-1-1-utf-8"};
  constexpr std::array<std::string_view, 10> kWide{"utf-16",   "utf16",   "utf-16le", "utf16le",
                                                   "utf-16be", "utf16be", "utf-32",   "utf-32le",
                                                   "utf-32be", "utf32"};
  constexpr std::array<std::string_view, 10> kSingle{
      "ascii",       "us-ascii",     "iso-8859-1", "iso8859-1", "latin1",
      "iso-8859-15", "windows-1252", "cp1252",     "l1",        "binary"};
  if (std::ranges::find(kUtf8, name) != kUtf8.end()) return Declared::utf8;
  if (std::ranges::find(kWide, name) != kWide.end()) return Declared::wide;
  if (std::ranges::find(kSingle, name) != kSingle.end()) return Declared::single_byte;
  return Declared::unknown;
}

bool is_ascii(std::string_view bytes) {
  return std::ranges::none_of(bytes,
                              [](char c) { return (static_cast<unsigned char>(c) & 0x80) != 0; });
}

/// Whether a server that obeys the charset parameter could read other text than one that does not.
bool readers_differ(Declared declared, TextEncoding encoding, std::string_view bytes) {
  switch (declared) {
    case Declared::utf8:
    case Declared::wide:
      // Who decodes by the wrong one of these gets zeros or no ASCII at all: no JSON.
      return false;
    case Declared::single_byte: return encoding == TextEncoding::utf8 && !is_ascii(bytes);
    case Declared::unknown: return true;
  }
  TALLY_CHECK(!"Declared out of range");
}

}  // namespace

std::string_view encoding_name(TextEncoding encoding) {
  switch (encoding) {
    case TextEncoding::utf8: return "utf-8";
    case TextEncoding::utf16le: return "utf-16le";
    case TextEncoding::utf16be: return "utf-16be";
    case TextEncoding::utf32le: return "utf-32le";
    case TextEncoding::utf32be: return "utf-32be";
  }
  TALLY_CHECK(!"TextEncoding out of range");
}

TextReading read_text(std::string_view bytes, std::string_view charset, std::string& storage) {
  TextReading out;
  Found found = by_mark(bytes);
  out.byte_order_mark = found.mark_bytes > 0;
  if (!out.byte_order_mark) found.encoding = by_zeros(bytes);
  out.encoding = found.encoding;
  const std::string_view body = bytes.substr(found.mark_bytes);
  storage.clear();
  if (out.encoding != TextEncoding::utf8) {
    out.ill_formed = !transcode(body, out.encoding, storage);
    out.text = storage;
  } else if (is_utf8(body)) {
    out.text = body;
  } else {
    out.ill_formed = true;
    storage = utf8_repair(body);
    out.text = storage;
  }
  out.ambiguous = out.ill_formed || readers_differ(declared_by(charset), out.encoding, body);
  return out;
}

}  // namespace tally::http
