// SPDX-License-Identifier: Apache-2.0
#include "dialect/draft.h"

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "base/random.h"
#include "event/duration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>

namespace tally::dialect {
namespace {

using event::Field;
using event::FieldKind;
using json::Kind;
using json::Value;

/// Longest text of a field that identifies something; as event::Ingest.
bool fits_text(Field field, Value value) {
  const bool free_text = field == Field::error_message || field == Field::api_endpoint ||
                         field == Field::actor_user_agent;
  if (free_text) return true;
  return value.body().size() <= kFieldBytesMax &&
         value.body().find("\\u0000") == std::string_view::npos;
}

bool is_lower_or_upper_uuid(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c | 0x20);
  }
  return is_uuid(text);
}

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > 128) return false;
  for (const char c : text) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view("-_.:/").find(c) != std::string_view::npos;
    if (!fits) return false;
  }
  return true;
}

bool is_word(Field field, const std::string& text) {
  switch (field) {
    case Field::event_type: return event::from_text<event::EventType>(text).has_value();
    case Field::event_result: return event::from_text<event::EventResult>(text).has_value();
    case Field::status: return event::from_text<event::Status>(text).has_value();
    case Field::severity: return event::from_text<event::Severity>(text).has_value();
    case Field::severity_level: return event::from_text<event::SeverityLevel>(text).has_value();
    case Field::actor_type: return event::from_text<event::ActorType>(text).has_value();
    default: return false;
  }
}

bool all_strings(Value array) {
  for (const Value each : array.children()) {
    if (!each.is(Kind::string)) return false;
  }
  return true;
}

bool fits_special(Field field, Value value) {
  switch (field) {
    case Field::actor_verified: return value.is(Kind::boolean) || value.text_is("claimed");
    case Field::duration_ms:
      return value.is(Kind::number) && event::parse_milliseconds(value.raw()).has_value();
    case Field::on_behalf_of:
      return value.is(Kind::string) || (value.is(Kind::array) && all_strings(value));
    default: return false;  // redactions are of whoever redacts
  }
}

bool fits(Field field, Value value) {
  switch (event::kind_of(field)) {
    case FieldKind::ours: return false;
    case FieldKind::time: return value.is(Kind::string) && parse_time(value.text_start(64));
    case FieldKind::word: return value.is(Kind::string) && is_word(field, value.text_start(64));
    case FieldKind::object: return value.is(Kind::object);
    case FieldKind::special: return fits_special(field, value);
    case FieldKind::text: break;
  }
  if (!value.is(Kind::string) || !fits_text(field, value)) return false;
  if (field == Field::event_id) return is_lower_or_upper_uuid(value.text_start(64));
  const bool name = field == Field::event_name || field == Field::event_action;
  return !name || is_name(value.text_start(256));
}

/// "2026-11-21 19:00:00" and "2026-11-21T19:00:00" are no RFC 3339: without a zone they are UTC.
std::optional<WallTime> time_without_zone(std::string_view text) {
  if (text.size() < 19 || text.size() > 32) return std::nullopt;
  std::string whole(text);
  if (whole[10] == ' ') whole[10] = 'T';
  return parse_time(whole + 'Z');
}

}  // namespace

bool Draft::take(Field field, Value value) {
  if (has(field) || !fits(field, value)) return false;
  values_[event::index_of(field)] = value.raw();
  return true;
}

void Draft::set(Field field, std::string_view text) {
  std::string& out = values_[event::index_of(field)];
  if (out.empty()) json::append_string(out, text);
}

void Draft::set_raw(Field field, std::string_view json) {
  std::string& out = values_[event::index_of(field)];
  if (out.empty()) out = json;
}

bool Draft::take_time(Value value) {
  if (value.is(Kind::string)) return take_time(value.text_start(64));
  std::int64_t millis = 0;
  const std::string_view raw = value.raw();
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), millis);
  const bool whole =
      value.is(Kind::number) && error == std::errc() && end == raw.data() + raw.size();
  // Since 1980, before 3000: anything else is another unit, or no time.
  if (!whole || millis < 315'532'800'000 || millis > 32'503'680'000'000) return false;
  set(Field::timestamp, format_time(WallTime(std::chrono::milliseconds(millis))));
  return true;
}

bool Draft::take_time(std::string_view text) {
  auto time = parse_time(text);
  if (!time) time = time_without_zone(text);
  if (!time) return false;
  set(Field::timestamp, format_time(*time));
  return true;
}

bool Draft::take_address(Value value) {
  if (!value.is(Kind::string)) return false;
  const auto address = IpAddress::parse(value.text_start(128));
  if (!address) return take(Field::actor_ip, value);
  if (has(Field::actor_ip)) return false;
  set(Field::actor_ip, address->text());
  return true;
}

void Draft::detail(std::string_view name, std::string_view json) {
  detail_names_.emplace_back(name);
  if (!details_.empty()) details_ += ',';
  json::append_string(details_, name);
  details_.append(":").append(json);
}

bool Draft::has_detail(std::string_view name) const {
  return std::ranges::find(detail_names_, name) != detail_names_.end();
}

void Draft::other(std::string_view name, std::string_view json) {
  others_ += ',';
  json::append_string(others_, name);
  others_.append(":").append(json);
}

std::string Draft::finish() {
  if (!details_.empty()) set_raw(Field::details, '{' + details_ + '}');
  std::string out = "{";
  for (std::size_t i = 0; i < event::kFieldCount; ++i) {
    if (values_[i].empty()) continue;
    if (out.size() > 1) out += ',';
    out.append("\"").append(event::kFieldNames[i]).append("\":").append(values_[i]);
    values_[i].clear();
  }
  if (!others_.empty()) out += std::string_view(others_).substr(out.size() > 1 ? 0 : 1);
  out += '}';
  details_.clear();
  detail_names_.clear();
  others_.clear();
  return out;
}

event::EventResult failure_of(int status, std::string_view error_name,
                              std::string_view error_message) {
  using event::EventResult;
  if (status == 403 || status == 429) return EventResult::denied;
  if (status != 0) return status >= 500 ? EventResult::error : EventResult::failure;
  // The MCP plugin says no more of a tool that answered that it failed.
  if (error_message.starts_with("Tool \"") && error_message.ends_with("reported isError=true")) {
    return EventResult::failure;
  }
  if (error_name == "NotAllowedError" || error_name == "RateLimitError") return EventResult::denied;
  constexpr std::array<std::string_view, 6> kAnswered{"",
                                                      "InputError",
                                                      "NotFoundError",
                                                      "ConflictError",
                                                      "AuthenticationError",
                                                      "NotModifiedError"};
  return std::ranges::find(kAnswered, error_name) != kAnswered.end() ? EventResult::failure
                                                                     : EventResult::error;
}

bool repeats_a_key(Value object) {
  const auto twice = json::ambiguous_key(object);
  return twice && !twice->case_only;
}

}  // namespace tally::dialect
