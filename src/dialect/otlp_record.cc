// SPDX-License-Identifier: Apache-2.0
#include "dialect/otlp_record.h"

#include "base/clock.h"
#include "base/encoding.h"
#include "base/json_writer.h"
#include "base/random.h"
#include "dialect/draft.h"
#include "dialect/otlp_value.h"
#include "event/catalog.h"

#include <array>
#include <charconv>
#include <chrono>

namespace tally::dialect {
namespace {

using event::EventResult;
using event::Field;
using event::Severity;
using json::Kind;
using json::Value;

struct AttributePlace {
  std::string_view name;
  Field field;
};
/// OpenTelemetry semantic conventions, today's name before yesterday's.
constexpr std::array kPlaces{
    AttributePlace{"event.name", Field::event_name},
    AttributePlace{"user.id", Field::actor_id},
    AttributePlace{"enduser.id", Field::actor_id},
    AttributePlace{"client.address", Field::actor_ip},
    AttributePlace{"user_agent.original", Field::actor_user_agent},
    AttributePlace{"http.request.method", Field::http_method},
    AttributePlace{"url.path", Field::api_endpoint},
    AttributePlace{"url.full", Field::api_endpoint},
    AttributePlace{"http.target", Field::api_endpoint},
    AttributePlace{"mcp.session.id", Field::session_id},
    AttributePlace{"session.id", Field::session_id},
    AttributePlace{"exception.message", Field::error_message},
    AttributePlace{"error.message", Field::error_message},
};

/// SEVERITY_NUMBER_ERROR.
constexpr std::uint64_t kErrorFrom = 17;

constexpr std::string_view kUnnamed = "log-record";

/// Of the four levels of each (opentelemetry-proto SeverityNumber).
std::optional<Severity> severity_of(std::uint64_t number) {
  if (number == 0 || number > 24) return std::nullopt;
  if (number <= 8) return Severity::debug;
  if (number <= 12) return Severity::info;
  if (number <= 16) return Severity::warning;
  return number <= 20 ? Severity::error : Severity::critical;
}

bool is_hex(std::string_view text, std::size_t size) {
  return text.size() == size &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos &&
         text.find_first_not_of('0') != std::string_view::npos;
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return text;
}

class Conversion {
 public:
  explicit Conversion(const OtlpShared& shared) : shared_(shared) {}

  OtlpRecord run(Value record) {
    for (const Value member : record.children()) take(member);
    take_attributes();
    take_result();
    name();
    if (!shared_.resource.empty()) draft_.detail("resource", shared_.resource);
    if (!shared_.scope.empty()) draft_.detail("scope", shared_.scope);
    rest_.end();
    if (rest_text_.size() > 2) draft_.detail("other", rest_text_);
    if (!shared_.other.empty()) draft_.detail("otlp", shared_.other);
    return {draft_.finish(), std::move(uid_)};
  }

 private:
  void take(Value member);
  void take_time(Value member, bool observed);
  void take_attributes();
  void take_attribute(Value attribute);
  void take_uid(Value value);
  void take_mcp(const json::Value& attributes);
  void take_result();
  void name();

  const OtlpShared& shared_;
  Draft draft_;
  std::string attributes_;  // as an object
  json::Document document_;
  std::string rest_text_;
  json::ObjectWriter rest_{rest_text_};
  std::uint64_t severity_ = 0;  // 0: not said
  std::uint64_t http_status_ = 0;
  std::string uid_;
  bool has_time_ = false;
};

void Conversion::take(Value member) {
  const std::string key = member.key();
  if (key == "attributes") return append_attributes(attributes_, member);
  if (key == "body") {
    std::string body;
    append_any_value(body, member);
    return draft_.detail("body", body);
  }
  if (key == "timeUnixNano") return take_time(member, false);
  if (key == "observedTimeUnixNano") return take_time(member, true);
  if (key == "eventName" && draft_.take(Field::event_name, member)) return;
  if (key == "severityNumber") {
    static_cast<void>(read_uint64(member, severity_));
    return draft_.detail("severity_number", member.raw());
  }
  if (key == "severityText") return draft_.detail("severity_text", member.raw());
  if (key == "traceId" && is_hex(member.body(), 32)) {
    return draft_.set(Field::trace_id, lower(member.text()));
  }
  if (key == "spanId" && member.is(Kind::string)) {
    if (!member.body().empty()) draft_.detail("span_id", member.raw());
    return;
  }
  if (key == "flags") return draft_.detail("flags", member.raw());
  if (key == "traceId" && member.is(Kind::string) && member.body().empty()) return;
  rest_.raw(key, member.raw());
}

/// Nanoseconds since 1970 as text or number; ours has microseconds, so what came is kept.
void Conversion::take_time(Value member, bool observed) {
  draft_.detail(observed ? "observed_time_unix_nano" : "time_unix_nano", member.raw());
  std::uint64_t nanos = 0;
  constexpr std::uint64_t kLast = 253'402'300'799ULL;  // 9999-12-31T23:59:59Z
  if (!read_uint64(member, nanos) || nanos == 0 || nanos / 1'000'000'000 > kLast) return;
  if (observed && has_time_) return;
  has_time_ = true;
  const WallTime time{std::chrono::microseconds(static_cast<std::int64_t>(nanos / 1'000))};
  std::string text = '"' + format_time(time) + '"';
  // The time of the event itself, even if the other one came first.
  if (!observed) draft_.replace(Field::timestamp, text);
  draft_.set_raw(Field::timestamp, text);
}

void Conversion::take_uid(Value value) {
  if (!value.is(Kind::string) || value.body().empty()) return;
  const std::string text(value.text_start(256));
  const std::string small = lower(text);
  if (is_uuid(small)) {
    draft_.set(Field::event_id, small);
  } else {
    uid_ = text;  // as it is: KSUID and others differ by case
  }
}

void Conversion::take_attribute(Value attribute) {
  const std::string key = attribute.key();
  for (const AttributePlace& place : kPlaces) {
    if (place.name != key) continue;
    static_cast<void>(place.field == Field::actor_ip ? draft_.take_address(attribute)
                                                     : draft_.take(place.field, attribute));
    return;
  }
  if (key == "log.record.uid") return take_uid(attribute);
  if (key == "http.response.status_code" || key == "http.status_code") {
    static_cast<void>(read_uint64(attribute, http_status_));
    return;
  }
  // Our own names; what the log stamps itself is not among them.
  if (const auto field = event::field_of(key); field && *field != Field::details) {
    static_cast<void>(draft_.take(*field, attribute));
  }
}

/// What the conventions for MCP say (gen_ai.tool.name, mcp.method.name ...).
void Conversion::take_mcp(const Value& attributes) {
  const auto method = attributes.find("mcp.method.name");
  if (method && method->is(Kind::string)) {
    const auto& entry =
        event::event_for_method(method->text_start(128), event::Direction::client_to_server);
    draft_.set(Field::event_name, entry.name);
    draft_.detail("method", method->raw());
  }
  const auto tool = attributes.find("gen_ai.tool.name");
  const auto uri = attributes.find("mcp.resource.uri");
  const auto prompt = attributes.find("gen_ai.prompt.name");
  const auto& target = tool ? tool : uri ? uri : prompt;
  if (!target || draft_.has(Field::target_type) || !draft_.take(Field::target_name, *target))
    return;
  draft_.set(Field::target_type, tool ? "tool" : uri ? "resource" : "prompt");
  const std::string name = target->text();
  draft_.set(Field::target_id,
             shared_.service_name.empty() ? name : shared_.service_name + '/' + name);
}

void Conversion::take_attributes() {
  if (attributes_.empty() || attributes_ == "{}") return;
  draft_.detail("attributes", attributes_);
  const auto object = document_.parse(attributes_);
  if (!object || !object->is(Kind::object)) return;
  for (const Value attribute : object->children()) take_attribute(attribute);
  take_mcp(*object);
}

/// A status tells more than a level: HTTP 4xx is a failure, whoever logged it as information.
void Conversion::take_result() {
  const auto severity = severity_of(severity_);
  if (severity) draft_.set(Field::severity, event::to_text(*severity));
  if (draft_.has(Field::event_result) || draft_.has(Field::status)) return;
  if (http_status_ >= 400 && http_status_ < 1000) {
    draft_.set(Field::event_result, event::to_text(failure_of(static_cast<int>(http_status_), "")));
  } else if (draft_.has(Field::error_message)) {
    draft_.set(Field::event_result, event::to_text(EventResult::failure));
  } else if (severity_ >= kErrorFrom) {
    draft_.set(Field::event_result, event::to_text(EventResult::error));
  }
}

void Conversion::name() {
  const bool by_type = draft_.has(Field::event_type) && draft_.has(Field::event_action);
  if (!by_type) draft_.set(Field::event_name, kUnnamed);
  if (!draft_.has(Field::actor_type) && draft_.has(Field::actor_id)) {
    draft_.set(Field::actor_type, "user");
  }
}

}  // namespace

OtlpRecord convert_record(Value record, const OtlpShared& shared) {
  Conversion conversion(shared);
  return conversion.run(record);
}

}  // namespace tally::dialect
