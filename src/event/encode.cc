// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "base/release_memory.h"
#include "base/time_text.h"
#include "event/codec.h"
#include "event/duration.h"
#include "event/fields.h"

#include <array>
#include <cstddef>
#include <cstring>

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
/// Of all of them; one is copied whole, whatever its length.
constexpr std::size_t kKeyBytes = [] {
  std::size_t bytes = sizeof(KeyText);
  for (const KeyText& key : kKeyTexts) bytes += key.size;
  return bytes;
}();

/// Writes members with their names from the field table into room that was made before: most
/// fields are a name and a short text, for which a string's own bookkeeping costs more than the
/// bytes (5,100 instructions an event with it, half of that without).
class Writer {
 public:
  /// `bytes`: of all that is going to be written, should no text need an escape.
  explicit Writer(std::size_t bytes) : room_(scratch()), at_(room_.data()) { make_room(bytes); }
  ~Writer() {
    if (room_.capacity() > kScratchBytesKept) release_memory(room_);  // a resize may double it
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void key(Field field) {
    const KeyText& key = kKeyTexts[index_of(field)];
    check_room(key.text.size());
    std::memcpy(at_, key.text.data(), key.text.size());  // of constant size: no call
    at_ += key.size;
  }
  void put(char c) {
    check_room(1);
    *at_++ = c;
  }
  void put(std::string_view text) {
    check_room(text.size());
    text.copy(at_, text.size());
    at_ += text.size();
  }
  void string(std::string_view text) {
    if (!json::stands_as_it_is(text)) {
      std::string quoted;
      json::append_string(quoted, text);
      make_room(quoted.size());  // it may be longer than what was counted for the text
      return put(quoted);
    }
    put('"');
    put(text);
    put('"');
  }
  void text(Field field, std::string_view value) {
    if (json::stands_as_it_is(value)) return word(field, value);
    key(field);
    string(value);
  }
  void optional_text(Field field, const std::optional<std::string>& value) {
    if (value) text(field, *value);
  }
  /// For texts that need no escaping: enums, times.
  void word(Field field, std::string_view value) {
    const KeyText& key = kKeyTexts[index_of(field)];
    check_room(key.text.size() + value.size() + 2);  // for all of it
    std::memcpy(at_, key.text.data(), key.text.size());
    char* at = at_ + key.size;
    *at++ = '"';
    value.copy(at, value.size());
    at += value.size();
    *at++ = '"';
    at_ = at;
  }
  void raw(Field field, std::string_view json) {
    if (json.empty()) return;
    key(field);
    put(json);
  }
  [[nodiscard]] std::string_view finish() {
    room_.front() = '{';  // instead of the first comma
    return {room_.data(), static_cast<std::size_t>(at_ - room_.data())};
  }

  /// Keeps its size from event to event, so that it is not filled with zeros for each.
  static std::string& scratch() {
    thread_local std::string text;
    return text;
  }

 private:
  static constexpr std::size_t kScratchBytesKept = 64 * kKiB;

  /// That more was written than was counted is our own bug, and must not become a write elsewhere.
  void check_room(std::size_t bytes) const {
    TALLY_CHECK(bytes <= static_cast<std::size_t>(end_ - at_));
  }
  void make_room(std::size_t bytes) {
    const auto used = static_cast<std::size_t>(at_ - room_.data());
    bytes_ += bytes;
    if (room_.size() < bytes_) room_.resize(bytes_);
    at_ = room_.data() + used;
    end_ = room_.data() + bytes_;
  }

  std::string& room_;
  char* at_;
  char* end_ = nullptr;  // of what was counted; there may be more room
  std::size_t bytes_ = 0;
};

/// Upper bound for what an event takes, should no text need an escape.
std::size_t bytes_of(const Event& e) {
  constexpr std::size_t kShortTexts = 12 * 32;  // times, numbers and words of enums
  constexpr std::size_t kQuotes = 2;
  std::size_t bytes = kShortTexts + kKeyBytes + kFieldCount * kQuotes + e.event_id.size() +
                      e.event_name.size() + e.event_action.size() + e.details.size() +
                      e.old_values.size() + e.new_values.size();
  for (const auto* text :
       {&e.interaction_id, &e.flow_id, &e.instance, &e.source, &e.actor_id, &e.actor_ip,
        &e.actor_user_agent, &e.target_type, &e.target_id, &e.target_name, &e.request_id,
        &e.session_id, &e.trace_id, &e.api_endpoint, &e.http_method, &e.error_message}) {
    if (*text) bytes += (*text)->size();
  }
  for (const std::string& principal : e.on_behalf_of) bytes += principal.size() + 3;
  constexpr std::size_t kRedactionKeys = sizeof R"(,{"path":"","rule":"","action":""})";
  for (const Redaction& r : e.redactions) {
    bytes += kRedactionKeys + r.path.size() + r.rule.size() + r.action.size();
  }
  for (const RawMember& member : e.unknown) bytes += member.key.size() + member.json.size() + 4;
  return bytes + 4;
}

void write_time(Writer& w, Field field, WallTime time) {
  std::array<char, kTimeBytes> text;  // NOLINT: filled below
  tally::write_time(time, text);
  w.word(field, {text.data(), text.size()});
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
      w.put(open);
      w.string(principal);
      open = ',';
    }
    w.put(']');
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
    std::string text;
    append_milliseconds(text, *e.duration);
    w.put(text);
  }
}

void write_redactions(Writer& w, const std::vector<Redaction>& redactions) {
  if (redactions.empty()) return;
  w.key(Field::redactions);
  char open = '[';
  for (const Redaction& r : redactions) {
    w.put(open);
    w.put(R"({"path":)");
    w.string(r.path);
    w.put(R"(,"rule":)");
    w.string(r.rule);
    w.put(R"(,"action":)");
    w.string(r.action);
    w.put('}');
    open = ',';
  }
  w.put(']');
}

}  // namespace

void encode_to(std::string& out, const Event& event) {
  Writer w(bytes_of(event));
  write_what(w, event);
  write_actor(w, event);
  write_where(w, event);
  w.raw(Field::details, event.details);
  w.optional_text(Field::error_message, event.error_message);
  w.raw(Field::old_values, event.old_values);
  w.raw(Field::new_values, event.new_values);
  write_redactions(w, event.redactions);
  for (const RawMember& member : event.unknown) {
    w.put(',');
    w.string(member.key);
    w.put(':');
    w.put(member.json);
  }
  w.put('}');
  out += w.finish();
}

std::size_t encode_room_bytes() { return Writer::scratch().capacity(); }

std::string encode(const Event& event) {
  std::string out;
  encode_to(out, event);
  return out;
}

}  // namespace tally::event
