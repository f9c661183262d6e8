// SPDX-License-Identifier: Apache-2.0
#include "event/json_scan.h"

#include "base/json.h"

namespace tally::event {
const char* skip_string(const char* p, const char* end, bool& escaped) {
  ++p;
  while (p < end) {
    p = find_string_special(p, end);
    if (p == end) return nullptr;
    if (*p == '"') return p + 1;
    if (*p == '\\') {
      escaped = true;
      if (++p == end) return nullptr;
    }
    ++p;
  }
  return nullptr;
}

const char* skip_value(const char* p, const char* end) {
  if (p == end) return nullptr;
  bool escaped = false;
  if (*p == '"') return skip_string(p, end, escaped);
  if (*p != '{' && *p != '[') {
    const char* start = p;
    while (p != end && *p != ',' && *p != '}' && *p != ']' && static_cast<unsigned char>(*p) > 0x20)
      ++p;
    return p == start ? nullptr : p;
  }
  std::size_t depth = 0;
  while (p != end) {
    switch (*p) {
      case '"':
        p = skip_string(p, end, escaped);
        if (p == nullptr) return nullptr;
        continue;
      case '{':
      case '[': ++depth; break;
      case '}':
      case ']':
        if (--depth == 0) return p + 1;
        break;
      default: break;
    }
    ++p;
  }
  return nullptr;
}

MemberScan::MemberScan(std::string_view object)
    : p_(object.data()), end_(object.data() + object.size()) {
  p_ = skip_space(p_, end_);
  if (p_ == end_ || *p_ != '{') {
    stop(false);
    return;
  }
  ++p_;
}

bool MemberScan::next() {
  if (done_) return false;
  p_ = skip_space(p_, end_);
  if (p_ == end_) return stop(false);
  if (*p_ == '}') {
    ++p_;
    return stop(true);
  }
  if (!first_) {
    if (*p_ != ',') return stop(false);
    p_ = skip_space(p_ + 1, end_);
  }
  first_ = false;
  if (p_ == end_ || *p_ != '"') return stop(false);
  key_escaped_ = false;
  const char* const key_end = skip_string(p_, end_, key_escaped_);
  if (key_end == nullptr) return stop(false);
  key_ = {p_ + 1, static_cast<std::size_t>(key_end - p_) - 2};
  p_ = skip_space(key_end, end_);
  if (p_ == end_ || *p_ != ':') return stop(false);
  p_ = skip_space(p_ + 1, end_);
  const char* const value_end = skip_value(p_, end_);
  if (value_end == nullptr) return stop(false);
  raw_ = {p_, static_cast<std::size_t>(value_end - p_)};
  p_ = value_end;
  return true;
}

std::optional<std::string_view> find_member(std::string_view object, std::string_view key) {
  MemberScan members(object);
  while (members.next()) {
    if (members.key() == key) return members.raw();
    if (members.key_escaped() && json::unescape(members.key()) == key) return members.raw();
  }
  return std::nullopt;
}

std::string_view string_text(std::string_view raw, std::string& storage) {
  if (raw.size() < 2 || raw.front() != '"') return {};
  const std::string_view body = raw.substr(1, raw.size() - 2);
  if (body.find('\\') == std::string_view::npos) return body;
  storage = json::unescape(body);
  return storage;
}

}  // namespace tally::event
