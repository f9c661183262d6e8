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

/// {"bytes":N,"digest":"…"}: all that is known of a body nobody held.
std::string body_json(const OversizeEnd& end) {
  Members members;
  members.number("bytes", end.bytes);
  members.string("digest", end.digest);
  return members.object();
}

/// The outcome that a scan of the response saw (contract 4: a long result has the right outcome).
mcp::Outcome outcome_of(const mcp::Scanned& found, std::string_view method) {
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
  if (method == "tasks/get") {
    mcp::apply_task_end(out, {.status = found.task_status,
                              .is_error = found.task_is_error,
                              .rpc_error = found.task_error_code});
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
  const std::optional<BatchPlace> alone;
  const OversizeMessage message{*slot, found, direction, end, seen, alone};
  std::vector<event::Event> out;
  if (!end.readable) {
    if (slot->decision.level != policy::Level::none) {
      out.push_back(end_oversize_other({*slot, mcp::Scanned(), direction, end, seen, alone}));
    }
  } else if (slot->scanner.is_batch() && !found.broken) {
    out = end_oversize_batch(*slot, direction, end, seen, opened);
  } else if (found.is_request()) {
    out = end_oversize_request(message, opened);
  } else if (auto answered = found.is_response() ? end_oversize_response(message) : std::nullopt) {
    out = std::move(*answered);
  } else if (slot->decision.level != policy::Level::none) {
    out.push_back(end_oversize_other(message));
  }
  slot.reset();
  return out;
}

/// One record for each element that asks or answers (contract 1), and one for the batch as a whole
/// where it was staged or has anything else in it.
std::vector<event::Event> Recorder::Impl::end_oversize_batch(const OversizeLine& line,
                                                             mcp::Direction direction,
                                                             const OversizeEnd& end,
                                                             mcp::Moment seen,
                                                             std::vector<std::uint64_t>* opened) {
  const std::vector<mcp::Scanned>& elements = line.scanner.elements();
  std::vector<event::Event> out;
  std::optional<BatchPlace> place =
      BatchPlace{context.new_id(seen), 0, line.scanner.element_count()};
  bool all_told = !line.decision.initiated && elements.size() == place->size;
  for (const mcp::Scanned& found : elements) {
    const OversizeMessage message{line, found, direction, end, seen, place};
    std::optional<std::vector<event::Event>> made;
    if (found.is_request()) made = end_oversize_request(message, opened);
    if (found.is_response()) made = end_oversize_response(message);
    all_told = all_told && made.has_value();
    if (made) std::ranges::move(*made, std::back_inserter(out));
    ++place->index;
  }
  if (all_told || line.decision.level == policy::Level::none) return out;
  const mcp::Scanned whole;
  place->index = 0;
  out.insert(out.begin(), end_oversize_other({line, whole, direction, end, seen, place}));
  return out;
}

/// The request becomes an exchange like any other, with the body's size and digest for arguments.
std::vector<event::Event> Recorder::Impl::end_oversize_request(const OversizeMessage& message,
                                                               std::vector<std::uint64_t>* opened) {
  const mcp::Scanned& found = message.found;
  const OversizeLine& line = message.line;
  auto carried = std::make_unique<Carried>();
  carried->category = mcp::category_of(found.method);
  carried->level = line.decision.level;
  carried->completed = line.decision.completed;
  carried->client = context.client_json();
  carried->target =
      message.direction == mcp::Direction::s2c ? client_target(context) : server_target(context);
  if (carried->category == mcp::Category::call && message.direction == mcp::Direction::c2s &&
      !found.name.empty()) {
    carried->target = {"tool", context.server_name() + '/' + found.name, found.name};
  }
  Members payload;
  if (message.batch) payload.raw("batch", batch_json(*message.batch));
  payload.raw("arguments_digest", body_json(message.end));
  payload.boolean("oversize", true);
  payload.join(message.end.facts);
  carried->payload = payload.take();
  mcp::Exchange exchange;
  exchange.direction = message.direction;
  exchange.id = found.id;
  exchange.method = found.method;
  exchange.started = line.started;
  exchange.version = context.versions().current();
  exchange.scope = context.scope();
  exchange.origin = context.origin();
  carried->party = context.party();
  carried->session_id = context.session_id();
  // The first stage was that of the whole body.
  exchange.interaction_id = message.batch ? context.new_id(line.started) : line.interaction_id;
  exchange.staged = line.decision.initiated && !message.batch;
  exchange.attachment = std::move(carried);
  std::vector<event::Event> out;
  if (!message.end.forwarded) {
    append_closed(out, exchange, passed_on(message.end), reason_of(message.end), message.seen);
    return out;
  }
  const std::uint64_t serial = exchanges.open(std::move(exchange)).serial;
  if (opened != nullptr) opened->push_back(serial);
  for (const mcp::Exchange& evicted : exchanges.overflow()) {
    append_closed(out, evicted, EventResult::unknown, "evicted", message.seen);
  }
  return out;
}

/// nullopt when it answers nothing that is open.
std::optional<std::vector<event::Event>> Recorder::Impl::end_oversize_response(
    const OversizeMessage& message) {
  auto exchange = exchanges.close(mcp::opposite(message.direction), message.found.id,
                                  context.scope(), context.origin());
  if (!exchange) return std::nullopt;
  std::vector<event::Event> out;
  const Carried& carried = carried_by(*exchange);
  if (!carried.completed || carried.level == policy::Level::none) return out;
  ResponseParts parts;
  if (message.batch) parts.members.raw("result_batch", batch_json(*message.batch));
  parts.members.raw("result", body_json(message.end));
  parts.members.boolean("oversize", true);
  parts.members.join(message.end.facts);
  completed_record(out.emplace_back(), context, *exchange, mcp::Message{},
                   outcome_of(message.found, exchange->method), std::move(parts), message.seen);
  return out;
}

event::Event Recorder::Impl::end_oversize_other(const OversizeMessage& message) {
  const mcp::Scanned& found = message.found;
  const OversizeEnd& end = message.end;
  Members facts;
  facts.string("reason", "oversize");
  facts.raw("content", body_json(end));
  if (!found.method.empty()) facts.string("method", found.method);
  if (!found.id.empty()) facts.raw("jsonrpc_id", found.id);
  if (!end.ended) facts.boolean("cut_off", true);
  facts.join(end.facts);
  if (!end.forwarded) facts.raw("outcome", outcome_reason(reason_of(end)));
  return unparsed_record(context,
                         {.direction = message.direction,
                          .facts = facts.take(),
                          .batch = message.batch,
                          .interaction_id = message.line.interaction_id},
                         passed_on(end), message.seen);
}

}  // namespace tally::record
