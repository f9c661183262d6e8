// SPDX-License-Identifier: Apache-2.0
#include "dialect/backstage.h"

#include "base/json_writer.h"
#include "base/limits.h"
#include "dialect/backstage_names.h"
#include "dialect/draft.h"
#include "dialect/own_export.h"
#include "event/catalog.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace tally::dialect {
namespace {

using event::EventResult;
using event::Field;
using json::Kind;
using json::Value;

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool says_audit(std::string_view text) {
  const auto has = [text](std::string_view part) {
    return text.find(part) != std::string_view::npos;
  };
  return has("isAuditEvent") || has("isAuditLog") || (has("\"eventId\"") && has("\"plugin\""));
}

bool is_set(Value object, std::string_view name) {
  const auto value = object.find(name);
  return value && (value->is_true() || value->text_is("true"));
}

bool is_text(const std::optional<Value>& value) { return value && value->is(Kind::string); }

std::string text_of(const std::optional<Value>& value, std::size_t bytes_max) {
  return is_text(value) ? value->text_start(bytes_max) : std::string();
}

int number_of(const std::optional<Value>& value) {
  int out = 0;
  if (value && value->is(Kind::number)) {
    const std::string_view raw = value->raw();
    static_cast<void>(std::from_chars(raw.data(), raw.data() + raw.size(), out));
  }
  return out;
}

/// What a failed line of production has at the top: the members of the error.
constexpr std::array kErrorMembers{"name",     "stack",      "body",       "cause",
                                   "response", "statusCode", "statusText", "code"};

/// An object being copied but for what found a place.
class Rest {
 public:
  void add(std::string_view name, std::string_view raw) {
    writer_.raw(name, raw);
    any_ = true;
  }
  void into(Draft& draft, std::string_view name) {
    writer_.end();
    if (any_) draft.detail(name, text_);
  }

 private:
  std::string text_;
  json::ObjectWriter writer_{text_};
  bool any_ = false;
};

/// One event on its way. Kept only while it is converted.
class Conversion {
 public:
  explicit Conversion(Value object)
      : object_(object), janus_(is_set(object, "isAuditLog") && !is_set(object, "isAuditEvent")) {}

  std::string run(std::string_view time_before) {
    plugin_ = text_of(object_.find("plugin"), 256);
    event_id_ = text_of(object_.find(janus_ ? "eventName" : "eventId"), 256);
    take_names();
    failed_ = object_.find("status") && object_.find("status")->text_is("failed");
    // What a plugin copies into meta must not go before what Backstage itself says.
    for (const Value member : object_.children()) {
      if (!member.key_is("meta")) take(member);
    }
    if (const auto meta = object_.find("meta")) take(*meta);
    if (!time_before.empty()) static_cast<void>(draft_.take_time(time_before));
    take_meta_names();
    take_result();
    take_action();
    flat_error_.into(draft_, "error");
    envelope_.into(draft_, "backstage");
    return draft_.finish();
  }

 private:
  void take_names() {
    const std::string id = janus_ ? kebab_case(event_id_) : event_id_;
    name_ = event_name_of(plugin_, id);
    kebab_id_ = id;
    draft_.set(Field::event_name, name_);
    if (!plugin_.empty()) draft_.detail("plugin", object_.find("plugin")->raw());
  }

  void take(Value member);
  void take_actor(Value actor);
  void take_request(Value request);
  void take_meta(Value meta);
  void take_ours(Value ours);
  void take_meta_names();
  void take_error(Value error);
  void take_message(Value message);
  void take_result();
  void take_action();
  [[nodiscard]] bool is_error_member(Value member) const;

  Value object_;
  bool janus_;
  bool failed_ = false;
  std::string plugin_, event_id_, kebab_id_, name_;
  Draft draft_;
  Rest envelope_;    // what stands around: level, service, and what nobody knows
  Rest flat_error_;  // of a failed line
};

bool Conversion::is_error_member(Value member) const {
  if (!failed_ || janus_ || object_.find("error")) return false;
  for (const std::string_view name : kErrorMembers) {
    if (member.key_is(name)) return true;
  }
  return false;
}

void Conversion::take(Value member) {
  const std::string key = member.key();
  const bool nested = member.is(Kind::object) && !repeats_a_key(member);
  if (key == "plugin" && member.is(Kind::string)) return;
  if (key == "isAuditEvent" || key == "isAuditLog") return envelope_.add(key, member.raw());
  if (key == "severityLevel" && draft_.take(Field::severity_level, member)) return;
  if (key == "status" && !janus_ && draft_.take(Field::status, member)) return;
  if (key == "actor" && nested) return take_actor(member);
  if (key == "request" && nested) return take_request(member);
  if (key == "meta" && nested) return take_meta(member);
  if (key == "error" && nested) return take_error(member);
  if (key == "message" && member.is(Kind::string)) return take_message(member);
  if (is_error_member(member)) return flat_error_.add(key, member.raw());
  if (key == "timestamp" || key == "@timestamp" || key == "time") {
    // Kept as well: it may have a zone of its own, or more digits.
    if (!draft_.has(Field::timestamp)) static_cast<void>(draft_.take_time(member));
  }
  envelope_.add(key, member.raw());
}

void Conversion::take_actor(Value actor) {
  Rest rest;
  for (const Value member : actor.children()) {
    const bool placed =
        (member.key_is("actorId") && draft_.take(Field::actor_id, member)) ||
        (member.key_is("ip") && draft_.take_address(member)) ||
        (member.key_is("userAgent") && draft_.take(Field::actor_user_agent, member));
    if (!placed) rest.add(member.key(), member.raw());
  }
  rest.into(draft_, "actor");
  if (!draft_.has(Field::actor_id)) return;
  const std::string id = text_of(actor.find("actorId"), 64);
  draft_.set(Field::actor_type, id.starts_with("user:") ? "user" : "service");
  // Backstage checked it; that it did is what the sender says.
  draft_.set(Field::actor_verified, "claimed");
}

void Conversion::take_request(Value request) {
  Rest rest;
  for (const Value member : request.children()) {
    const bool placed = (member.key_is("url") && draft_.take(Field::api_endpoint, member)) ||
                        (member.key_is("method") && draft_.take(Field::http_method, member));
    if (!placed) rest.add(member.key(), member.raw());
  }
  rest.into(draft_, "request");
}

void Conversion::take_meta(Value meta) {
  Rest rest;
  for (const Value member : meta.children()) {
    if (member.key_is("tallystick") && member.is(Kind::object) && !repeats_a_key(member)) {
      take_ours(member);
    } else {
      rest.add(member.key(), member.raw());
    }
  }
  rest.into(draft_, "meta");
}

/// What a sender that knows us says in our own names.
void Conversion::take_ours(Value ours) {
  constexpr std::array kTaken{"plugin", "actor",     "request",   "meta",
                              "error",  "backstage", "tallystick"};
  Rest rest;
  for (const Value member : ours.children()) {
    const std::string key = member.key();
    const auto field = event::field_of(key);
    const bool names_it = field == Field::event_name || field == Field::status ||
                          field == Field::event_result || field == Field::severity;
    if (field && !names_it && field != Field::details && draft_.take(*field, member)) continue;
    const bool taken = field || std::ranges::find(kTaken, std::string_view(key)) != kTaken.end() ||
                       draft_.has_detail(key);
    if (taken) {
      rest.add(key, member.raw());
    } else {
      draft_.detail(key, member.raw());
    }
  }
  rest.into(draft_, "tallystick");
}

void Conversion::take_meta_names() {
  const auto meta = object_.find("meta");
  if (!meta || !meta->is(Kind::object) || draft_.has(Field::target_id)) return;
  for (std::size_t i = 0; const auto target = next_meta_target(i); ++i) {
    const auto value = meta->find(target->member);
    if (!value || !value->is(Kind::string) || value->body().empty()) continue;
    if (target->target_type != "tool") {
      if (!draft_.take(Field::target_id, *value)) continue;
    } else {
      if (!draft_.take(Field::target_name, *value)) continue;
      if (!plugin_.empty()) draft_.set(Field::target_id, plugin_ + '/' + value->text());
    }
    draft_.set(Field::target_type, target->target_type);
    return;
  }
  if (plugin_ != "mcp-actions") return;
  draft_.set(Field::target_type, "server");
  draft_.set(Field::target_id, plugin_);
}

void Conversion::take_error(Value error) {
  Rest rest;
  for (const Value member : error.children()) {
    const bool placed = member.key_is("message") && draft_.take(Field::error_message, member);
    if (!placed) rest.add(member.key(), member.raw());
  }
  rest.into(draft_, "error");
}

/// "PLUGIN.EVENTID" and behind it, when it failed, what the error said.
void Conversion::take_message(Value message) {
  const std::string subject = plugin_ + '.' + event_id_;
  if (message.text_is(subject)) return;  // says nothing more
  const std::string text = message.text();
  const bool has_error = failed_ && !janus_ && text.starts_with(subject + ' ');
  if (has_error && !object_.find("error")) {
    draft_.set(Field::error_message, std::string_view(text).substr(subject.size() + 1));
  } else {
    envelope_.add("message", message.raw());
  }
}

/// Status, result and severity as contract 1 has them.
void Conversion::take_result() {
  const auto status = object_.find("status");
  std::string word = text_of(status, 32);
  if (janus_) {
    if (word == "succeeded" && text_of(object_.find("stage"), 32) == "initiation")
      word = "initiated";
    if (event::from_text<event::Status>(word)) draft_.set(Field::status, word);
    const auto errors = object_.find("errors");
    if (failed_ && errors && errors->is(Kind::array)) {
      for (const Value each : errors->children()) {
        const auto text = each.is(Kind::object) ? each.find("message") : std::optional(each);
        if (is_text(text) && draft_.take(Field::error_message, *text)) break;
      }
    }
  }
  EventResult result = EventResult::unknown;
  if (word == "initiated") result = EventResult::pending;
  if (word == "succeeded") result = EventResult::success;
  if (word == "failed") {
    int code = number_of(object_.find("statusCode"));
    if (code == 0) code = number_of(object_.find_path({"error", "statusCode"}));
    if (code == 0) code = number_of(object_.find_path({"response", "status"}));
    std::string name = text_of(object_.find_path({"error", "name"}), 64);
    if (name.empty()) name = text_of(object_.find("name"), 64);
    std::string message = text_of(object_.find_path({"error", "message"}), kFieldBytesMax);
    if (message.empty()) message = text_of(object_.find("message"), kFieldBytesMax);
    const std::string subject = plugin_ + '.' + event_id_ + ' ';
    if (message.starts_with(subject)) message.erase(0, subject.size());
    result = failure_of(code, name, message);
  }
  draft_.set(Field::event_result, event::to_text(result));
  if (result != EventResult::success) return;
  const event::CatalogEntry* entry = event::find_event(name_);
  const auto level = object_.find("severityLevel");
  // As Backstage logs it: low ones are for debugging.
  const bool minor = entry != nullptr ? entry->severity_on_success == event::Severity::debug
                                      : !level || level->text_is("low");
  draft_.set(Field::severity, minor ? "debug" : "info");
}

void Conversion::take_action() {
  if (event::find_event(name_) != nullptr) return;  // the catalogue knows
  const auto meta = object_.find("meta");
  const auto type = meta && meta->is(Kind::object) ? meta->find("actionType") : std::nullopt;
  draft_.set(Field::event_action, event_action_of(kebab_id_, text_of(type, 64)));
  draft_.set(Field::event_type, event::to_text(event_type_of(plugin_, kebab_id_)));
  // Backstage's default.
  if (!draft_.has(Field::severity_level) && !object_.find("severityLevel")) {
    draft_.set(Field::severity_level, "low");
  }
}

bool is_audit_event(Value object) {
  if (is_set(object, "isAuditEvent") || is_set(object, "isAuditLog")) return true;
  return is_text(object.find("plugin")) && is_text(object.find("eventId")) &&
         is_text(object.find("status"));
}

}  // namespace

Result<std::optional<std::string>> BackstageReader::read(std::string_view text) {
  const std::size_t begin = text.find('{');
  if (begin == std::string_view::npos) {
    if (!says_audit(text)) return std::nullopt;
    return fail(Errc::malformed,
                "seems to be an audit event, but is no JSON; Backstage logs JSON when NODE_ENV is "
                "production");
  }
  const std::string_view before = text.substr(0, begin);
  const auto object = document_.parse(text.substr(begin));
  if (!object) {
    if (!says_audit(text)) return std::nullopt;
    return fail(object.error().code, "seems to be an audit event: " + object.error().detail);
  }
  if (!is_audit_event(*object)) return std::nullopt;
  if (document_.has_lone_surrogate()) {
    return fail(Errc::malformed, "a surrogate escape stands without its partner");
  }
  if (repeats_a_key(*object)) {
    return fail(Errc::malformed, "the member \"" + json::ambiguous_key(*object)->key.substr(0, 64) +
                                     "\" is there twice");
  }
  const bool named = is_text(object->find("eventId")) || is_text(object->find("eventName"));
  if (!named) return fail(Errc::invalid_argument, "eventId: is missing or no text");
  if (auto own = from_own_export(*object)) return own;
  const std::string_view time = is_blank(before) ? "" : before.substr(0, before.find(' '));
  Conversion conversion(*object);
  return std::optional(conversion.run(time));
}

}  // namespace tally::dialect
