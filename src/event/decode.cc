// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"
#include "base/encoding.h"
#include "base/json.h"
#include "event/codec.h"
#include "event/duration.h"
#include "event/fields.h"

namespace tally::event {
namespace {

[[nodiscard]] auto wrong(Field field, std::string_view expected) {
  return fail(Errc::malformed, std::string(name_of(field)) + ": must be " + std::string(expected));
}

Result<void> read_text(Field field, json::Value value, std::string& out) {
  if (!value.is(json::Kind::string)) return wrong(field, "a string");
  out = value.text();
  return {};
}

Result<void> read_text(Field field, json::Value value, std::optional<std::string>& out) {
  return read_text(field, value, out.emplace());
}

Result<void> read_object(Field field, json::Value value, std::string& out) {
  if (!value.is(json::Kind::object)) return wrong(field, "an object");
  out = value.raw();
  return {};
}

template <class Enum>
Result<void> read_enum(Field field, json::Value value, Enum& out) {
  const auto known = value.is(json::Kind::string) ? from_text<Enum>(value.text()) : std::nullopt;
  if (!known) return wrong(field, "one of " + allowed_texts<Enum>());
  out = *known;
  return {};
}

Result<void> read_time(Field field, json::Value value, WallTime& out) {
  const auto time = value.is(json::Kind::string) ? parse_time(value.text()) : std::nullopt;
  if (!time) return wrong(field, "an RFC 3339 time");
  out = *time;
  return {};
}

Result<void> read_verified(json::Value value, std::optional<ActorVerified>& out) {
  if (value.raw() == "true") out = ActorVerified::yes;
  if (value.raw() == "false") out = ActorVerified::no;
  if (value.text_is("claimed")) out = ActorVerified::claimed;
  if (!out) return wrong(Field::actor_verified, "true, false or \"claimed\"");
  return {};
}

Result<void> read_principals(json::Value value, std::vector<std::string>& out) {
  json::Document document;
  TALLY_TRY(const json::Value chain, document.parse(value.raw()));
  if (chain.is(json::Kind::string)) {
    out.push_back(chain.text());
    return {};
  }
  if (!chain.is(json::Kind::array)) return wrong(Field::on_behalf_of, "an array of strings");
  for (const json::Value principal : chain.children()) {
    if (!principal.is(json::Kind::string)) return wrong(Field::on_behalf_of, "an array of strings");
    out.push_back(principal.text());
  }
  return {};
}

Result<void> read_redactions(json::Value value, std::vector<Redaction>& out) {
  json::Document document;
  TALLY_TRY(const json::Value list, document.parse(value.raw()));
  if (!list.is(json::Kind::array)) return wrong(Field::redactions, "an array");
  for (const json::Value item : list.children()) {
    Redaction redaction;
    for (const json::Value member : item.children()) {
      const bool path = member.key_is("path");
      const bool rule = member.key_is("rule");
      if ((!path && !rule && !member.key_is("action")) || !member.is(json::Kind::string)) {
        return wrong(Field::redactions, "objects of the strings path, rule and action");
      }
      (path ? redaction.path : rule ? redaction.rule : redaction.action) = member.text();
    }
    if (!item.is(json::Kind::object)) {
      return wrong(Field::redactions, "objects of the strings path, rule and action");
    }
    out.push_back(std::move(redaction));
  }
  return {};
}

Result<void> read_seq(json::Value value, std::optional<std::uint64_t>& out) {
  out = parse_decimal(value.raw());
  if (!out) return wrong(Field::seq, "a whole number from 0 on");
  return {};
}

Result<void> read_duration(json::Value value, Event& e) {
  if (value.is(json::Kind::number)) e.duration = parse_milliseconds(value.raw());
  if (!e.duration) return wrong(Field::duration_ms, "a number of milliseconds, not negative");
  return {};
}

Result<void> read_field(Field field, json::Value value, Decoded& out) {
  Event& e = out.event;
  switch (field) {
    case Field::seq: return read_seq(value, out.seq);
    case Field::timestamp: return read_time(field, value, e.timestamp);
    case Field::recorded_at: return read_time(field, value, e.recorded_at.emplace());
    case Field::event_id: return read_text(field, value, e.event_id);
    case Field::event_name: return read_text(field, value, e.event_name);
    case Field::event_type: return read_enum(field, value, e.event_type);
    case Field::event_action: return read_text(field, value, e.event_action);
    case Field::event_result: return read_enum(field, value, e.event_result);
    case Field::status: return read_enum(field, value, e.status);
    case Field::interaction_id: return read_text(field, value, e.interaction_id);
    case Field::flow_id: return read_text(field, value, e.flow_id);
    case Field::instance: return read_text(field, value, e.instance);
    case Field::source: return read_text(field, value, e.source);
    case Field::severity: return read_enum(field, value, e.severity);
    case Field::severity_level: return read_enum(field, value, e.severity_level);
    case Field::actor_id: return read_text(field, value, e.actor_id);
    case Field::actor_type: return read_enum(field, value, e.actor_type.emplace());
    case Field::actor_verified: return read_verified(value, e.actor_verified);
    case Field::actor_ip: return read_text(field, value, e.actor_ip);
    case Field::actor_user_agent: return read_text(field, value, e.actor_user_agent);
    case Field::on_behalf_of: return read_principals(value, e.on_behalf_of);
    case Field::target_type: return read_text(field, value, e.target_type);
    case Field::target_id: return read_text(field, value, e.target_id);
    case Field::target_name: return read_text(field, value, e.target_name);
    case Field::request_id: return read_text(field, value, e.request_id);
    case Field::session_id: return read_text(field, value, e.session_id);
    case Field::trace_id: return read_text(field, value, e.trace_id);
    case Field::api_endpoint: return read_text(field, value, e.api_endpoint);
    case Field::http_method: return read_text(field, value, e.http_method);
    case Field::duration_ms: return read_duration(value, e);
    case Field::details: return read_object(field, value, e.details);
    case Field::error_message: return read_text(field, value, e.error_message);
    case Field::old_values: return read_object(field, value, e.old_values);
    case Field::new_values: return read_object(field, value, e.new_values);
    case Field::redactions: return read_redactions(value, e.redactions);
  }
  TALLY_CHECK(!"Field out of range");
}

}  // namespace

Result<Decoded> decode(std::string_view line) {
  json::Document document;
  // The root and its members; what is nested is checked and kept as text.
  TALLY_TRY(const json::Value root, document.parse(line, {.depth_indexed = 1}));
  if (!root.is(json::Kind::object)) return fail(Errc::malformed, "event: not a JSON object");
  Decoded out;
  std::uint64_t seen = 0;
  for (const json::Value member : root.children()) {
    std::string key = member.key();
    const auto field = field_of(key);
    if (!field) {
      out.event.unknown.push_back({std::move(key), std::string(member.raw())});
      continue;
    }
    const std::uint64_t bit = std::uint64_t{1} << index_of(*field);
    if ((seen & bit) != 0) return fail(Errc::malformed, key + ": repeated");
    seen |= bit;
    if (member.is(json::Kind::null)) continue;
    TALLY_TRY_VOID(read_field(*field, member, out));
  }
  return out;
}

}  // namespace tally::event
