// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.h"
#include "event/codec.h"
#include "event/duration.h"
#include "event/fields.h"

#include <array>
#include <cstddef>

namespace tally::event {
namespace {

/// `,"name":` of a field, which needs no escaping.
struct KeyText {
  std::array<char, 24> text{};
  std::size_t size = 0;
};

constexpr std::array<KeyText, kFieldCount> make_key_texts() {
  std::array<KeyText, kFieldCount> out{};
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    const auto put = [&key = out[i]](std::string_view part) {
      for (const char c : part) key.text[key.size++] = c;
    };
    put(",\"");
    put(kFieldNames[i]);
    put("\":");
  }
  return out;
}
constexpr std::array<KeyText, kFieldCount> kKeyTexts = make_key_texts();

/// Writes members with their names from the field table.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void key(Field field) {
    const KeyText& key = kKeyTexts[index_of(field)];
    if (first_) out_ += '{';
    out_.append(key.text.data() + (first_ ? 1 : 0), key.size - (first_ ? 1 : 0));
    first_ = false;
  }
  void text(Field field, std::string_view value) {
    key(field);
    json::append_string(out_, value);
  }
  void optional_text(Field field, const std::optional<std::string>& value) {
    if (value) text(field, *value);
  }
  /// For texts that need no escaping: enums, times.
  void word(Field field, std::string_view value) {
    key(field);
    out_ += '"';
    out_ += value;
    out_ += '"';
  }
  void raw(Field field, std::string_view json) {
    if (json.empty()) return;
    key(field);
    out_ += json;
  }
  std::string& out() { return out_; }

 private:
  std::string& out_;
  bool first_ = true;
};

void write_time(Writer& w, Field field, WallTime time) {
  w.key(field);
  w.out() += '"';
  append_time(w.out(), time);
  w.out() += '"';
}

void write_what(Writer& w, const Event& e) {
  write_time(w, Field::timestamp, e.timestamp);
  if (e.recorded_at) write_time(w, Field::recorded_at, *e.recorded_at);
  w.text(Field::event_id, e.event_id);
  w.text(Field::event_name, e.event_name);
  w.word(Field::event_type, to_text(e.event_type));
  w.text(Field::event_action, e.event_action);
  w.word(Field::event_result, to_text(e.event_result));
  w.word(Field::status, to_text(e.status));
  w.optional_text(Field::interaction_id, e.interaction_id);
  w.optional_text(Field::flow_id, e.flow_id);
  w.optional_text(Field::instance, e.instance);
  w.optional_text(Field::source, e.source);
  w.word(Field::severity, to_text(e.severity));
  w.word(Field::severity_level, to_text(e.severity_level));
}

void write_actor(Writer& w, const Event& e) {
  w.optional_text(Field::actor_id, e.actor_id);
  if (e.actor_type) w.word(Field::actor_type, to_text(*e.actor_type));
  if (e.actor_verified) {
    if (*e.actor_verified == ActorVerified::claimed) {
      w.word(Field::actor_verified, to_text(*e.actor_verified));
    } else {
      w.raw(Field::actor_verified, to_text(*e.actor_verified));
    }
  }
  w.optional_text(Field::actor_ip, e.actor_ip);
  w.optional_text(Field::actor_user_agent, e.actor_user_agent);
  if (!e.on_behalf_of.empty()) {
    w.key(Field::on_behalf_of);
    char open = '[';
    for (const std::string& principal : e.on_behalf_of) {
      w.out() += open;
      json::append_string(w.out(), principal);
      open = ',';
    }
    w.out() += ']';
  }
}

void write_where(Writer& w, const Event& e) {
  w.optional_text(Field::target_type, e.target_type);
  w.optional_text(Field::target_id, e.target_id);
  w.optional_text(Field::target_name, e.target_name);
  w.optional_text(Field::request_id, e.request_id);
  w.optional_text(Field::session_id, e.session_id);
  w.optional_text(Field::trace_id, e.trace_id);
  w.optional_text(Field::api_endpoint, e.api_endpoint);
  w.optional_text(Field::http_method, e.http_method);
  if (e.duration) {
    w.key(Field::duration_ms);
    append_milliseconds(w.out(), *e.duration);
  }
}

void write_redactions(Writer& w, const std::vector<Redaction>& redactions) {
  if (redactions.empty()) return;
  w.key(Field::redactions);
  char open = '[';
  for (const Redaction& r : redactions) {
    w.out() += open;
    json::ObjectWriter object(w.out());
    object.string("path", r.path);
    object.string("rule", r.rule);
    object.string("action", r.action);
    object.end();
    open = ',';
  }
  w.out() += ']';
}

}  // namespace

void encode_to(std::string& out, const Event& event) {
  Writer w(out);
  write_what(w, event);
  write_actor(w, event);
  write_where(w, event);
  w.raw(Field::details, event.details);
  w.optional_text(Field::error_message, event.error_message);
  w.raw(Field::old_values, event.old_values);
  w.raw(Field::new_values, event.new_values);
  write_redactions(w, event.redactions);
  for (const RawMember& member : event.unknown) {
    out += ',';
    json::append_string(out, member.key);
    out += ':';
    out += member.json;
  }
  out += '}';
}

std::string encode(const Event& event) {
  std::string out;
  out.reserve(700 + event.details.size() + event.old_values.size() + event.new_values.size());
  encode_to(out, event);
  return out;
}

}  // namespace tally::event
