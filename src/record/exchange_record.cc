// SPDX-License-Identifier: Apache-2.0
#include "record/exchange_record.h"

#include "base/check.h"
#include "base/limits.h"
#include "record/preview.h"
#include "redact/redact.h"

#include <utility>

namespace tally::record {
namespace {

/// Of details beside arguments and result, mostly.
constexpr std::size_t kHeadingBytes = 640;

/// Whether what is now known of conversation and response is about this request too.
bool is_current(const Context& context, const mcp::Exchange& exchange) {
  return exchange.origin == context.origin();
}

/// The session of a request; that of initialize is known only when it is answered.
std::string_view session_of(const Context& context, const mcp::Exchange& exchange) {
  if (exchange.version.stateless) return {};
  const std::string& of_request = carried_by(exchange).session_id;
  if (!of_request.empty() || !is_current(context, exchange)) return of_request;
  return context.session_id();
}

/// Everything that all records of an exchange share, but for its interaction_id and its target.
void begin_common(event::Event& out, Context& context, const mcp::Exchange& exchange,
                  event::EventResult result, mcp::Moment when) {
  const Carried& carried = carried_by(exchange);
  context.begin(out, event::event_for_method(exchange.method, to_event(exchange.direction)), result,
                when);
  context.set_actor(out, exchange.direction, carried.party.get(), session_of(context, exchange));
  if (!exchange.flow_id.empty()) out.flow_id = exchange.flow_id;
  if (!carried.trace_id.empty()) out.trace_id = carried.trace_id;
}

/// A server may have got its name since.
bool targets_server(const mcp::Exchange& exchange) {
  return carried_by(exchange).target.type == "server";
}

/// Everything that all records of an exchange share.
void begin_event(event::Event& out, Context& context, const mcp::Exchange& exchange,
                 event::EventResult result, mcp::Moment when) {
  begin_common(out, context, exchange, result, when);
  set_target(out, targets_server(exchange) ? server_target(context) : carried_by(exchange).target);
  out.interaction_id = exchange.interaction_id;
}

/// The same for the last record of an exchange, which takes what it would copy.
void begin_last_event(event::Event& out, Context& context, mcp::Exchange& exchange,
                      event::EventResult result, mcp::Moment when) {
  begin_common(out, context, exchange, result, when);
  set_target(out, targets_server(exchange) ? server_target(context)
                                           : std::move(carried_by(exchange).target));
  out.interaction_id = std::move(exchange.interaction_id);
}

void write_request(Context& context, const mcp::Exchange& exchange, bool with_reply,
                   Members& members) {
  const Carried& carried = carried_by(exchange);
  const bool unknown = exchange.version.text.empty() && is_current(context, exchange);
  const mcp::MessageVersion version = unknown ? context.versions().current() : exchange.version;
  context.write_heading(
      members, {.direction = exchange.direction,
                .method = exchange.method,
                .id = exchange.id,
                .version = version.text,
                .client = carried.client,
                .transport = carried.party ? carried.party->transport : std::string_view()});
  context.write_arrival(members, carried.party.get(), with_reply);
  members.join(carried.lead);
  members.join(carried.payload);
}

/// What was seen between request and outcome.
void write_course(const mcp::Exchange& exchange, Members& members) {
  if (exchange.progress > 0) members.number("progress_notifications", exchange.progress);
  if (exchange.cancelled) members.boolean("cancelled", true);
  if (exchange.ambiguous) members.boolean("ambiguous_id", true);
}

void set_duration(event::Event& event, const mcp::Exchange& exchange, mcp::Moment when) {
  event.duration =
      std::chrono::duration_cast<std::chrono::microseconds>(when.mono - exchange.started.mono);
}

std::string clean_error_text(const Context& context, const std::optional<json::Value>& message,
                             std::vector<event::Redaction>& redactions) {
  if (!message) return {};
  const std::string clean =
      redact::redact_text(message->text_start(kPayloadStartBytes), "error_message",
                          {.redactions = redactions, .digest = &context.digest()});
  return cut_text(clean, kErrorMessageBytesMax);
}

/// Text of the failure for people: the JSON-RPC message, what a task says, or what the tool said.
std::string error_text(const Context& context, const mcp::Message& response,
                       const mcp::Outcome& outcome, const ResponseParts& parts,
                       std::vector<event::Redaction>& redactions) {
  if (!outcome.task_status.empty()) {
    std::string text = task_error_text(context, response.result_member("error"),
                                       response.result_member("statusMessage"), redactions);
    if (!text.empty()) return text;
  }
  if (!response.error) return cut_text(parts.result_preview, kErrorMessageBytesMax);
  return clean_error_text(context, response.error_member("message"), redactions);
}

}  // namespace

std::string task_error_text(const Context& context, const std::optional<json::Value>& error,
                            const std::optional<json::Value>& status_message,
                            std::vector<event::Redaction>& redactions) {
  json::Document document;
  const auto message = mcp::member_of(error, "message", document);
  return clean_error_text(context, message ? message : status_message, redactions);
}

void initiated_record(event::Event& out, Context& context, const mcp::Exchange& exchange) {
  begin_event(out, context, exchange, event::EventResult::pending, exchange.started);
  Members members;
  members.reserve(kHeadingBytes + carried_by(exchange).payload.size());
  write_request(context, exchange, false, members);
  finish(out, members, carried_by(exchange).redactions);
}

void completed_record(event::Event& out, Context& context, mcp::Exchange& exchange,
                      const mcp::Message& response, const mcp::Outcome& outcome,
                      ResponseParts parts, mcp::Moment when) {
  const int status = context.reply() == nullptr ? 0 : context.reply()->status;
  begin_last_event(out, context, exchange, worse(result_of(outcome), result_of_status(status)),
                   when);
  if (!parts.flow_id.empty()) out.flow_id = parts.flow_id;
  set_duration(out, exchange, when);
  std::vector<event::Redaction> redactions = std::move(carried_by(exchange).redactions);
  const bool failed = out.event_result == event::EventResult::failure ||
                      out.event_result == event::EventResult::error ||
                      out.event_result == event::EventResult::denied;
  if (failed && carried_by(exchange).level == policy::Level::full) {
    std::string text = error_text(context, response, outcome, parts, redactions);
    if (!text.empty()) out.error_message = std::move(text);
  }
  if (failed && !out.error_message && context.reply() != nullptr &&
      !context.reply()->error.empty()) {
    out.error_message = context.reply()->error;
  }
  Members members;
  members.reserve(kHeadingBytes + carried_by(exchange).payload.size() +
                  parts.members.text().size());
  write_request(context, exchange, true, members);
  write_course(exchange, members);
  members.open("outcome");
  write_outcome(members, outcome, status);
  members.close();
  members.join(parts.members.text());
  redactions.insert(redactions.end(), std::make_move_iterator(parts.redactions.begin()),
                    std::make_move_iterator(parts.redactions.end()));
  finish(out, members, std::move(redactions));
}

event::Event closed_record(Context& context, const mcp::Exchange& exchange,
                           event::EventResult result, std::string_view reason, mcp::Moment when) {
  event::Event out;
  begin_event(out, context, exchange, result, when);
  set_duration(out, exchange, when);
  const bool with_reply = is_current(context, exchange) && context.reply() != nullptr;
  Members members;
  write_request(context, exchange, with_reply, members);
  write_course(exchange, members);
  if (with_reply && !context.reply()->error.empty()) out.error_message = context.reply()->error;
  members.raw("outcome", outcome_reason(reason, with_reply ? context.reply()->status : 0));
  finish(out, members, carried_by(exchange).redactions);
  return out;
}

event::EventResult result_of(const mcp::Outcome& outcome) {
  switch (outcome.kind) {
    case mcp::OutcomeKind::success: return event::EventResult::success;
    case mcp::OutcomeKind::failure: return event::EventResult::failure;
    case mcp::OutcomeKind::error: return event::EventResult::error;
    case mcp::OutcomeKind::task_created:
    case mcp::OutcomeKind::input_required: return event::EventResult::deferred;
    case mcp::OutcomeKind::cancelled: return event::EventResult::unknown;
  }
  TALLY_CHECK(false && "OutcomeKind out of range");
  return event::EventResult::unknown;
}

std::string outcome_json(const mcp::Outcome& outcome, int http_status) {
  Members members;
  write_outcome(members, outcome, http_status);
  return members.take_object();
}

void write_outcome(Members& members, const mcp::Outcome& outcome, int http_status) {
  if (http_status != 0) members.number("http_status", static_cast<std::uint64_t>(http_status));
  members.raw("rpc_error", outcome.rpc_error.empty() ? "null" : outcome.rpc_error);
  if (outcome.is_error) {
    members.boolean("is_error", *outcome.is_error);
  } else {
    members.raw("is_error", "null");
  }
  if (!outcome.result_type.empty()) members.string("result_type", outcome.result_type);
  if (!outcome.task_status.empty()) members.string("task_status", outcome.task_status);
  if (outcome.kind == mcp::OutcomeKind::cancelled) members.string("reason", "cancelled");
}

event::EventResult result_of_status(int http_status) {
  if (http_status == 403 || http_status == 429) return event::EventResult::denied;
  if (http_status >= 500) return event::EventResult::error;
  if (http_status >= 400) return event::EventResult::failure;
  return event::EventResult::success;
}

event::EventResult worse(event::EventResult message, event::EventResult http) {
  if (http == event::EventResult::success) return message;
  // An error that the server itself calls internal is one, whatever status stands above it.
  if (message == event::EventResult::error && http == event::EventResult::failure) return message;
  return http;
}

}  // namespace tally::record
