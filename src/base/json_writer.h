// SPDX-License-Identifier: Apache-2.0
// Writing JSON straight into a string: no tree, no numbers reformatted.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace tally::json {

/// Whether `text` stands between the quotes of a JSON string as it is: ASCII without controls,
/// quotes and backslashes. Nearly all texts of records do, and most are short.
[[nodiscard]] bool stands_as_it_is(std::string_view text);

/// Appends `text` as a JSON string with quotes. Ill-formed UTF-8 is replaced by U+FFFD, so the
/// result is always valid; U+2028/2029 and '/' are left as they are. Control characters use the
/// short escapes where they exist.
void append_string(std::string& out, std::string_view text);

/// Appends members of one object to a string; begin with the constructor, finish with end().
/// Nested containers: key() and then write the value into out() by hand or with another writer.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;

  /// Writes `"name":` with the comma that is due; the caller appends exactly one value to out().
  void key(std::string_view name);
  void string(std::string_view name, std::string_view text);
  /// `json` must already be one valid JSON value.
  void raw(std::string_view name, std::string_view json);
  void boolean(std::string_view name, bool value) { raw(name, value ? "true" : "false"); }
  void null(std::string_view name) { raw(name, "null"); }
  template <std::integral T>
  requires(!std::same_as<T, bool>) void number(std::string_view name, T value) {
    raw(name, std::to_string(value));
  }
  /// Milliseconds with three decimals, trailing zeros cut: 3.412, 12, 0.5.
  void milliseconds(std::string_view name, std::int64_t microseconds);
  void end() { out_ += '}'; }
  [[nodiscard]] std::string& out() { return out_; }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace tally::json
