// SPDX-License-Identifier: Apache-2.0
// The audit event: one flat record, the seed of every schema, export and filter. Field names are
// stable API.
#pragma once

#include "base/clock.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::event {

enum class EventType : std::uint8_t { auth, admin, api, rpc, mcp, access, security, system, audit };

/// What came of it, all layers taken together.
enum class EventResult : std::uint8_t {
  success,
  failure,  ///< answered, and the answer is no: isError, a JSON-RPC error, HTTP 4xx, a failed login
  denied,   ///< refused by a rule: 403, 429, policy, write-ahead
  error,    ///< the other side broke: -32603, HTTP 5xx, unreachable
  deferred,  ///< the outcome comes later: task created, input_required
  pending,   ///< the initiated record of a staged interaction
  unknown,   ///< no outcome was seen
};

enum class Status : std::uint8_t { initiated, succeeded, failed };

/// Of this outcome.
enum class Severity : std::uint8_t { debug, info, warning, error, critical };

/// Of this kind of event (the scale of Backstage's auditor).
enum class SeverityLevel : std::uint8_t { low, medium, high, critical };

enum class ActorType : std::uint8_t { user, service, api_key, system, anonymous };

/// Whether the identity was checked: JSON true, false, or "claimed" for what an ingest client
/// states.
enum class ActorVerified : std::uint8_t { no, yes, claimed };

/// The text of a value as it stands in JSON. ActorVerified: "true", "false", "claimed" (the caller
/// adds quotes to the last one).
std::string_view to_text(EventType value);
std::string_view to_text(EventResult value);
std::string_view to_text(Status value);
std::string_view to_text(Severity value);
std::string_view to_text(SeverityLevel value);
std::string_view to_text(ActorType value);
std::string_view to_text(ActorVerified value);

/// The value with exactly this text (case matters); nullopt for any other. For the enums above.
template <class Enum>
std::optional<Enum> from_text(std::string_view text);

/// All texts of an enum, comma-separated, for error messages: "low, medium, high, critical".
template <class Enum>
std::string allowed_texts();

/// Status and severity that contract table "event semantics" gives a result when nothing else is
/// known: failure is failed and warning, error is failed and error, success is succeeded and info,
/// and so on.
Status status_of(EventResult result);
Severity severity_of(EventResult result);

/// Something that was removed before the event was hashed.
struct Redaction {
  std::string path;    ///< where: details.arguments.token, details.arguments.items[3].password
  std::string rule;    ///< why: key:token, value:bearer, url:userinfo, argument:--token
  std::string action;  ///< mask (value replaced), hash (keyed digest stands in)
  friend bool operator==(const Redaction&, const Redaction&) = default;
};

/// A member that this version has no name for; kept as it is.
struct RawMember {
  std::string key;   ///< unescaped
  std::string json;  ///< one valid JSON value on one line
  friend bool operator==(const RawMember&, const RawMember&) = default;
};

/// The typed event. Plain data: copy, move and compare as you like; not thread-safe beyond that.
/// An absent optional is omitted from the JSON; JSON null for a known field reads as absent. Text
/// is UTF-8; ill-formed sequences become U+FFFD when written. `seq` is not here: the log gives it.
struct Event {
  WallTime timestamp{};  ///< when it happened; of a completed record: when the outcome was seen
  std::optional<WallTime> recorded_at;  ///< when it was recorded, if that differs
  std::string event_id;                 ///< UUIDv7
  std::string event_name;               ///< kebab-case, from the catalogue
  EventType event_type = EventType::system;
  std::string
      event_action;  ///< open list: login, logout, view, list, create, update, delete, execute ...
  EventResult event_result = EventResult::success;
  Status status = Status::succeeded;
  std::optional<std::string> interaction_id;  ///< shared by the records of one interaction
  std::optional<std::string> flow_id;         ///< shared by a chain of interactions
  std::optional<std::string> instance;        ///< the recording process, one per start
  std::optional<std::string> source;          ///< how it came here: wrap, proxy, api, append
  Severity severity = Severity::info;
  SeverityLevel severity_level = SeverityLevel::medium;

  std::optional<std::string> actor_id;
  std::optional<ActorType> actor_type;
  std::optional<ActorVerified> actor_verified;
  std::optional<std::string> actor_ip;
  std::optional<std::string> actor_user_agent;
  std::vector<std::string> on_behalf_of;  ///< delegation chain, nearest principal first

  std::optional<std::string>
      target_type;  ///< tool, resource, prompt, server, gateway, user, session, log ...
  std::optional<std::string> target_id;  ///< server/name
  std::optional<std::string> target_name;

  std::optional<std::string> request_id;
  std::optional<std::string>
      session_id;  ///< keyed digest, never the id itself; absent where there is none
  std::optional<std::string> trace_id;
  std::optional<std::string> api_endpoint;
  std::optional<std::string> http_method;
  std::optional<std::chrono::microseconds> duration;  ///< `duration_ms`, with up to three decimals

  std::string details;  ///< raw JSON object text on one line, already redacted; empty = absent
  std::optional<std::string> error_message;
  std::string old_values;  ///< raw JSON value text; empty = absent
  std::string new_values;
  std::vector<Redaction> redactions;
  std::vector<RawMember> unknown;

  friend bool operator==(const Event&, const Event&) = default;
};

}  // namespace tally::event
