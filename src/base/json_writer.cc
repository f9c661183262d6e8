// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.h"

#include "base/encoding.h"

#include <cstdlib>

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

}  // namespace

void append_string(std::string& out, std::string_view text) {
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
