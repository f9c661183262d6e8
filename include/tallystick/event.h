// SPDX-License-Identifier: Apache-2.0
// The audit event as a plain struct. Member names are those of the JSON and stable.
#pragma once

#include "tallystick/result.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tallystick {

/// Microseconds since 1970-01-01T00:00:00Z.
using Time = std::chrono::sys_time<std::chrono::microseconds>;

enum class EventType : std::uint8_t { auth, admin, api, rpc, mcp, access, security, system, audit };

/// What came of it, all layers taken together.
enum class EventResult : std::uint8_t {
  success,
  failure,   ///< answered, and the answer is no
  denied,    ///< refused by a rule
  error,     ///< the other side broke
  deferred,  ///< the outcome comes later
  pending,   ///< the first record of an interaction that has two
  unknown,   ///< no outcome was seen
};

enum class Status : std::uint8_t { initiated, succeeded, failed };
/// Of this outcome.
enum class Severity : std::uint8_t { debug, info, warning, error, critical };
/// Of this kind of event.
enum class SeverityLevel : std::uint8_t { low, medium, high, critical };
enum class ActorType : std::uint8_t { user, service, api_key, system, anonymous };
/// Whether the actor's identity was checked; `claimed`: somebody said so.
enum class ActorVerified : std::uint8_t { no, yes, claimed };

/// Something that was removed before the event was recorded.
struct Redaction {
  std::string path;    ///< details.arguments.token
  std::string rule;    ///< key:token, value:bearer, ...
  std::string action;  ///< mask, hash
  friend bool operator==(const Redaction&, const Redaction&) = default;
};

/// A member of an event that has no name in Event.
struct Member {
  std::string key;
  std::string json;  ///< one JSON value
  friend bool operator==(const Member&, const Member&) = default;
};

/// Plain data: copy, move and compare as you like. Empty text and an absent optional mean that the
/// field is absent. Text is UTF-8, at most 4 KiB a field; the whole line has at most 48,000 bytes.
///
/// To write one set at least `event_name`, or `event_type` and `event_action`. What else is absent
/// is filled in: from the catalogue (`tallystick catalog`) for a name that stands there, with the
/// time of writing, a new id, result success, and status and severity that follow the result.
struct Event {
  std::optional<std::uint64_t> seq;  ///< set when read; ignored when written: the log gives it
  std::optional<Time> timestamp;     ///< when it happened; years 1970 to 9999
  std::optional<Time> recorded_at;   ///< set when read, if it differs; ignored when written
  std::string event_id;              ///< UUID
  std::string event_name;            ///< kebab-case: auth-login, mcp-tool-execution, order-shipped
  std::optional<EventType> event_type;
  std::string event_action;  ///< login, view, create, update, delete, execute, ...
  std::optional<EventResult> event_result;
  std::optional<Status> status;
  std::string interaction_id;  ///< shared by the records of one interaction
  std::string flow_id;         ///< shared by a chain of interactions
  std::string instance;        ///< the recording process; set when read, ignored when written
  std::string source;          ///< how it came into the log; set when read, ignored when written
  std::optional<Severity> severity;
  std::optional<SeverityLevel> severity_level;

  std::string actor_id;
  std::optional<ActorType> actor_type;
  std::optional<ActorVerified> actor_verified;
  std::string actor_ip;
  std::string actor_user_agent;
  std::vector<std::string> on_behalf_of;  ///< delegation chain, nearest principal first

  std::string target_type;  ///< tool, resource, prompt, server, user, ...
  std::string target_id;
  std::string target_name;

  std::string request_id;
  std::string session_id;  ///< the raw id; recorded as a keyed digest, and that is what you read
  std::string trace_id;
  std::string api_endpoint;
  std::string http_method;
  std::optional<std::chrono::microseconds> duration;  ///< not negative; `duration_ms` in JSON

  std::string details;  ///< JSON object
  std::string error_message;
  std::string old_values;             ///< JSON object
  std::string new_values;             ///< JSON object
  std::vector<Redaction> redactions;  ///< set when read; what you give is kept beside what is found
  std::vector<Member> other;          ///< members without a name here; kept in order

  friend bool operator==(const Event&, const Event&) = default;
};

/// The JSON object that Writer::append() validates and completes: what is set, on one line, without
/// `seq` and the other fields that are ignored when written. Thread-safe. Errors: malformed when
/// `details`, `old_values`, `new_values` or a member of `other` is not one JSON value;
/// invalid_argument for a time or a duration out of range.
[[nodiscard]] Result<std::string> to_json(const Event& event);

/// Reads a line of a log, as Reader gives it. A known field of the wrong type is an error, a
/// missing one is absent (event_type, event_result, status and the severities: their defaults), and
/// an unknown one goes to `other`. Thread-safe. Errors: malformed, too_large.
[[nodiscard]] Result<Event> parse_event(std::string_view line);

}  // namespace tallystick
