// SPDX-License-Identifier: Apache-2.0
#include "index/field_values.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "event/duration.h"
#include "event/event.h"
#include "event/json_scan.h"
#include "index/pattern.h"
#include "index/target_texts.h"

#include <limits>
#include <string>

namespace tally::index {
namespace {

using event::Field;

/// The field whose text a simple key stands for.
std::optional<Field> field_for(Key key) {
  switch (key) {
    case Key::event: return Field::event_name;
    case Key::type: return Field::event_type;
    case Key::action: return Field::event_action;
    case Key::result: return Field::event_result;
    case Key::status: return Field::status;
    case Key::severity: return Field::severity;
    case Key::level: return Field::severity_level;
    case Key::actor: return Field::actor_id;
    case Key::ip: return Field::actor_ip;
    case Key::request: return Field::request_id;
    case Key::session: return Field::session_id;
    case Key::trace: return Field::trace_id;
    case Key::interaction: return Field::interaction_id;
    case Key::flow: return Field::flow_id;
    case Key::id: return Field::event_id;
    case Key::seq: return Field::seq;
    case Key::time: return Field::timestamp;
    case Key::duration: return Field::duration_ms;
    case Key::actor_type: return Field::actor_type;
    case Key::target_type: return Field::target_type;
    case Key::target_name: return Field::target_name;
    case Key::target_id: return Field::target_id;
    case Key::text:
    case Key::tool:
    case Key::resource:
    case Key::prompt:
    case Key::target:
    case Key::server:
    case Key::client:
    case Key::recorded: return std::nullopt;
  }
  TALLY_CHECK(!"Key out of range");
}

std::optional<std::int64_t> micros_of(const event::EventView& view, Field field) {
  std::string storage;
  const auto time = parse_time(view.text(field, storage));
  if (!time) return std::nullopt;
  return time->time_since_epoch().count();
}

template <class Enum>
std::optional<std::int64_t> order_of(const event::EventView& view, Field field) {
  std::string storage;
  const auto value = event::from_text<Enum>(view.text(field, storage));
  if (!value) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

}  // namespace

bool FieldValues::parse(std::string_view line) {
  line_ = line;
  return view_.parse(line);
}

bool FieldValues::field(Field field, const Pattern& pattern) const {
  std::string storage;
  return matches_whole(pattern, view_.text(field, storage));
}

bool FieldValues::any_text(Key key, const Pattern& pattern) const {
  if (const auto simple = field_for(key)) {
    // "*" means that there is a value, not that nothing is a text too.
    const bool any =
        pattern.pieces.size() == 2 && pattern.pieces[0].empty() && pattern.pieces[1].empty();
    return any ? view_.has(*simple) : field(*simple, pattern);
  }
  switch (key) {
    case Key::tool:
    case Key::resource:
    case Key::prompt:
    case Key::target:
    case Key::server: return target(key, pattern);
    case Key::client: return client(pattern);
    case Key::recorded:
      return field(view_.has(Field::recorded_at) ? Field::recorded_at : Field::timestamp, pattern);
    case Key::text:
    case Key::event:
    case Key::type:
    case Key::action:
    case Key::result:
    case Key::status:
    case Key::severity:
    case Key::level:
    case Key::actor:
    case Key::ip:
    case Key::request:
    case Key::session:
    case Key::trace:
    case Key::interaction:
    case Key::flow:
    case Key::id:
    case Key::seq:
    case Key::time:
    case Key::actor_type:
    case Key::target_type:
    case Key::target_name:
    case Key::target_id:
    case Key::duration: break;  // free text is contains(), the others are simple
  }
  TALLY_CHECK(!"key has no text of its own");
}

bool FieldValues::target(Key key, const Pattern& pattern) const {
  std::string type, id, name, server;
  const TargetTexts texts{view_.text(Field::target_type, type), view_.text(Field::target_id, id),
                          view_.text(Field::target_name, name),
                          key == Key::server ? name_in_details("server", server) : ""};
  switch (key) {
    case Key::tool: return matches_named(texts, "tool", pattern);
    case Key::resource: return matches_named(texts, "resource", pattern);
    case Key::prompt: return matches_named(texts, "prompt", pattern);
    case Key::server: return matches_server(texts, pattern);
    default: return matches_target(texts, pattern);
  }
}

bool FieldValues::client(const Pattern& pattern) const {
  std::string storage;
  return matches_whole(pattern, name_in_details("client", storage));
}

std::string_view FieldValues::name_in_details(std::string_view member, std::string& storage) const {
  const auto object = event::find_member(view_.raw(Field::details), member);
  const auto name = object ? event::find_member(*object, "name") : std::nullopt;
  return name ? event::string_text(*name, storage) : std::string_view();
}

std::optional<std::int64_t> FieldValues::number(Key key) const {
  switch (key) {
    case Key::seq: {
      const auto seq = parse_decimal(view_.raw(Field::seq));
      constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
      if (!seq || *seq > kMax) return std::nullopt;
      return static_cast<std::int64_t>(*seq);
    }
    case Key::time: return micros_of(view_, Field::timestamp);
    case Key::recorded:
      return micros_of(view_,
                       view_.has(Field::recorded_at) ? Field::recorded_at : Field::timestamp);
    case Key::duration: {
      const auto duration = event::parse_milliseconds(view_.raw(Field::duration_ms));
      if (!duration) return std::nullopt;
      return duration->count();
    }
    case Key::severity: return order_of<event::Severity>(view_, Field::severity);
    case Key::level: return order_of<event::SeverityLevel>(view_, Field::severity_level);
    case Key::text:
    case Key::event:
    case Key::type:
    case Key::action:
    case Key::result:
    case Key::status:
    case Key::actor:
    case Key::ip:
    case Key::tool:
    case Key::resource:
    case Key::prompt:
    case Key::target:
    case Key::server:
    case Key::client:
    case Key::request:
    case Key::session:
    case Key::trace:
    case Key::interaction:
    case Key::flow:
    case Key::id:
    case Key::actor_type:
    case Key::target_type:
    case Key::target_name:
    case Key::target_id: break;
  }
  TALLY_CHECK(!"key has no number");
}

bool FieldValues::contains(const Pattern& pattern) const {
  const char* p = line_.data();
  const char* const end = p + line_.size();
  // {"seq":41, is no content.
  if (line_.starts_with("{\"seq\":")) p = event::skip_value(p + 7, end);
  std::string storage;
  while (p != nullptr && p != end) {
    if (*p == '"') {
      bool escaped = false;
      const char* const stop = event::skip_string(p, end, escaped);
      if (stop == nullptr) return false;
      const char* const behind = event::skip_space(stop, end);
      const bool is_key = behind != end && *behind == ':';
      const std::string_view raw(p, static_cast<std::size_t>(stop - p));
      if (!is_key && occurs_in(pattern, event::string_text(raw, storage))) return true;
      p = stop;
    } else if (*p == '-' || (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z')) {
      const char* const stop = event::skip_value(p, end);
      if (stop == nullptr) return false;
      if (occurs_in(pattern, std::string_view(p, static_cast<std::size_t>(stop - p)))) return true;
      p = stop;
    } else {
      ++p;
    }
  }
  return false;
}

}  // namespace tally::index
