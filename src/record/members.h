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
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace tally::record {

/// `"a":1,"b":"x"`: the inside of a JSON object. Writes into room that was made before, because a
/// record has some thirty short members, and a string's own bookkeeping costs more than their bytes
/// (120 instructions a member with it, half of that without).
class Members {
 public:
  Members() = default;
  explicit Members(std::string text) : room_(std::move(text)), size_(room_.size()) {}
  Members(const Members&) = default;
  Members& operator=(const Members&) = default;
  Members(Members&& other) noexcept
      : room_(std::move(other.room_)), size_(std::exchange(other.size_, 0)) {
    other.room_.clear();
  }
  Members& operator=(Members&& other) noexcept {
    room_ = std::move(other.room_);
    other.room_.clear();
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  /// `json` must be one valid value on one line.
  void raw(std::string_view name, std::string_view json) {
    char* const at = key(name, json.size());
    json.copy(at, json.size());
    size_ = static_cast<std::size_t>(at - room_.data()) + json.size();
  }
  void string(std::string_view name, std::string_view text) {
    if (!json::stands_as_it_is(text)) {
      std::string quoted;
      json::append_string(quoted, text);
      return raw(name, quoted);
    }
    char* at = key(name, text.size() + 2);
    *at++ = '"';
    text.copy(at, text.size());
    at += text.size();
    *at++ = '"';
    size_ = static_cast<std::size_t>(at - room_.data());
  }
  void number(std::string_view name, std::uint64_t value) {
    std::array<char, 20> digits;  // NOLINT: filled below
    const char* const end = std::to_chars(digits.begin(), digits.end(), value).ptr;
    raw(name, {digits.data(), end});
  }
  void boolean(std::string_view name, bool value) { raw(name, value ? "true" : "false"); }
  /// Begins an object: members that follow stand in it until close().
  void open(std::string_view name) { raw(name, "{"); }
  void close() {
    *make_room(1) = '}';
    ++size_;
  }
  /// An object of the members in `parts`, in order; nothing when there are none.
  void object(std::string_view name, std::initializer_list<std::string_view> parts) {
    std::size_t bytes = 0;
    for (const std::string_view part : parts) bytes += part.size();
    if (bytes == 0) return;
    open(name);
    for (const std::string_view part : parts) join(part);
    close();
  }
  /// Room for about so many bytes.
  void reserve(std::size_t bytes) {
    if (room_.size() < bytes) room_.resize(bytes);
  }
  /// Adds the members of another one.
  void join(std::string_view members) {
    if (members.empty()) return;
    char* at = make_room(members.size() + 1);
    if (needs_comma()) *at++ = ',';
    members.copy(at, members.size());
    size_ = static_cast<std::size_t>(at - room_.data()) + members.size();
  }

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::string_view text() const { return {room_.data(), size_}; }
  /// text(), which is empty then.
  [[nodiscard]] std::string take() {
    room_.resize(std::exchange(size_, 0));
    return std::exchange(room_, {});
  }
  /// object(), in the memory of the members, which are none then.
  [[nodiscard]] std::string take_object() {
    char* const at = make_room(2) - size_;
    std::memmove(at + 1, at, size_);
    *at = '{';
    at[size_ + 1] = '}';
    room_.resize(std::exchange(size_, 0) + 2);
    return std::exchange(room_, {});
  }
  [[nodiscard]] std::string object() const {
    std::string out;
    out.reserve(size_ + 2);
    out += '{';
    out += text();
    out += '}';
    return out;
  }

 private:
  /// Nothing of ours ends with a brace that opens, but an object that has no members yet.
  [[nodiscard]] bool needs_comma() const { return size_ != 0 && room_[size_ - 1] != '{'; }
  /// Writes the name; gives the place of the value, behind which so many bytes fit.
  char* key(std::string_view name, std::size_t value_bytes) {
    char* at = make_room(name.size() + value_bytes + 4);
    if (needs_comma()) *at++ = ',';
    *at++ = '"';
    name.copy(at, name.size());  // our own names: nothing to escape
    at += name.size();
    *at++ = '"';
    *at++ = ':';
    return at;
  }
  /// Where the next bytes go. Grows once for what most lists come to, then doubles.
  char* make_room(std::size_t bytes) {
    const std::size_t wanted = size_ + bytes;
    if (wanted > room_.size()) room_.resize(std::max({wanted, 2 * room_.size(), kUsualBytes}));
    return room_.data() + size_;
  }
  static constexpr std::size_t kUsualBytes = 160;
  std::string room_;      // all of it may be written
  std::size_t size_ = 0;  // in use
};

}  // namespace tally::record
