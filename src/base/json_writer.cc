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

/// High bit of some byte of `word` set when one of them is a control, a quote, a backslash or no
/// ASCII.
std::uint64_t odd_bytes(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  const auto zero = [](std::uint64_t w) { return (w - kOnes) & ~w; };
  return word | (word - kOnes * 0x20) | zero(word ^ (kOnes * '"')) | zero(word ^ (kOnes * '\\'));
}

/// Sixteen bytes at once; GCC's and Clang's vector types become what the machine has. Ids and
/// digests are long enough for it to take half the time.
using Block [[gnu::vector_size(16)]] = signed char;

/// High bit of each byte set that is a control, a quote, a backslash or no ASCII: signed bytes
/// below a space are controls or no ASCII.
Block odd_in(const char* at) {
  Block b{};
  std::memcpy(&b, at, sizeof b);
  return (b < 0x20) | (b == '"') | (b == '\\');
}

template <class Word>
std::uint64_t load(const char* at) {
  Word word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

}  // namespace

bool stands_as_it_is(std::string_view text) {
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  constexpr std::size_t kWord = sizeof(std::uint64_t), kHalf = sizeof(std::uint32_t);
  const char* const begin = text.data();
  if (text.size() >= sizeof(Block)) {
    const std::size_t last = text.size() - sizeof(Block);
    Block odd = odd_in(begin + last);  // may overlap the one before
    for (std::size_t at = 0; at < last; at += sizeof(Block)) odd |= odd_in(begin + at);
    std::array<std::uint64_t, 2> any{};
    std::memcpy(any.data(), &odd, sizeof odd);
    return ((any[0] | any[1]) & kHighs) == 0;
  }
  if (text.size() >= kWord) {
    const std::size_t last = text.size() - kWord;
    std::uint64_t odd = odd_bytes(load<std::uint64_t>(begin + last));  // may overlap the one before
    for (std::size_t at = 0; at < last; at += kWord) {
      odd |= odd_bytes(load<std::uint64_t>(begin + at));
    }
    return (odd & kHighs) == 0;
  }
  if (text.size() >= kHalf) {
    const std::uint64_t front = load<std::uint32_t>(begin);
    const std::uint64_t back = load<std::uint32_t>(begin + text.size() - kHalf);
    return (odd_bytes(front | back << 32) & kHighs) == 0;
  }
  std::uint64_t word = 0x2020202020202020;  // nothing odd about spaces
  for (const char c : text) word = word << 8 | static_cast<unsigned char>(c);
  return (odd_bytes(word) & kHighs) == 0;
}

void append_string(std::string& out, std::string_view text) {
  if (stands_as_it_is(text)) {
    const std::size_t at = out.size();
    out.append(text.size() + 2, '"');  // one call for room and both quotes
    text.copy(out.data() + at + 1, text.size());
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
