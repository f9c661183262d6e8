// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.h"

#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace tally::json {
namespace {

void append_escape(std::string& out, unsigned char c) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
  }
}

void append_wellformed(std::string& out, std::string_view text) {
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, plain, i - plain);
    append_escape(out, c);
    plain = i + 1;
  }
  out.append(text, plain);
}

/// Whether `text` stands in a JSON string as it is: ASCII without controls, quotes and backslashes.
/// Nearly all texts of records are, and most are short.
bool is_plain(std::string_view text) {
  using Block [[gnu::vector_size(16)]] = signed char;
  const auto odd = [](auto c) { return (c < 0x20) | (c == '"') | (c == '\\'); };  // >= 0x80 is < 0
  if (text.size() < sizeof(Block)) {
    std::array<char, sizeof(Block)> bytes;  // NOLINT: filled below
    bytes.fill('x');
    std::copy(text.begin(), text.end(), bytes.begin());
    Block block{};
    std::memcpy(&block, bytes.data(), sizeof block);
    const Block found = odd(block);
    std::array<std::uint64_t, 2> any{};
    std::memcpy(any.data(), &found, sizeof found);
    return (any[0] | any[1]) == 0;
  }
  Block found{};
  const auto look = [&](const char* at) {
    Block block{};
    std::memcpy(&block, at, sizeof block);
    found |= odd(block);
  };
  const char* const last = text.data() + text.size() - sizeof(Block);
  for (const char* at = text.data(); at < last; at += sizeof(Block)) look(at);
  look(last);  // may overlap the one before
  std::array<std::uint64_t, 2> any{};
  std::memcpy(any.data(), &found, sizeof found);
  return (any[0] | any[1]) == 0;
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  if (is_plain(text)) {
    const std::size_t at = out.size();
    const std::size_t bytes = text.size() + 2;
    // Twice as much as before, as push_back would: resize() itself adds no more than is asked for.
    if (out.capacity() - at < bytes) out.reserve(std::max(2 * out.capacity(), at + bytes));
    out.append(1, '"').append(text).append(1, '"');
    return;
  }
  out += '"';
  if (is_utf8(text)) {
    append_wellformed(out, text);
  } else {
    append_wellformed(out, utf8_repair(text));
  }
  out += '"';
}

void ObjectWriter::key(std::string_view name) {
  if (!first_) out_ += ',';
  first_ = false;
  append_string(out_, name);
  out_ += ':';
}

void ObjectWriter::string(std::string_view name, std::string_view text) {
  key(name);
  append_string(out_, text);
}

void ObjectWriter::raw(std::string_view name, std::string_view json) {
  key(name);
  out_ += json;
}

void ObjectWriter::milliseconds(std::string_view name, std::int64_t microseconds) {
  std::string text = microseconds < 0 ? "-" : "";
  text += std::to_string(std::abs(microseconds / 1000));
  const auto fraction = std::abs(microseconds % 1000);
  if (fraction != 0) {
    std::string digits = std::to_string(1000 + fraction).substr(1);
    while (digits.back() == '0') digits.pop_back();
    text += '.' + digits;
  }
  raw(name, text);
}

}  // namespace tally::json
