// SPDX-License-Identifier: Apache-2.0
// The query language: actor:alice tool:read_* result:failure -severity:debug "free text"
// time>=2026-11-20
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tally::index {

/// What a term looks at (contract 5, "Query keys"); the comment is the key in an expression.
enum class Key : std::uint8_t {
  text,      ///< no key: free text anywhere in the entry
  event,     ///< event: event_name
  type,      ///< type: event_type
  action,    ///< action: event_action
  result,    ///< result: or outcome: event_result
  status,    ///< status:
  severity,  ///< severity: also ordered, severity>=warning
  level,     ///< level: severity_level, also ordered
  actor,     ///< actor: actor_id
  ip,        ///< ip: actor_ip
  tool,  ///< tool: target_type is tool, and target_id, target_name or the name after the last '/'
  resource,     ///< resource: the same for resources
  prompt,       ///< prompt: the same for prompts
  target,       ///< target: target_id, target_name or target_type
  server,       ///< server: what stands before the name in target_id, or details.server.name; the
                ///< part behind its last '/' is enough (files for @scope/files)
  client,       ///< client: details.client.name
  request,      ///< request: request_id
  session,      ///< session: session_id; a raw id is hashed first
  trace,        ///< trace: trace_id
  interaction,  ///< interaction: interaction_id
  flow,         ///< flow: flow_id
  id,           ///< id: event_id
  seq,          ///< seq: a number, also a range seq:10..20
  time,         ///< time: timestamp; a date means the whole day
  recorded,     ///< recorded: recorded_at, else timestamp
  duration,     ///< duration: milliseconds, or with a unit: duration>1.5s
  actor_type,   ///< actor_type:
  target_type,  ///< target_type:
  target_name,  ///< target_name:
  target_id,    ///< target_id alone; for API parameters, an expression's target_id: is target:
};

/// Text with `*` for any run of characters, compared without ASCII case: "re*d" is the pieces "re"
/// and "d".
struct Pattern {
  std::vector<std::string> pieces;  ///< lower case; never empty; one piece = no wildcard
  friend bool operator==(const Pattern&, const Pattern&) = default;
};

/// Closed range of numbers: seq; microseconds for time, recorded and duration; the enum's order for
/// severity and level.
struct Range {
  std::int64_t low;   ///< inclusive
  std::int64_t high;  ///< inclusive
  friend bool operator==(const Range&, const Range&) = default;
};

struct Term {
  Key key;
  bool negated;
  std::variant<Pattern, Range> value;
  std::size_t position;  ///< byte offset in the expression, for messages
  /// Written with > >= < <=: must hold beside the alternatives of its key, not instead of them.
  bool bound = false;
};

/// Terms of the same key: any of them must hold; different keys: all of them; free text: each of
/// them; negated terms: none of them. No terms: everything matches.
struct Expression {
  std::vector<Term> terms;
};

struct ParseOptions {
  WallTime now{};  ///< for relative times (-1h, now-15m, today, yesterday)
  /// Raw session id to what session_id holds (the keyed digest); empty: session: takes only the
  /// digest itself.
  std::function<std::string(std::string_view)> hash_session;
};

/// Errors: invalid_argument with the position (1-based character), the reason and, for an unknown
/// key or value, the nearest one: "position 8: unknown key "tol"; did you mean tool?". At most
/// kExpressionBytesMax bytes and kExpressionTermsMax terms.
[[nodiscard]] Result<Expression> parse_expression(std::string_view text,
                                                  const ParseOptions& options);

/// A time as the command line and the API take it: RFC 3339 (without a zone: UTC), a date (its
/// first microsecond), now, today, yesterday, -15m, now-1h (units us ms s m h d w).
[[nodiscard]] std::optional<WallTime> parse_time_argument(std::string_view text, WallTime now);

/// Keys as users write them, for help texts.
[[nodiscard]] std::vector<std::string_view> key_names();

}  // namespace tally::index
