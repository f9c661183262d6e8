// SPDX-License-Identifier: Apache-2.0
#include "mcp/scan.h"

#include "base/json.h"

#include <utility>

namespace tally::mcp {
namespace {

constexpr std::size_t kTextBytesMax = 256;
/// Readers of JSON skip a byte order mark.
constexpr std::string_view kMark = "\xef\xbb\xbf";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// The scan takes what stands where a value should be; these texts go into records as they are.
bool is_json(std::string_view raw) {
  json::Document document;
  return document.parse(raw).has_value();
}

/// The characters of a raw JSON string with its quotes; other raw values as they are.
std::string plain(std::string_view raw) {
  if (raw.size() >= 2 && raw.front() == '"') return json::unescape(raw.substr(1, raw.size() - 2));
  return std::string(raw);
}

}  // namespace

void MessageScanner::feed(std::string_view bytes) {
  std::size_t i = 0;
  while (i < bytes.size() && !found_.broken) {
    if (state_ == State::in_string && !keep_ && !escaped_) {
      i += skip_string(bytes.substr(i));
      if (i == bytes.size()) break;
    }
    step(bytes[i++]);
  }
}

/// How many bytes cannot end the string or escape what follows.
std::size_t MessageScanner::skip_string(std::string_view bytes) {
  std::size_t i = 0;
  while (i < bytes.size() && bytes[i] != '"' && bytes[i] != '\\') ++i;
  return i;
}

void MessageScanner::step(char c) {
  switch (state_) {
    case State::value:
      if (!is_space(c)) begin_value(c);
      return;
    case State::first_key:
    case State::key:
      if (is_space(c)) return;
      if (c == '"') {
        text_.assign(1, c);
        state_ = State::in_key;
      } else if (c == '}' && state_ == State::first_key) {
        after_value(c);
      } else {
        fail();
      }
      return;
    case State::in_key:
    case State::in_string:
      if (state_ == State::in_key || keep_) {
        if (text_.size() < kTextBytesMax + 2) {
          text_ += c;
        } else {
          too_long_ = true;
        }
      }
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        if (state_ == State::in_string) {
          end_value();
          return;
        }
        if (level() == 1) top_key_ = too_long_ ? "" : plain(text_);
        if (level() == 2) inner_key_ = too_long_ ? "" : plain(text_);
        if (level() == 3) third_key_ = too_long_ ? "" : plain(text_);
        too_long_ = false;
        state_ = State::colon;
      }
      return;
    case State::colon:
      if (is_space(c)) return;
      if (c != ':') return fail();
      state_ = State::value;
      return;
    case State::in_scalar:
      if (c == ',' || c == '}' || c == ']' || is_space(c)) {
        end_value();
        if (!is_space(c)) after_value(c);
      } else if (keep_ && text_.size() < kTextBytesMax) {
        text_ += c;
      }
      return;
    case State::after:
      if (!is_space(c)) after_value(c);
      return;
  }
}

void MessageScanner::begin_value(char c) {
  if (depth_ == 0 && mark_ < kMark.size() && c == kMark[mark_]) {
    ++mark_;
    return;
  }
  if (depth_ == 0 && c == '[') {
    base_ = 1;
    return push(false);
  }
  if (depth_ == 0 && c != '{') return fail();
  if (c == ']' && depth_ > 0 && !objects_[depth_]) return after_value(c);  // an empty array
  no_object_ = level() == 0 ? base_ > 0 && c != '{' : no_object_;
  if (level() == 1 && top_key_ == "result") found_.has_result = true;
  if (level() == 1 && top_key_ == "error") found_.has_error = true;
  if (c == '{' || c == '[') return push(c == '{');
  target_ = wanted();
  keep_ = target_ != nullptr;
  too_long_ = false;
  text_.assign(1, c);
  state_ = c == '"' ? State::in_string : State::in_scalar;
}

void MessageScanner::push(bool object) {
  if (depth_ == kJsonDepthMax) return fail();
  objects_[++depth_] = object;
  if (level() == 2) inner_key_.clear();
  if (level() == 3) third_key_.clear();
  if (level() == 3 && object && top_key_ == "result" && inner_key_ == "error" &&
      found_.task_error_code.empty()) {
    found_.task_error_code = "null";
  }
  state_ = object ? State::first_key : State::value;
}

std::string* MessageScanner::wanted() {
  const auto empty_or_null = [](std::string& slot) { return slot.empty() ? &slot : nullptr; };
  if (no_object_) return nullptr;
  if (level() == 1) {
    if (top_key_ == "id") return empty_or_null(found_.id);
    if (top_key_ == "method") return empty_or_null(found_.method);
  }
  if (!objects_[depth_]) return nullptr;
  if (level() == 3 && top_key_ == "result") return wanted_of_task();
  if (level() != 2) return nullptr;
  if (top_key_ == "error" && inner_key_ == "code") return empty_or_null(found_.error_code);
  if (top_key_ == "result" && inner_key_ == "isError") return empty_or_null(flag_);
  if (top_key_ == "result" && inner_key_ == "resultType") return empty_or_null(found_.result_type);
  if (top_key_ == "result" && inner_key_ == "status") return empty_or_null(found_.task_status);
  if (top_key_ == "params" && inner_key_ == "name") return empty_or_null(found_.name);
  return nullptr;
}

/// At level 3, below result.
std::string* MessageScanner::wanted_of_task() {
  if (inner_key_ == "error" && third_key_ == "code") {
    return found_.task_error_code == "null" ? &found_.task_error_code : nullptr;
  }
  if (inner_key_ == "result" && third_key_ == "isError") {
    return task_flag_.empty() ? &task_flag_ : nullptr;
  }
  return nullptr;
}

void MessageScanner::end_value() {
  if (keep_ && !too_long_) {
    const bool raw = target_ == &found_.id || target_ == &found_.error_code ||
                     target_ == &found_.task_error_code;
    *target_ = raw ? text_ : plain(text_);
  }
  keep_ = false;
  target_ = nullptr;
  state_ = State::after;
  if (base_ > 0 && depth_ == base_) end_element();
}

void MessageScanner::end_element() {
  ++element_count_;
  found_.broken = std::exchange(no_object_, false);
  settle();
  if (elements_.size() < kBatchMessagesMax) elements_.push_back(std::move(found_));
  found_ = {};
  flag_.clear();
  task_flag_.clear();
  top_key_.clear();
}

void MessageScanner::after_value(char c) {
  if (done_ || depth_ == 0) return fail();
  const bool object = objects_[depth_];
  if (c == ',') {
    state_ = object ? State::key : State::value;
  } else if (c == (object ? '}' : ']')) {
    --depth_;
    done_ = depth_ == 0;
    state_ = State::after;
    if (base_ > 0 && depth_ == base_) end_element();
  } else {
    fail();
  }
}

const Scanned& MessageScanner::finish() {
  if (!done_) found_.broken = true;
  settle();
  if (base_ > 0) {
    Scanned whole;
    whole.broken = found_.broken;
    found_ = std::move(whole);
  }
  return found_;
}

void MessageScanner::settle() {
  const auto flag_of = [](std::string_view text) -> std::optional<bool> {
    if (text == "true") return true;
    if (text == "false") return false;
    return std::nullopt;
  };
  if (!is_json(found_.id)) found_.id.clear();
  if (!is_json(found_.error_code)) found_.error_code.clear();
  found_.is_error = flag_of(flag_);
  found_.task_is_error = flag_of(task_flag_);
}

}  // namespace tally::mcp
