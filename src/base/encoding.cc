// SPDX-License-Identifier: Apache-2.0
#include "base/encoding.h"

#include <simdjson.h>

#include <array>
#include <charconv>
#include <cstring>

namespace tally {
namespace {

/// The two digits of each byte.
constexpr std::array<std::array<char, 2>, 256> kHexPairs = [] {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = {kHex[i >> 4], kHex[i & 15]};
  return out;
}();
constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

constexpr std::array<signed char, 256> make_base64_table() {
  std::array<signed char, 256> table{};
  for (auto& v : table) v = -1;
  for (signed char i = 0; i < 64; ++i) table[static_cast<unsigned char>(kBase64[i])] = i;
  return table;
}
constexpr auto kBase64Value = make_base64_table();

/// Length of the well-formed UTF-8 sequence at `text[0]`, 0 when it is ill-formed or cut.
std::size_t utf8_sequence(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char b = at(0);
  if (b < 0x80) return 1;
  std::size_t length = 0;
  if (b >= 0xC2 && b <= 0xDF) length = 2;
  if (b >= 0xE0 && b <= 0xEF) length = 3;
  if (b >= 0xF0 && b <= 0xF4) length = 4;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
  }
  if (b == 0xE0 && at(1) < 0xA0) return 0;
  if (b == 0xED && at(1) > 0x9F) return 0;
  if (b == 0xF0 && at(1) < 0x90) return 0;
  if (b == 0xF4 && at(1) > 0x8F) return 0;
  return length;
}

constexpr std::size_t kShortBytes = 128;

bool is_ascii(std::string_view text) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  if (text.size() < kWord) {
    char any = 0;
    for (const char c : text) any |= c;
    return static_cast<signed char>(any) >= 0;
  }
  const auto word = [text](std::size_t at) {
    std::uint64_t out = 0;
    std::memcpy(&out, text.data() + at, kWord);
    return out;
  };
  const std::size_t last = text.size() - kWord;
  std::uint64_t any = word(last);  // may overlap the one before
  for (std::size_t at = 0; at < last; at += kWord) any |= word(at);
  return (any & kHighs) == 0;
}

template <class T>
void store_be(T value, std::byte* out) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    out[i] = static_cast<std::byte>(value >> (8 * (sizeof(T) - 1 - i)));
  }
}

template <class T>
T load_be(const std::byte* in) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value = (value << 8) | std::to_integer<T>(in[i]);
  return value;
}

}  // namespace

std::string to_hex(Bytes bytes) {
  std::string out;
  append_hex(out, bytes);
  return out;
}

void append_hex(std::string& out, Bytes bytes) {
  const std::size_t before = out.size();
  out.resize(before + bytes.size() * 2);
  write_hex(bytes, out.data() + before);
}

void write_hex(Bytes bytes, char* out) {
  for (const std::byte b : bytes) {
    std::memcpy(out, kHexPairs[std::to_integer<unsigned>(b)].data(), 2);
    out += 2;
  }
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

std::string to_base64(Bytes bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    std::uint32_t group = std::to_integer<std::uint32_t>(bytes[i]) << 16;
    if (left > 1) group |= std::to_integer<std::uint32_t>(bytes[i + 1]) << 8;
    if (left > 2) group |= std::to_integer<std::uint32_t>(bytes[i + 2]);
    out += kBase64[group >> 18];
    out += kBase64[(group >> 12) & 63];
    out += left > 1 ? kBase64[(group >> 6) & 63] : '=';
    out += left > 2 ? kBase64[group & 63] : '=';
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    const std::size_t padding =
        last ? (text[i + 2] == '=' ? 2U : (text[i + 3] == '=' ? 1U : 0U)) : 0U;
    if (padding == 2 && text[i + 3] != '=') return std::nullopt;
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const int v = k >= 4 - padding ? 0 : kBase64Value[static_cast<unsigned char>(text[i + k])];
      if (v < 0) return std::nullopt;
      group = (group << 6) | static_cast<std::uint32_t>(v);
    }
    // Bits that the padding cuts off must be zero, else two texts would decode to the same bytes.
    if (padding == 1 && (group & 0xFF) != 0) return std::nullopt;
    if (padding == 2 && (group & 0xFFFF) != 0) return std::nullopt;
    out += static_cast<char>(group >> 16);
    if (padding < 2) out += static_cast<char>((group >> 8) & 0xFF);
    if (padding < 1) out += static_cast<char>(group & 0xFF);
  }
  return out;
}

void store_be32(std::uint32_t value, std::byte* out) { store_be(value, out); }
void store_be64(std::uint64_t value, std::byte* out) { store_be(value, out); }
std::uint32_t load_be32(const std::byte* in) { return load_be<std::uint32_t>(in); }
std::uint64_t load_be64(const std::byte* in) { return load_be<std::uint64_t>(in); }

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_utf8(std::string_view text) {
  // Names and values are short ASCII: looking is then cheaper than asking for the best validator.
  if (text.size() <= kShortBytes && is_ascii(text)) return true;
  return simdjson::validate_utf8(text.data(), text.size());
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

std::string utf8_repair(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string out;
  out.reserve(text.size() + 16);
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    out += length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace tally
