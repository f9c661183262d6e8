// SPDX-License-Identifier: Apache-2.0
#include "lib/event.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "event/codec.h"
#include "event/event.h"
#include "lib/convert.h"

namespace tallystick {
namespace {

using tally::Errc;

// The enums have the same values in the same order; tests/lib/event_test.cc compares every text.
template <class To, class From>
constexpr To same(From value) {
  return static_cast<To>(value);
}
static_assert(same<int>(EventType::audit) == same<int>(tally::event::EventType::audit));
static_assert(same<int>(EventResult::unknown) == same<int>(tally::event::EventResult::unknown));
static_assert(same<int>(Status::failed) == same<int>(tally::event::Status::failed));
static_assert(same<int>(Severity::critical) == same<int>(tally::event::Severity::critical));
static_assert(same<int>(SeverityLevel::critical) ==
              same<int>(tally::event::SeverityLevel::critical));
static_assert(same<int>(ActorType::anonymous) == same<int>(tally::event::ActorType::anonymous));
static_assert(same<int>(ActorVerified::claimed) == same<int>(tally::event::ActorVerified::claimed));

constexpr Time kFirstTime{};
constexpr Time kEndOfTime = std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1};

/// Writes what is set, in the order of the fields; remembers the first thing that cannot be
/// written.
class JsonOfEvent {
 public:
  tally::Result<std::string> write(const Event& event) {
    time("timestamp", event.timestamp);
    text("event_id", event.event_id);
    text("event_name", event.event_name);
    word<tally::event::EventType>("event_type", event.event_type);
    text("event_action", event.event_action);
    word<tally::event::EventResult>("event_result", event.event_result);
    word<tally::event::Status>("status", event.status);
    text("interaction_id", event.interaction_id);
    text("flow_id", event.flow_id);
    word<tally::event::Severity>("severity", event.severity);
    word<tally::event::SeverityLevel>("severity_level", event.severity_level);
    actor(event);
    text("target_type", event.target_type);
    text("target_id", event.target_id);
    text("target_name", event.target_name);
    text("request_id", event.request_id);
    text("session_id", event.session_id);
    text("trace_id", event.trace_id);
    text("api_endpoint", event.api_endpoint);
    text("http_method", event.http_method);
    duration(event.duration);
    json("details", event.details);
    text("error_message", event.error_message);
    json("old_values", event.old_values);
    json("new_values", event.new_values);
    redactions(event.redactions);
    for (const Member& member : event.other) {
      if (member.json.empty()) wrong(member.key, "must be one JSON value");
      json(member.key, member.json);
    }
    object_.end();
    if (error_) return tl::unexpected(std::move(*error_));
    return std::move(out_);
  }

 private:
  void wrong(std::string_view name, std::string_view what, Errc code = Errc::malformed) {
    if (!error_) error_ = tally::Error{code, std::string(name) + ": " + std::string(what)};
  }

  void text(std::string_view name, const std::string& value) {
    if (!value.empty()) object_.string(name, value);
  }

  template <class Ours, class Theirs>
  void word(std::string_view name, const std::optional<Theirs>& value) {
    if (value) object_.string(name, to_text(same<Ours>(*value)));
  }

  void time(std::string_view name, const std::optional<Time>& value) {
    if (!value) return;
    if (*value < kFirstTime || *value >= kEndOfTime) {
      wrong(name, "must be in the years 1970 to 9999", Errc::invalid_argument);
    } else {
      object_.string(name, tally::format_time(*value));
    }
  }

  void duration(const std::optional<std::chrono::microseconds>& value) {
    if (!value) return;
    if (value->count() < 0) {
      wrong("duration", "must not be negative", Errc::invalid_argument);
    } else {
      object_.milliseconds("duration_ms", value->count());
    }
  }

  /// Text that others wrote must not end its member and begin another.
  void json(std::string_view name, const std::string& value) {
    if (value.empty()) return;
    const auto parsed = document_.parse(value, {.depth_indexed = 0, .nodes_max = 1});
    if (!parsed) {
      wrong(name, "must be one JSON value: " + parsed.error().detail, parsed.error().code);
    } else {
      object_.raw(name, parsed->raw());
    }
  }

  void actor(const Event& event) {
    text("actor_id", event.actor_id);
    word<tally::event::ActorType>("actor_type", event.actor_type);
    if (event.actor_verified == ActorVerified::claimed) {
      object_.string("actor_verified", "claimed");
    } else if (event.actor_verified) {
      object_.boolean("actor_verified", *event.actor_verified == ActorVerified::yes);
    }
    text("actor_ip", event.actor_ip);
    text("actor_user_agent", event.actor_user_agent);
    if (event.on_behalf_of.empty()) return;
    object_.key("on_behalf_of");
    char separator = '[';
    for (const std::string& principal : event.on_behalf_of) {
      out_ += separator;
      separator = ',';
      tally::json::append_string(out_, principal);
    }
    out_ += ']';
  }

  void redactions(const std::vector<Redaction>& list) {
    if (list.empty()) return;
    object_.key("redactions");
    char separator = '[';
    for (const Redaction& redaction : list) {
      out_ += separator;
      separator = ',';
      tally::json::ObjectWriter item(out_);
      item.string("path", redaction.path);
      item.string("rule", redaction.rule);
      item.string("action", redaction.action);
      item.end();
    }
    out_ += ']';
  }

  std::string out_;
  tally::json::ObjectWriter object_{out_};
  tally::json::Document document_;
  std::optional<tally::Error> error_;
};

void copy_identity(const tally::event::Event& from, Event& to) {
  to.actor_id = from.actor_id.value_or("");
  if (from.actor_type) to.actor_type = same<ActorType>(*from.actor_type);
  if (from.actor_verified) to.actor_verified = same<ActorVerified>(*from.actor_verified);
  to.actor_ip = from.actor_ip.value_or("");
  to.actor_user_agent = from.actor_user_agent.value_or("");
  to.on_behalf_of = from.on_behalf_of;
  to.target_type = from.target_type.value_or("");
  to.target_id = from.target_id.value_or("");
  to.target_name = from.target_name.value_or("");
  to.request_id = from.request_id.value_or("");
  to.session_id = from.session_id.value_or("");
  to.trace_id = from.trace_id.value_or("");
  to.api_endpoint = from.api_endpoint.value_or("");
  to.http_method = from.http_method.value_or("");
}

tally::Result<Event> decode(std::string_view line) {
  TALLY_TRY(const tally::event::Decoded decoded, tally::event::decode(line));
  const tally::event::Event& from = decoded.event;
  Event to;
  to.seq = decoded.seq;
  if (from.timestamp != tally::WallTime{}) to.timestamp = from.timestamp;
  to.recorded_at = from.recorded_at;
  to.event_id = from.event_id;
  to.event_name = from.event_name;
  to.event_type = same<EventType>(from.event_type);
  to.event_action = from.event_action;
  to.event_result = same<EventResult>(from.event_result);
  to.status = same<Status>(from.status);
  to.interaction_id = from.interaction_id.value_or("");
  to.flow_id = from.flow_id.value_or("");
  to.instance = from.instance.value_or("");
  to.source = from.source.value_or("");
  to.severity = same<Severity>(from.severity);
  to.severity_level = same<SeverityLevel>(from.severity_level);
  copy_identity(from, to);
  to.duration = from.duration;
  to.details = from.details;
  to.error_message = from.error_message.value_or("");
  to.old_values = from.old_values;
  to.new_values = from.new_values;
  for (const auto& item : from.redactions) {
    to.redactions.push_back({item.path, item.rule, item.action});
  }
  for (const auto& item : from.unknown) to.other.push_back({item.key, item.json});
  return to;
}

}  // namespace

Result<std::string> to_json(const Event& event) {
  return tally::lib::public_result(tally::lib::json_of(event));
}

Result<Event> parse_event(std::string_view line) { return tally::lib::public_result(decode(line)); }

}  // namespace tallystick

namespace tally::lib {

Result<std::string> json_of(const tallystick::Event& event) {
  return tallystick::JsonOfEvent().write(event);
}

}  // namespace tally::lib
