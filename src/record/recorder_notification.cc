// SPDX-License-Identifier: Apache-2.0
#include "mcp/methods.h"
#include "record/capability_check.h"
#include "record/exchange_record.h"
#include "record/flow.h"
#include "record/recorder_impl.h"

#include <utility>

namespace tally::record {

using event::EventResult;

void Recorder::Impl::notification(Observation& out, const Seen& seen) {
  mcp::Message& message = seen.message;
  const mcp::Meta meta = mcp::read_meta(message, scratch_);
  check_headers(seen, meta);
  const mcp::MessageVersion version =
      context.versions().of_notification(meta.protocol_version, !meta.subscription_id.empty());
  check_method(seen, mcp::MethodKind::notification, version.version);
  check_filter(seen, meta);
  const mcp::Category category = mcp::category_of(message.method);
  const std::string_view capability =
      check_capability(context, seen.direction, message, category, version);
  const std::string tool = called_tool(message);
  const policy::Decision decision =
      context.options().policy.decide(interaction_of(message, seen.direction, tool));
  const std::unique_ptr<Carried> carried = carry(seen, category, decision, meta, tool);
  Members members;
  context.write_heading(members, {.direction = seen.direction,
                                  .method = message.method,
                                  .id = {},
                                  .version = version.text,
                                  .client = carried->client});
  context.write_arrival(members, context.party().get(), true);
  members.join(carried->lead);
  if (!capability.empty()) members.string("capability", capability);
  members.join(carried->payload);
  note_relations(out, seen, category, meta, members);
  const std::string flow = flow_of(flows, context.digest(), message, category, meta);
  const mcp::Outcome outcome = mcp::outcome_of_notification(message);
  if (!outcome.task_status.empty()) members.raw("outcome", outcome_json(outcome));
  std::string error_text;
  if (outcome.kind != mcp::OutcomeKind::success && decision.level == policy::Level::full) {
    error_text = task_error_text(context, message.param("error"), message.param("statusMessage"),
                                 carried->redactions);
  }
  const auto make = [&](EventResult result, std::string_view interaction_id) {
    event::Event made = context.event(
        event::event_for_method(message.method, to_event(seen.direction)), result, seen.when);
    if (result == EventResult::success) made.severity = event::Severity::debug;
    context.set_actor(made, seen.direction, version.stateless);
    set_target(made, carried->target);
    made.interaction_id = interaction_id.empty() ? made.event_id : std::string(interaction_id);
    if (!flow.empty()) made.flow_id = flow;
    if (!meta.trace_id.empty()) made.trace_id = meta.trace_id;
    if (!error_text.empty() && result != EventResult::pending) made.error_message = error_text;
    Members once = members;
    finish(made, once, carried->redactions);
    return made;
  };
  if (decision.level == policy::Level::none) return add_violations(out, seen, {});
  std::string interaction_id;
  if (decision.initiated) {
    out.before.push_back(make(EventResult::pending, {}));
    interaction_id = *out.before.back().interaction_id;
    if (decision.write_ahead()) out.must_wait = true;
  }
  if (decision.completed) {
    out.after.push_back(make(result_of(outcome), interaction_id));
    interaction_id = *out.after.back().interaction_id;
  }
  add_violations(out, seen, interaction_id);
}

/// The subscription that the current HTTP response answers; null: none, or it is no HTTP.
const mcp::Exchange* Recorder::Impl::listen_of_stream() {
  if (unanswered == nullptr) return nullptr;
  for (const std::uint64_t serial : *unanswered) {
    const mcp::Exchange* asked = exchanges.find_serial(serial);
    if (asked != nullptr && asked->method == "subscriptions/listen") return asked;
  }
  return nullptr;
}

/// What comes on a subscription must be what its filter asked for. Over HTTP a subscription is a
/// stream, whatever the notification says that it belongs to: without its id, or with another one,
/// only what no filter is about may come there.
void Recorder::Impl::check_filter(const Seen& seen, const mcp::Meta& meta) {
  if (seen.direction != mcp::Direction::s2c) return;
  const mcp::Exchange* listen = listen_of_stream();
  bool fits = true;
  if (listen != nullptr) {
    fits = mcp::pairing_id(meta.subscription_id) == listen->id ||
           !ListenFilter::is_about(seen.message.method);
  } else if (!meta.subscription_id.empty()) {
    listen = exchanges.find(mcp::Direction::c2s, meta.subscription_id, context.scope());
  }
  if (listen == nullptr || listen->method != "subscriptions/listen") return;
  const Carried& asked = carried_by(*listen);
  fits = fits && (asked.filter == nullptr || asked.filter->asks_for(seen.message));
  if (fits) return;
  mcp::add_violation(seen.message.violations, mcp::ViolationKind::unsolicited_notification,
                     seen.message.method);
}

/// What else the notification is about: a subscription, a request that it cancels or reports on.
void Recorder::Impl::note_relations(Observation& out, const Seen& seen, mcp::Category category,
                                    const mcp::Meta& meta, Members& members) {
  if (!meta.subscription_id.empty()) {
    members.raw("subscription_id", mcp::pairing_id(meta.subscription_id));
  }
  if (category == mcp::Category::cancellation) note_cancelled(out, seen, members);
  if (category != mcp::Category::progress) return;
  const auto token = seen.message.param("progressToken");
  const mcp::Exchange* asked =
      token ? exchanges.progress(mcp::opposite(seen.direction), token->raw(), context.scope())
            : nullptr;
  if (asked != nullptr) members.string("progress_of", asked->interaction_id);
}

/// A cancellation names a request of its own sender; in 2026-07-28 the server may end a
/// subscription, which is the client's request.
void Recorder::Impl::note_cancelled(Observation& out, const Seen& seen, Members& members) {
  const auto id = seen.message.param("requestId");
  if (!id) return;
  mcp::Exchange* exchange = exchanges.find(seen.direction, id->raw(), context.scope());
  if (exchange == nullptr && seen.direction == mcp::Direction::s2c) {
    exchange = exchanges.find(mcp::Direction::c2s, id->raw(), context.scope());
    if (exchange != nullptr && exchange->method != "subscriptions/listen") exchange = nullptr;
  }
  if (exchange == nullptr) return;
  members.string("cancels", exchange->interaction_id);
  if (exchanges.cancel(*exchange, seen.when)) out.cancelled.push_back(exchange->serial);
}

}  // namespace tally::record
