// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"
#include "mcp/methods.h"
#include "record/exchange_record.h"
#include "record/recorder_impl.h"
#include "record/refusal.h"
#include "record/target.h"

#include <algorithm>
#include <utility>

namespace tally::record {
namespace {

using event::EventResult;

/// {"bytes":N,"digest":"sha256:…"}: all that is known of a body nobody held.
std::string body_json(const OversizeEnd& end) {
  Members members;
  members.number("bytes", end.bytes);
  members.string("digest", "sha256:" + end.sha256);
  return members.object();
}

/// The outcome that a scan of the response saw (contract 4: a long result has the right outcome).
mcp::Outcome outcome_of(const mcp::Scanned& found) {
  mcp::Outcome out;
  out.is_error = found.is_error;
  out.result_type = found.result_type;
  if (found.has_error) {
    out.rpc_error = found.error_code.empty() ? "null" : found.error_code;
    out.kind = out.rpc_error == "-32603" ? mcp::OutcomeKind::error : mcp::OutcomeKind::failure;
  } else if (found.is_error.value_or(false)) {
    out.kind = mcp::OutcomeKind::failure;
  } else if (found.result_type == "input_required") {
    out.kind = mcp::OutcomeKind::input_required;
  } else if (found.result_type == "task") {
    out.kind = mcp::OutcomeKind::task_created;
  }
  return out;
}

EventResult passed_on(const OversizeEnd& end) {
  if (end.forwarded) return EventResult::success;
  return end.maybe_forwarded ? EventResult::unknown : EventResult::denied;
}

std::string_view reason_of(const OversizeEnd& end) {
  return end.maybe_forwarded ? "server_gone" : "not_forwarded";
}

}  // namespace

Observation Recorder::Impl::on_oversize_start(std::optional<OversizeLine>& slot,
                                              mcp::Direction direction, std::string_view head,
                                              mcp::Moment seen) {
  Observation out;
  out.direction = direction;
  OversizeLine& line = slot.emplace();
  line.scanner.feed(head);
  line.interaction_id = context.new_id(seen);
  line.started = seen;
  policy::Interaction interaction;
  interaction.direction = direction;
  interaction.server = context.server_name();
  interaction.unparsed = true;
  line.decision = context.options().policy.decide(interaction);
  if (line.decision.level == policy::Level::none || !line.decision.initiated) return out;
  Members facts;
  facts.string("reason", "oversize");
  facts.number("bytes_so_far", head.size());
  out.before.push_back(unparsed_record(
      context,
      {.direction = direction, .facts = facts.take(), .interaction_id = line.interaction_id},
      EventResult::pending, seen));
  out.must_wait = line.decision.write_ahead();
  if (out.must_wait) out.refusal = refusal_without_id();
  return out;
}

std::vector<event::Event> Recorder::Impl::on_oversize_end(std::optional<OversizeLine>& slot,
                                                          mcp::Direction direction,
                                                          const OversizeEnd& end, mcp::Moment seen,
                                                          std::vector<std::uint64_t>* opened) {
  TALLY_CHECK(slot.has_value());
  const mcp::Scanned found = slot->scanner.finish();
  std::vector<event::Event> out;
  if (found.is_request()) {
    out = end_oversize_request(*slot, found, direction, end, seen, opened);
  } else if (auto answered = found.is_response()
                                 ? end_oversize_response(found, direction, end, seen)
                                 : std::nullopt) {
    out = std::move(*answered);
  } else if (slot->decision.level != policy::Level::none) {
    out.push_back(end_oversize_other(*slot, found, direction, end, seen));
  }
  slot.reset();
  return out;
}

/// The request becomes an exchange like any other, with the body's size and digest for arguments.
std::vector<event::Event> Recorder::Impl::end_oversize_request(
    OversizeLine& line, const mcp::Scanned& found, mcp::Direction direction, const OversizeEnd& end,
    mcp::Moment seen, std::vector<std::uint64_t>* opened) {
  auto carried = std::make_unique<Carried>();
  carried->category = mcp::category_of(found.method);
  carried->level = line.decision.level;
  carried->completed = line.decision.completed;
  carried->client = context.client_json();
  carried->target =
      direction == mcp::Direction::s2c ? client_target(context) : server_target(context);
  if (carried->category == mcp::Category::call && direction == mcp::Direction::c2s &&
      !found.name.empty()) {
    carried->target = {"tool", context.server_name() + '/' + found.name, found.name};
  }
  Members payload;
  payload.raw("arguments_digest", body_json(end));
  payload.boolean("oversize", true);
  carried->payload = payload.take();
  mcp::Exchange exchange;
  exchange.direction = direction;
  exchange.id = found.id;
  exchange.method = found.method;
  exchange.started = line.started;
  exchange.version = context.versions().current();
  exchange.scope = context.scope();
  exchange.origin = context.origin();
  carried->party = context.party();
  carried->session_id = context.session_id();
  exchange.interaction_id = line.interaction_id;
  exchange.staged = line.decision.initiated;
  exchange.attachment = std::move(carried);
  std::vector<event::Event> out;
  if (!end.forwarded) {
    append_closed(out, exchange, passed_on(end), reason_of(end), seen);
    return out;
  }
  const std::uint64_t serial = exchanges.open(std::move(exchange)).serial;
  if (opened != nullptr) opened->push_back(serial);
  for (const mcp::Exchange& evicted : exchanges.overflow()) {
    append_closed(out, evicted, EventResult::unknown, "evicted", seen);
  }
  return out;
}

/// nullopt when it answers nothing that is open.
std::optional<std::vector<event::Event>> Recorder::Impl::end_oversize_response(
    const mcp::Scanned& found, mcp::Direction direction, const OversizeEnd& end, mcp::Moment seen) {
  const auto exchange =
      exchanges.close(mcp::opposite(direction), found.id, context.scope(), context.origin());
  if (!exchange) return std::nullopt;
  std::vector<event::Event> out;
  const Carried& carried = carried_by(*exchange);
  if (!carried.completed || carried.level == policy::Level::none) return out;
  ResponseParts parts;
  parts.members.raw("result", body_json(end));
  parts.members.boolean("oversize", true);
  out.push_back(completed_record(context, *exchange, mcp::Message{}, outcome_of(found),
                                 std::move(parts), seen));
  return out;
}

event::Event Recorder::Impl::end_oversize_other(const OversizeLine& line, const mcp::Scanned& found,
                                                mcp::Direction direction, const OversizeEnd& end,
                                                mcp::Moment seen) {
  Members facts;
  facts.string("reason", "oversize");
  facts.raw("content", body_json(end));
  if (!found.method.empty()) facts.string("method", found.method);
  if (!found.id.empty()) facts.raw("jsonrpc_id", found.id);
  if (!end.ended) facts.boolean("cut_off", true);
  if (!end.forwarded) facts.raw("outcome", outcome_reason(reason_of(end)));
  return unparsed_record(
      context,
      {.direction = direction, .facts = facts.take(), .interaction_id = line.interaction_id},
      passed_on(end), seen);
}

}  // namespace tally::record
