// SPDX-License-Identifier: Apache-2.0
#include "dialect/own_export.h"

#include "base/random.h"
#include "dialect/draft.h"

#include <array>

namespace tally::dialect {
namespace {

using event::Field;
using json::Kind;
using json::Value;

struct Place {
  std::string_view object;  // empty: the event itself
  std::string_view member;
  Field field;
};
constexpr std::array kPlaces{
    Place{"", "eventId", Field::event_name},
    Place{"", "severityLevel", Field::severity_level},
    Place{"", "status", Field::status},
    Place{"actor", "actorId", Field::actor_id},
    Place{"actor", "ip", Field::actor_ip},
    Place{"actor", "userAgent", Field::actor_user_agent},
    Place{"request", "url", Field::api_endpoint},
    Place{"request", "method", Field::http_method},
};

bool is_ours(Value meta) {
  const auto id = meta.find("event_id");
  const auto seq = meta.find("seq");
  return id && is_uuid(id->text_start(64)) && seq && seq->is(Kind::number) &&
         meta.find("timestamp") && meta.find("event_type");
}

/// Numbers and hashes of the log that it was in, and what is said twice.
bool is_of_the_old_log(Value member) {
  for (const std::string_view name : {"toolName", "checksum", "previous_checksum"}) {
    if (member.key_is(name)) return true;
  }
  return false;
}

void take_meta(Draft& draft, Value member) {
  const std::string key = member.key();
  if (key == "other" && member.is(Kind::object)) {
    for (const Value each : member.children()) {
      if (!event::field_of(each.key())) draft.other(each.key(), each.raw());
    }
    return;
  }
  const auto field = event::field_of(key);
  if (field == Field::redactions || field == Field::details) {
    draft.set_raw(*field, member.raw());
  } else if (field && event::kind_of(*field) != event::FieldKind::ours) {
    if (!draft.take(*field, member)) draft.other("backstage_" + key, member.raw());
  } else if (!field && !is_of_the_old_log(member)) {
    draft.other(key, member.raw());
  }
}

}  // namespace

std::optional<std::string> from_own_export(Value object) {
  const auto meta = object.find("meta");
  if (!meta || !meta->is(Kind::object) || !is_ours(*meta) || repeats_a_key(*meta)) {
    return std::nullopt;
  }
  Draft draft;
  for (const Place& place : kPlaces) {
    // Then eventId is what a plugin of Backstage called it.
    if (place.field == Field::event_name && meta->find("event_name")) continue;
    const auto value = place.object.empty() ? object.find(place.member)
                                            : object.find_path({place.object, place.member});
    if (value && !draft.take(place.field, *value)) return std::nullopt;
  }
  for (const Value member : meta->children()) take_meta(draft, member);
  const auto message = object.find_path({"error", "message"});
  const auto result = meta->find("event_result");
  // The export fills in the result where there was no text.
  if (message && !(result && message->raw() == result->raw())) {
    static_cast<void>(draft.take(Field::error_message, *message));
  }
  return draft.finish();
}

}  // namespace tally::dialect
