// SPDX-License-Identifier: Apache-2.0
// Audit events of Backstage and Red Hat Developer Hub, in the three forms in which they exist.
#pragma once

#include "base/json.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace tally::dialect {

/// Reads, by what stands in it:
/// - an AuditorEvent as the auditor hands it to its log function (@backstage/backend-defaults):
///   {plugin, eventId, severityLevel, actor, request, meta, status, error}, with an error that was
///   made JSON, {name, message, stack, ...};
/// - the line that the default factory logs in production: the same with `isAuditEvent`: true,
///   `message`, `level` and `service`, and a failed one's error spread over the top level;
/// - the line of Janus (@janus-idp/backstage-plugin-audit-log-node, RHDH up to 1.5): `isAuditLog`:
///   true, with eventName, stage, response and errors;
/// - what `export --format backstage` wrote, which becomes the event that it was.
/// A line may begin with words of a log collector before its '{'; a time as the first of them is
/// the event's, unless it has a `timestamp` of its own.
///
/// `meta.tallystick`, if it is an object, is for senders that know us: members with the name of a
/// field of ours (event_id, timestamp, interaction_id, trace_id, duration_ms ...) are that field,
/// the others (jsonrpc_id, arguments, client ...) members of `details`.
///
/// Not thread-safe; reuse one for many.
class BackstageReader {
 public:
  /// The object for event::Ingest::accept(); nullopt when `text` is no audit event, such as another
  /// line of the same log. Errors: malformed for text that seems to be an audit event and is no
  /// JSON, or has a member twice where it matters.
  [[nodiscard]] Result<std::optional<std::string>> read(std::string_view text);

 private:
  json::Document document_;
};

}  // namespace tally::dialect
