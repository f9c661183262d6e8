// SPDX-License-Identifier: Apache-2.0
// Names and order of the known fields: one list for encoding, decoding, validation and queries.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace tally::event {

/// In the order in which they stand in a line.
enum class Field : std::uint8_t {
  seq,
  timestamp,
  recorded_at,
  event_id,
  event_name,
  event_type,
  event_action,
  event_result,
  status,
  interaction_id,
  flow_id,
  instance,
  source,
  severity,
  severity_level,
  actor_id,
  actor_type,
  actor_verified,
  actor_ip,
  actor_user_agent,
  on_behalf_of,
  target_type,
  target_id,
  target_name,
  request_id,
  session_id,
  trace_id,
  api_endpoint,
  http_method,
  duration_ms,
  details,
  error_message,
  old_values,
  new_values,
  redactions,
};

inline constexpr std::array<std::string_view, 35> kFieldNames = {
    "seq",          "timestamp",     "recorded_at",    "event_id",    "event_name",
    "event_type",   "event_action",  "event_result",   "status",      "interaction_id",
    "flow_id",      "instance",      "source",         "severity",    "severity_level",
    "actor_id",     "actor_type",    "actor_verified", "actor_ip",    "actor_user_agent",
    "on_behalf_of", "target_type",   "target_id",      "target_name", "request_id",
    "session_id",   "trace_id",      "api_endpoint",   "http_method", "duration_ms",
    "details",      "error_message", "old_values",     "new_values",  "redactions"};
inline constexpr std::size_t kFieldCount = kFieldNames.size();
static_assert(static_cast<std::size_t>(Field::redactions) + 1 == kFieldCount);

constexpr std::size_t index_of(Field field) { return static_cast<std::size_t>(field); }
constexpr std::string_view name_of(Field field) { return kFieldNames[index_of(field)]; }

/// How ingest treats a field that someone else wrote.
enum class FieldKind : std::uint8_t {
  ours,     ///< stamped by us, whatever stands there
  time,     ///< RFC 3339
  word,     ///< one of an enum's texts
  text,     ///< a string
  object,   ///< any object
  special,  ///< a rule of its own
};

constexpr FieldKind kind_of(Field field) {
  switch (field) {
    case Field::seq:
    case Field::recorded_at:
    case Field::instance:
    case Field::source: return FieldKind::ours;
    case Field::timestamp: return FieldKind::time;
    case Field::event_type:
    case Field::event_result:
    case Field::status:
    case Field::severity:
    case Field::severity_level:
    case Field::actor_type: return FieldKind::word;
    case Field::details:
    case Field::old_values:
    case Field::new_values: return FieldKind::object;
    case Field::actor_verified:
    case Field::on_behalf_of:
    case Field::duration_ms:
    case Field::redactions: return FieldKind::special;
    case Field::event_id:
    case Field::event_name:
    case Field::event_action:
    case Field::interaction_id:
    case Field::flow_id:
    case Field::actor_id:
    case Field::actor_ip:
    case Field::actor_user_agent:
    case Field::target_type:
    case Field::target_id:
    case Field::target_name:
    case Field::request_id:
    case Field::session_id:
    case Field::trace_id:
    case Field::api_endpoint:
    case Field::http_method:
    case Field::error_message: return FieldKind::text;
  }
  return FieldKind::text;
}

namespace detail {

/// The first and the last 8 bytes of a name (they overlap; shorter names are padded with zeros):
/// names have at most 16 bytes, so with the size these two words are the whole name.
struct FieldWords {
  std::uint64_t first = 0, last = 0;
  std::uint8_t size = 0;
  std::uint8_t index = 0xFF;  ///< of the field; 0xFF: empty slot
};
inline constexpr std::size_t kFieldBytesMin = 3, kFieldBytesMax = 16, kFieldSlots = 128;

constexpr std::size_t field_slot(const FieldWords& w) {
  return static_cast<std::size_t>(
      ((w.first ^ (w.last * 0x9E3779B97F4A7C15ULL)) * 0xD6E8FEB86659FD93ULL) >> 57);
}

constexpr FieldWords field_words(std::string_view name) {
  FieldWords w;
  w.size = static_cast<std::uint8_t>(name.size());
  const auto word = [](std::string_view part) {
    std::array<char, 8> bytes{};
    for (std::size_t i = 0; i < part.size(); ++i) bytes[i] = part[i];
    return std::bit_cast<std::uint64_t>(bytes);
  };
  w.first = word(name.substr(0, 8));
  w.last = name.size() < 8 ? w.first : word(name.substr(name.size() - 8));
  return w;
}

/// field_words() as two loads.
inline FieldWords load_field_words(std::string_view name) {
  FieldWords w;
  w.size = static_cast<std::uint8_t>(name.size());
  if (name.size() >= 8) {
    std::memcpy(&w.first, name.data(), 8);
    std::memcpy(&w.last, name.data() + name.size() - 8, 8);
  } else {
    std::memcpy(&w.first, name.data(), name.size());
    w.last = w.first;
  }
  return w;
}

/// Open addressing, filled at compile time.
constexpr std::array<FieldWords, kFieldSlots> make_field_table() {
  std::array<FieldWords, kFieldSlots> table{};
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    FieldWords w = field_words(kFieldNames[i]);
    w.index = static_cast<std::uint8_t>(i);
    std::size_t slot = field_slot(w);
    while (table[slot].index != 0xFF) slot = (slot + 1) % kFieldSlots;
    table[slot] = w;
  }
  return table;
}
inline constexpr auto kFieldTable = make_field_table();

}  // namespace detail

/// The known field of this name (unescaped); nullopt for any other. On the hot path of ingest,
/// hence no strcmp.
inline std::optional<Field> field_of(std::string_view name) {
  if (name.size() < detail::kFieldBytesMin || name.size() > detail::kFieldBytesMax)
    return std::nullopt;
  const detail::FieldWords w = detail::load_field_words(name);
  std::size_t slot = detail::field_slot(w);
  for (;; slot = (slot + 1) % detail::kFieldSlots) {
    const detail::FieldWords& known = detail::kFieldTable[slot];
    if (known.index == 0xFF) return std::nullopt;
    if (known.first == w.first && known.last == w.last && known.size == w.size) {
      return static_cast<Field>(known.index);
    }
  }
}

}  // namespace tally::event
