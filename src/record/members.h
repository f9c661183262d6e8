// SPDX-License-Identifier: Apache-2.0
// Members of `details` as text, to be joined: what is known at the request is written once and used
// twice.
#pragma once

#include "base/json_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace tally::record {

/// `"a":1,"b":"x"`: the inside of a JSON object.
class Members {
 public:
  Members() = default;
  explicit Members(std::string text) : text_(std::move(text)) {}

  /// `json` must be one valid value on one line.
  void raw(std::string_view name, std::string_view json) {
    make_room(name.size() + json.size() + 4);
    const std::size_t comma = text_.empty() ? 0 : 1;
    const std::size_t at = text_.size();
    text_.append(comma + name.size() + 3, '"');  // one call for all that stands before the value
    char* const out = text_.data() + at;
    if (comma != 0) *out = ',';
    name.copy(out + comma + 1, name.size());  // our own names: nothing to escape
    out[comma + name.size() + 2] = ':';
    text_.append(json);
  }
  void string(std::string_view name, std::string_view text) {
    raw(name, {});
    json::append_string(text_, text);
  }
  void number(std::string_view name, std::uint64_t value) {
    std::array<char, 20> digits{};
    const char* const end = std::to_chars(digits.begin(), digits.end(), value).ptr;
    raw(name, {digits.data(), end});
  }
  void boolean(std::string_view name, bool value) { raw(name, value ? "true" : "false"); }
  /// An object of the members in `parts`, in order; nothing when there are none.
  void object(std::string_view name, std::initializer_list<std::string_view> parts) {
    std::size_t bytes = 0;
    for (const std::string_view part : parts) bytes += part.size() + 1;
    if (bytes == parts.size()) return;
    make_room(name.size() + bytes + 6);
    raw(name, "{");
    bool first = true;
    for (const std::string_view part : parts) {
      if (part.empty()) continue;
      if (!std::exchange(first, false)) text_ += ',';
      text_ += part;
    }
    text_ += '}';
  }
  /// Room for about so many bytes.
  void reserve(std::size_t bytes) { text_.reserve(bytes); }
  /// Adds the members of another one.
  void join(std::string_view members) {
    if (members.empty()) return;
    make_room(members.size() + 1);
    if (!text_.empty()) text_ += ',';
    text_ += members;
  }

  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string take() { return std::move(text_); }
  [[nodiscard]] std::string object() const {
    std::string out;
    out.reserve(text_.size() + 2);
    out += '{';
    out += text_;
    out += '}';
    return out;
  }

 private:
  /// Grows once for what most lists come to, then doubles.
  void make_room(std::size_t bytes) {
    const std::size_t wanted = text_.size() + bytes;
    if (wanted <= text_.capacity()) return;
    text_.reserve(std::max({wanted, 2 * text_.capacity(), kUsualBytes}));
  }
  static constexpr std::size_t kUsualBytes = 160;
  std::string text_;
};

}  // namespace tally::record
