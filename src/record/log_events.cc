// SPDX-License-Identifier: Apache-2.0
#include "record/log_events.h"

#include "base/check.h"
#include "base/json_writer.h"
#include "event/catalog.h"

namespace tally::record {
namespace {

event::Event system_event(std::string_view name, const std::string& instance,
                          const std::string& source, UuidSource& uuids, WallTime now) {
  event::Event out;
  const event::CatalogEntry* const entry = event::find_event(name);
  TALLY_CHECK(entry != nullptr);
  event::apply(*entry, out);
  out.timestamp = now;
  out.event_id = uuids.next(now);
  out.instance = instance;
  out.source = source;
  out.actor_type = event::ActorType::system;
  out.actor_id = "tallystick";
  return out;
}

}  // namespace

event::Event recovery_event(const RecoveryFacts& facts, const std::string& instance,
                            const std::string& source, UuidSource& uuids, WallTime now) {
  event::Event out = system_event("audit-log-recovered", instance, source, uuids, now);
  json::ObjectWriter details(out.details);
  details.number("entries", facts.lines_cut);
  details.number("bytes", facts.bytes_cut);
  if (!facts.cut_sha256.empty()) details.string("sha256", facts.cut_sha256);
  details.number("segments_removed", facts.segments_removed);
  details.number("lines_rewritten", facts.lines_rewritten);
  details.boolean("tree_rebuilt", facts.tree_rebuilt);
  details.end();
  return out;
}

event::Event disabled_event(const std::string& instance, const std::string& source,
                            UuidSource& uuids, WallTime now) {
  event::Event out = system_event("audit-disabled", instance, source, uuids, now);
  json::ObjectWriter details(out.details);
  details.string("setting", "AUDIT_LOG_ENABLED");
  details.end();
  return out;
}

}  // namespace tally::record
