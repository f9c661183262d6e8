// SPDX-License-Identifier: Apache-2.0
// Members of `details` as text, to be joined: what is known at the request is written once and used
// twice.
#pragma once

#include "base/json_writer.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tally::record {

/// `"a":1,"b":"x"`: the inside of a JSON object.
class Members {
 public:
  Members() = default;
  explicit Members(std::string text) : text_(std::move(text)) {}

  /// `json` must be one valid value on one line.
  void raw(std::string_view name, std::string_view json) {
    comma();
    text_ += '"';
    text_ += name;  // our own names: nothing to escape
    text_ += "\":";
    text_ += json;
  }
  void string(std::string_view name, std::string_view text) {
    raw(name, {});
    json::append_string(text_, text);
  }
  void number(std::string_view name, std::uint64_t value) { raw(name, std::to_string(value)); }
  void boolean(std::string_view name, bool value) { raw(name, value ? "true" : "false"); }
  /// Adds the members of another one.
  void join(std::string_view members) {
    if (members.empty()) return;
    comma();
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
  void comma() {
    if (!text_.empty()) text_ += ',';
  }
  std::string text_;
};

}  // namespace tally::record
