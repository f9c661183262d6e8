// SPDX-License-Identifier: Apache-2.0
#include "http/head_parser.h"

#include "base/check.h"
#include "http/chars.h"
#include "http/field_line.h"
#include "http/head_check.h"

#include <cstring>
#include <utility>

namespace tally::http {
namespace {

constexpr std::string_view kVersionStart = "HTTP/";

/// "HTTP/1.0" and "HTTP/1.1"; a version that HTTP could have had is unsupported, the rest is bad.
MaybeFault read_version(std::string_view text, int& minor) {
  if (text == "HTTP/1.1" || text == "HTTP/1.0") {
    minor = text.back() - '0';
    return std::nullopt;
  }
  if (!text.starts_with(kVersionStart)) return HeadFault::bad_version;
  text.remove_prefix(kVersionStart.size());
  const bool only_major = text.size() == 1 && is_digit(text[0]);
  const bool both = text.size() == 3 && is_digit(text[0]) && text[1] == '.' && is_digit(text[2]);
  return only_major || both ? HeadFault::version_unsupported : HeadFault::bad_version;
}

}  // namespace

void HeadParser::reset_lines() {
  held_.clear();
  bytes_ = 0;
  started_ = after_cr_ = has_first_line_ = ended_ = false;
}

std::string_view HeadParser::window_of(std::string_view rest) const {
  return rest.substr(0, limits_.bytes_max - bytes_);
}

HeadFault HeadParser::too_large() const {
  return has_first_line_ ? HeadFault::head_too_large : first_line_too_long();
}

/// Skips empty lines before the head, and looks at its first byte: what is no HTTP at all (TLS, for
/// one) need not wait for a line end that never comes.
MaybeFault HeadParser::start(std::string_view& rest) {
  while (!rest.empty()) {
    const char c = rest.front();
    const bool skipped = skips_empty_lines() && (c == '\r' || c == '\n');
    if (after_cr_ && c != '\n') return HeadFault::bare_cr;
    if (!skipped) {
      started_ = true;
      return first_byte(c);
    }
    if (c == '\n' && !after_cr_) return HeadFault::bare_lf;
    if (++bytes_ >= limits_.bytes_max) return HeadFault::head_too_large;
    after_cr_ = c == '\r';
    rest.remove_prefix(1);
  }
  return std::nullopt;
}

HeadStep HeadParser::feed(std::string_view bytes) {
  TALLY_CHECK(!ended_);
  const auto refuse = [this](HeadFault fault) {
    ended_ = true;
    return HeadStep{HeadStep::State::refused, 0, fault};
  };
  std::string_view rest = bytes;
  if (!started_) {
    if (const MaybeFault fault = start(rest)) return refuse(*fault);
  }
  while (!rest.empty()) {
    if (has_first_line_ && held_.empty()) {
      const std::size_t taken = fields().add_lines(window_of(rest), limits_.fields_max);
      rest.remove_prefix(taken);
      bytes_ += taken;
      if (rest.empty()) break;
    }
    const std::string_view window = window_of(rest);
    const std::size_t feed_at = window.find('\n');
    if (feed_at == std::string_view::npos) {
      if (bytes_ + window.size() >= limits_.bytes_max) return refuse(too_large());
      held_.append(window);
      bytes_ += window.size();
      break;
    }
    std::string_view line = window.substr(0, feed_at + 1);
    rest.remove_prefix(line.size());
    bytes_ += line.size();
    if (!held_.empty()) line = held_.append(line);
    if (const MaybeFault fault = take_line(line)) return refuse(*fault);
    held_.clear();
    if (ended_) return {HeadStep::State::complete, bytes.size() - rest.size(), {}};
  }
  return {};
}

MaybeFault HeadParser::take_line(std::string_view line) {
  line.remove_suffix(1);
  if (line.empty() || line.back() != '\r') return HeadFault::bare_lf;
  line.remove_suffix(1);
  if (!has_first_line_) {
    if (const MaybeFault fault = fault_of(bad_value_char(line))) return fault;
    has_first_line_ = true;
    return first_line(line);
  }
  if (!line.empty()) return take_field(line);  // its CRLF still stands behind it
  ended_ = true;
  return check();
}

MaybeFault HeadParser::take_field(std::string_view line) {
  Field field;
  if (const MaybeFault fault = split_field(line, field)) return fault;
  FieldList& list = fields();
  if (list.size() >= limits_.fields_max) return HeadFault::too_many_fields;
  // Most lines are as we would write them: then the bytes need not be put together anew.
  constexpr std::size_t kBetween = 2, kLineEnd = 2;
  const std::size_t name_bytes = field.name.size();
  if (line.size() == name_bytes + kBetween + field.value.size() && line[name_bytes + 1] == ' ') {
    list.add_line({line.data(), line.size() + kLineEnd}, name_bytes);
  } else {
    list.add(field.name, field.value);
  }
  return std::nullopt;
}

MaybeFault RequestParser::first_byte(char c) {
  if (is_token_char(c)) return std::nullopt;
  return HeadFault::bad_method;
}

MaybeFault RequestParser::first_line(std::string_view line) {
  const std::size_t method_end = line.find(' ');
  const std::string_view method = line.substr(0, method_end);
  if (method.find('\t') != std::string_view::npos) return HeadFault::bad_request_line;
  if (!is_token(method)) return HeadFault::bad_method;
  if (method.size() > kHttpMethodBytesMax) return HeadFault::method_too_long;
  head_.method = method;
  if (method_end == std::string_view::npos) return HeadFault::bad_request_line;
  line.remove_prefix(method_end + 1);
  const std::size_t target_end = line.find(' ');
  const std::string_view target = line.substr(0, target_end);
  if (target.empty()) return HeadFault::bad_request_line;
  if (target_end == std::string_view::npos) return HeadFault::http_0_9;
  line.remove_prefix(target_end + 1);
  if (line.empty() || line.find(' ') != std::string_view::npos) return HeadFault::bad_request_line;
  if (const MaybeFault fault = read_version(line, head_.minor)) return fault;
  if (const MaybeFault fault = check_target(head_.method, target)) return fault;
  head_.target = target;
  return std::nullopt;
}

MaybeFault RequestParser::check() { return check_request(head_); }

RequestHead RequestParser::take() {
  RequestHead out = std::move(head_);
  reset();
  return out;
}

void RequestParser::reset() {
  head_.method.clear();
  head_.target.clear();
  head_.minor = 1;
  head_.fields.clear();
  reset_lines();
}

MaybeFault ResponseParser::first_byte(char c) {
  if (c == 'H') return std::nullopt;
  return HeadFault::bad_status_line;
}

MaybeFault ResponseParser::first_line(std::string_view line) {
  const std::size_t version_end = line.find(' ');
  if (const MaybeFault fault = read_version(line.substr(0, version_end), head_.minor)) {
    return *fault == HeadFault::bad_version ? HeadFault::bad_status_line : *fault;
  }
  if (version_end == std::string_view::npos) return HeadFault::bad_status_line;
  line.remove_prefix(version_end + 1);
  if (line.size() < 3 || line[0] < '1' || line[0] > '9' || !is_digit(line[1]) ||
      !is_digit(line[2])) {
    return HeadFault::bad_status_line;
  }
  head_.status = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  line.remove_prefix(3);
  // "HTTP/1.1 200" without the SP before an empty reason is common and has one meaning.
  if (line.empty()) return std::nullopt;
  if (line.front() != ' ') return HeadFault::bad_status_line;
  head_.reason = line.substr(1);
  return std::nullopt;
}

MaybeFault ResponseParser::check() { return check_response(head_); }

ResponseHead ResponseParser::take() {
  ResponseHead out = std::move(head_);
  reset();
  return out;
}

void ResponseParser::reset() {
  head_.status = 0;
  head_.reason.clear();
  head_.minor = 1;
  head_.fields.clear();
  reset_lines();
}

}  // namespace tally::http
