// SPDX-License-Identifier: Apache-2.0
// The query parameters by which entries are chosen and paged (contract: GET /api/audit/logs), as
// rows of the table of operations.
#pragma once

#include "base/limits.h"
#include "index/expression.h"
#include "server/operation.h"

#include <array>
#include <string_view>
#include <utility>

namespace tally::server {

/// Texts of the event's word fields; a test compares them with those of the event model.
inline constexpr std::array<std::string_view, 9> kTypeWords{
    "auth", "admin", "api", "rpc", "mcp", "access", "security", "system", "audit"};
inline constexpr std::array<std::string_view, 7> kResultWords{
    "success", "failure", "denied", "error", "deferred", "pending", "unknown"};
inline constexpr std::array<std::string_view, 3> kStatusWords{"initiated", "succeeded", "failed"};
inline constexpr std::array<std::string_view, 5> kSeverityWords{"debug", "info", "warning", "error",
                                                                "critical"};
inline constexpr std::array<std::string_view, 4> kLevelWords{"low", "medium", "high", "critical"};
inline constexpr std::array<std::string_view, 5> kActorTypeWords{"user", "service", "api_key",
                                                                 "system", "anonymous"};
inline constexpr std::array<std::string_view, 2> kOrderWords{"desc", "asc"};

/// Parameters that compare one field, and the key of the query language that does it.
inline constexpr std::array<std::pair<std::string_view, index::Key>, 18> kFieldParameters{{
    {"event_id", index::Key::id},
    {"event_name", index::Key::event},
    {"event_type", index::Key::type},
    {"event_action", index::Key::action},
    {"event_result", index::Key::result},
    {"status", index::Key::status},
    {"severity", index::Key::severity},
    {"severity_level", index::Key::level},
    {"actor_id", index::Key::actor},
    {"actor_type", index::Key::actor_type},
    {"actor_ip", index::Key::ip},
    {"target_type", index::Key::target_type},
    {"target_id", index::Key::target_id},
    {"target_name", index::Key::target_name},
    {"request_id", index::Key::request},
    {"session_id", index::Key::session},
    {"trace_id", index::Key::trace},
    {"interaction_id", index::Key::interaction},
}};

/// Several lists of parameters as one.
template <std::size_t... N>
[[nodiscard]] constexpr auto joined(const std::array<Parameter, N>&... lists) {
  std::array<Parameter, (N + ...)> out{};
  std::size_t at = 0;
  const auto add = [&](const auto& list) {
    for (const Parameter& each : list) out[at++] = each;
  };
  (add(lists), ...);
  return out;
}

/// Which entries: the parameters that entry_filter() understands.
inline constexpr std::array kFilterParameters{
    Parameter{"event_id", ParameterKind::uuid, "Entries with this event_id."},
    Parameter{"event_name", ParameterKind::text, "Entries of this kind.", {}, 0, 0, 128},
    Parameter{"event_type", ParameterKind::word, "Entries of this type.", kTypeWords},
    Parameter{"event_action", ParameterKind::text, "Entries with this action.", {}, 0, 0, 128},
    Parameter{"event_result", ParameterKind::word, "Entries with this result.", kResultWords},
    Parameter{"status", ParameterKind::word, "Entries with this status.", kStatusWords},
    Parameter{"severity", ParameterKind::word, "Entries of exactly this severity.", kSeverityWords},
    Parameter{"severity_level", ParameterKind::word, "Entries of exactly this level.", kLevelWords},
    Parameter{"actor_id", ParameterKind::text, "Who it was."},
    Parameter{"actor_type", ParameterKind::word, "What kind of actor.", kActorTypeWords},
    Parameter{"actor_ip", ParameterKind::text, "From which address.", {}, 0, 0, 64},
    Parameter{"target_type", ParameterKind::text, "tool, resource, prompt...", {}, 0, 0, 128},
    Parameter{"target_id", ParameterKind::text, "Target with its server: files/read_file."},
    Parameter{"target_name", ParameterKind::text, "Name of the target alone."},
    Parameter{"request_id", ParameterKind::text, "X-Request-ID."},
    Parameter{"session_id", ParameterKind::text,
              "Session: its id, which is hashed, or its digest."},
    Parameter{"trace_id", ParameterKind::text, "W3C trace id.", {}, 0, 0, 128},
    Parameter{
        "interaction_id", ParameterKind::text, "All records of one interaction.", {}, 0, 0, 128},
    Parameter{"start_time", ParameterKind::time, "From this time on. Without a zone it is UTC."},
    Parameter{"end_time", ParameterKind::time, "Before this time."},
    Parameter{"q",
              ParameterKind::text,
              "Query language: actor:alice tool:read_* -severity:debug.",
              {},
              0,
              0,
              kExpressionBytesMax}};

inline constexpr std::array kPageParameters{
    Parameter{"limit",
              ParameterKind::integer,
              "Entries of a page.",
              {},
              1,
              static_cast<std::int64_t>(kPageEntriesMax),
              0,
              "100"},
    Parameter{"offset",
              ParameterKind::integer,
              "Entries to leave out; not with a cursor.",
              {},
              0,
              static_cast<std::int64_t>(kPageOffsetMax),
              0,
              "0"},
    Parameter{"cursor",
              ParameterKind::text,
              "Where another page ended: next or prev of it, with the same filters.",
              {},
              0,
              0,
              256},
    Parameter{"order", ParameterKind::word, "By timestamp, then seq.", kOrderWords, 0, 0, 0,
              "desc"},
    Parameter{"envelope",
              ParameterKind::boolean,
              "An object with items, cursors and total instead of an array.",
              {},
              0,
              0,
              0,
              "false"}};

inline constexpr std::array kWaitParameters{
    Parameter{"wait_for",
              ParameterKind::integer,
              "Answer only once the entry with this seq can be found.",
              {},
              0,
              (std::int64_t{1} << 53) - 1}};

inline constexpr auto kListParameters = joined(kFilterParameters, kPageParameters, kWaitParameters);

inline constexpr std::array kStatsOwnParameters{
    Parameter{"interval",
              ParameterKind::text,
              "Width of the histogram's bars: 30s, 5m, 1h, 1d. Without it about 100 bars.",
              {},
              0,
              0,
              32},
    Parameter{"top",
              ParameterKind::integer,
              "Values of each list.",
              {},
              1,
              static_cast<std::int64_t>(kStatsValuesMax),
              0,
              "10"}};

/// Numbers up to here are exact in every client.
inline constexpr std::int64_t kSeqMax = (std::int64_t{1} << 53) - 1;

inline constexpr std::array kLastEventParameters{
    Parameter{"last_event_id",
              ParameterKind::integer,
              "The last entry that was seen, as Last-Event-ID, which goes before it; for the first "
              "request of browsers.",
              {},
              0,
              kSeqMax}};
inline constexpr auto kStreamParameters = joined(kFilterParameters, kLastEventParameters);

inline constexpr auto kStatsParameters =
    joined(kFilterParameters, kStatsOwnParameters, kWaitParameters);

}  // namespace tally::server
