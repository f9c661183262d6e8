// SPDX-License-Identifier: Apache-2.0
// Events about HTTP itself: exchanges that carry no JSON-RPC, streams, sessions, and what a server
// refuses.
#pragma once

#include "http/fields.h"
#include "record/context.h"
#include "record/http_facts.h"
#include "record/target.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tally::record {

/// What the records of one exchange say of it as an HTTP exchange.
struct HttpExchangeFacts {
  std::string path;                   ///< without query, cut
  std::string query_params = "{}";    ///< JSON object, redacted
  std::string request_body = "null";  ///< JSON value, redacted; null below level request
  std::vector<event::Redaction> redactions;
  mcp::Moment started{};
  std::string interaction_id;  ///< empty: the event's own
  // Of a request to an audited path.
  std::string_view action = {};        ///< static; empty: that of the event's name
  std::optional<Target> target = {};   ///< nullopt: the path, or the server
  std::string members = {};            ///< more members for details
  std::string old_values, new_values;  ///< redacted JSON; empty: none
};

/// JSON object of the parameters of a query. Values that are sensitive are hashed (bearer values)
/// or masked; a repeated name has an array.
std::string query_json(std::string_view query, const redact::KeyedDigest& digest,
                       std::vector<event::Redaction>& redactions);
/// api_endpoint of a request target: path and query, bearer values hashed, at most kTargetBytesMax.
std::string endpoint_of(std::string_view target, const redact::KeyedDigest& digest,
                        std::vector<event::Redaction>& redactions);

/// How one exchange came out.
struct HttpOutcome {
  event::EventResult result = event::EventResult::success;
  int status = 0;                ///< 0: there was none
  std::string_view reason = {};  ///< empty: none
  std::string extra = {};        ///< more members for details
  std::string error = {};        ///< error_message; empty: none
};

/// An event with the HTTP detail keys (contract 4), about the current party.
event::Event http_event(Context& context, std::string_view name, const HttpExchangeFacts& facts,
                        const HttpOutcome& outcome, mcp::Moment when);

/// What a refusal of the server is called: auth-failure (401), auth-scope-challenge (403 with
/// insufficient_scope), access-denied (403), rate-limit-exceeded (429).
struct RefusalKind {
  std::string_view event_name;  ///< empty: the status is no such refusal
  std::string members;          ///< for details
};
RefusalKind refusal_kind(int status, const http::FieldList& response, std::string_view origin,
                         std::string_view host);
/// The challenge of a response as JSON object; empty when there is none.
std::string challenge_json(const http::FieldList& response);

/// error_message of a response: its status, what its challenge says, when to come again. Empty
/// below 400.
std::string refusal_text(int status, const http::FieldList& response,
                         const redact::KeyedDigest& digest,
                         std::vector<event::Redaction>& redactions);

/// A refusal that a JSON-RPC request met, beside the record of the request.
event::Event refusal_event(Context& context, const RefusalKind& kind, int status,
                           std::string_view interaction_id, mcp::Moment when);

/// mcp-session-end.
event::Event session_end_event(Context& context, std::string_view session_id,
                               std::string_view reason, std::size_t open_requests,
                               mcp::Moment when);
/// What of one session is not as it was when it began.
enum class SessionDiffers : std::uint8_t { principal, address, client };
/// mcp-session-shared. `first` is what it began with (of a client: its details.client), `count` how
/// many there were; 0: not counted.
event::Event session_shared_event(Context& context, std::string_view session_id,
                                  SessionDiffers what, std::string_view first, std::size_t count,
                                  mcp::Moment when);
/// auth-token-misuse; `extra`: members that say what with.
event::Event token_misuse_event(Context& context, std::string_view reason, std::string extra,
                                mcp::Moment when);

/// Adds to an event that was made before its response came what the response says: details.http,
/// outcome.http_status, and the result of both.
void add_reply(event::Event& event, const Reply& reply, event::EventResult http_result,
               std::string_view reason);

}  // namespace tally::record
