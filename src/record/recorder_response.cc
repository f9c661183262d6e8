// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "record/capability_check.h"
#include "record/exchange_record.h"
#include "record/flow.h"
#include "record/payload.h"
#include "record/recorder_impl.h"
#include "record/response_payload.h"
#include "record/tool_definitions.h"
#include "record/watch_record.h"

#include <utility>

namespace tally::record {
namespace {

using event::EventResult;

/// Of the members that a result has, mostly.
constexpr std::size_t kResultMembersBytes = 320;

bool is_deferred(mcp::OutcomeKind kind) {
  return kind == mcp::OutcomeKind::task_created || kind == mcp::OutcomeKind::input_required;
}

std::optional<std::string> text_of(const std::optional<json::Value>& value) {
  if (!value || !value->is(json::Kind::string)) return std::nullopt;
  return value->text_start(kNameBytesSeen);
}

/// `details` with its outcome replaced.
std::string with_outcome(std::string_view details, std::string_view outcome) {
  Members members;
  json::Document document;
  if (const auto root = document.parse(details, {.depth_indexed = 1})) {
    for (const json::Value child : root->children()) {
      if (!child.key_is("outcome")) members.raw(child.key_raw(), child.raw());
    }
  }
  members.raw("outcome", outcome);
  return members.object();
}

/// A member of details.auth, as its records have it.
std::string auth_text(const identity::Principal& who, std::string_view name) {
  json::Document document;
  const auto auth = document.parse(std::string_view(who.auth_json), {.depth_indexed = 1});
  const auto value = auth ? auth->find(name) : std::nullopt;
  return value ? value->text() : std::string();
}

bool is_verified(const Party* party) {
  return party != nullptr && party->who.principal->verified == event::ActorVerified::yes;
}

void deny(event::Event& event, std::string_view reason) {
  event.event_result = EventResult::denied;
  event.status = event::status_of(EventResult::denied);
  event.severity = event::severity_of(EventResult::denied);
  event.details = with_outcome(event.details, outcome_reason(reason));
}

}  // namespace

void Recorder::Impl::response(Observation& out, const Seen& seen) {
  std::optional<mcp::Exchange> exchange =
      seen.message.id.empty() ? std::optional<mcp::Exchange>()
                              : exchanges.close(mcp::opposite(seen.direction), seen.message.id,
                                                context.scope(), context.origin());
  if (!exchange && answer_unanswered(out, seen)) return;
  if (exchange) {
    const std::string_view interaction = complete(out, seen, *exchange);
    add_violations(out, seen, interaction);
  } else {
    out.after.push_back(
        unmatched_record(context, seen.direction, seen.message, seen.batch, seen.when));
    add_violations(out, seen, *out.after.back().interaction_id);
  }
  // What is a response to us may be a request to a reader that takes "Method" for "method": its
  // violation record must be there first.
  if (mcp::any_ambiguous(seen.message.violations)) {
    const auto interaction = interaction_of(seen.message, seen.direction, {});
    if (context.options().policy.decide(interaction).write_ahead()) out.must_wait = true;
  }
}

/// An error without id answers what the same HTTP exchange asked. False: nothing is waiting for it.
bool Recorder::Impl::answer_unanswered(Observation& out, const Seen& seen) {
  const mcp::Message& message = seen.message;
  const bool no_id = message.id.empty() || message.id == "null";
  if (unanswered == nullptr || !no_id || !message.error) return false;
  bool answered = false;
  for (const std::uint64_t serial : *unanswered) {
    auto exchange = exchanges.close_serial(serial);
    if (!exchange) continue;
    complete(out, seen, *exchange);
    answered = true;
  }
  return answered;
}

void Recorder::Impl::learn_from_response(const mcp::Exchange& exchange, const mcp::Message& message,
                                         const mcp::Meta& meta) {
  if (exchange.direction != mcp::Direction::c2s) return;
  if (exchange.method == "initialize" && message.result) {
    if (const auto version = text_of(message.result_member("protocolVersion"))) {
      context.versions().negotiated(*version);
    }
    const auto capabilities = message.result_member("capabilities");
    context.capabilities().answered(capabilities ? mcp::Declared::by_server(capabilities->raw())
                                                 : mcp::Declared());
    const auto stated = message.result_member("serverInfo");
    const auto server = stated ? mcp::read_implementation(*stated, scratch_) : std::nullopt;
    if (server) context.set_server(*server);
  } else if (meta.server) {
    context.set_server(*meta.server);
  }
}

/// What to look for of whom this list was served to.
DefinitionLookup Recorder::Impl::lookup_for(std::shared_ptr<const Party> party) const {
  DefinitionLookup out;
  out.server = context.server_name();
  out.instance = context.options().instance;
  out.actor_id = context.options().actor.id;
  out.actor_type = event::to_text(context.options().actor.type);
  out.verified = context.options().actor.verified == event::ActorVerified::yes;
  if (party) {
    const identity::Principal& who = *party->who.principal;
    out.actor_id = who.id;
    out.actor_type = event::to_text(who.type);
    out.issuer = auth_text(who, "issuer");
    out.principal = who.key;
    out.verified = is_verified(party.get());
    out.doubt = auth_text(who, "reason");
  }
  out.party = std::move(party);
  return out;
}

/// Those of principals that somebody checked come first and cannot be pushed out by others. For
/// which there is no room stays owed.
void Recorder::Impl::want_lookup(const std::shared_ptr<const Party>& party) {
  const bool full = lookups.size() >= kLookupsWaitingMax;
  const bool verified = party ? is_verified(party.get())
                              : context.options().actor.verified == event::ActorVerified::yes;
  const std::string& principal = Context::principal_key(party.get());
  if (!tools.owes_lookup(principal, verified) || (full && !verified)) return;
  if (full) {
    tools.set_owed(lookups.back().principal, lookups.back().verified, true);
    lookups.pop_back();
  }
  lookups.insert(verified ? lookups.begin() : lookups.end(), lookup_for(party));
  tools.set_owed(principal, verified, false);
}

std::optional<DefinitionLookup> Recorder::Impl::next_lookup(bool verified_only) {
  if (lookups.empty() || (verified_only && !lookups.front().verified)) return std::nullopt;
  DefinitionLookup out = std::move(lookups.front());
  lookups.pop_front();
  return out;
}

void Recorder::Impl::served_tools(Observation& out, const Seen& seen, const mcp::Exchange& exchange,
                                  Members& members) {
  const auto list = seen.message.result_member("tools");
  if (exchange.method != "tools/list" || exchange.direction != mcp::Direction::c2s || !list) return;
  ToolPage page = read_tools(seen.message);
  for (const mcp::Violation& violation : page.violations) {
    mcp::add_violation(seen.message.violations, violation.kind, violation.where);
  }
  const Carried& carried = carried_by(exchange);
  const auto next_cursor = text_of(seen.message.result_member("nextCursor"));
  write_definitions(members, page, !carried.cursor, !next_cursor);
  const std::string& principal = Context::principal_key(carried.party.get());
  const auto changes = tools.served(principal, carried.cursor, page.definitions, next_cursor);
  if (context.options().looks_back) want_lookup(carried.party);
  for (const mcp::ToolChange& change : changes) {
    out.after.push_back(change_record(context, change, seen.when));
  }
  watch_names(out, seen, page);
}

/// Tools of this name that another upstream has.
void Recorder::Impl::watch_names(Observation& out, const Seen& seen, const ToolPage& page) {
  const RecorderOptions& options = context.options();
  if (options.tool_names == nullptr || options.command.empty()) return;
  std::vector<ShadowedTool> shadowed;
  std::size_t count = 0;
  for (const mcp::ToolDefinition& tool : page.definitions) {
    auto other = options.tool_names->served(options.command.front(), context.server_name(),
                                            tool.name, tool.digest);
    if (!other || ++count > kShadowedToolsListed) continue;
    shadowed.push_back({tool.name, std::move(*other)});
  }
  if (count > 0) out.after.push_back(shadowed_record(context, shadowed, count, seen.when));
}

/// A task that is not there; what is there and belongs to another is a foreign_handle.
void Recorder::Impl::watch_tasks(Observation& out, const Seen& seen, const mcp::Exchange& exchange,
                                 const mcp::Outcome& outcome) {
  const Carried& carried = carried_by(exchange);
  if (carried.category != mcp::Category::task || exchange.direction != mcp::Direction::c2s) return;
  // Invalid params: what both versions of tasks say to an id that they do not know. -32002 is what
  // resources say, and servers that took after them.
  if (outcome.rpc_error != "-32602" && outcome.rpc_error != "-32002") return;
  // Who was not checked may have another name for each task.
  const Party* party = carried.party.get();
  const bool by_name = party == nullptr || is_verified(party);
  TaskMisses& misses = by_name ? task_misses : unverified_task_misses;
  const std::string& who = by_name ? Context::principal_key(party) : party->who.address;
  if (!misses.missed(who, carried.target.id, seen.when.mono)) return;
  out.after.push_back(probing_record(context, exchange, seen.when));
}

std::string_view Recorder::Impl::complete(Observation& out, const Seen& seen,
                                          mcp::Exchange& exchange) {
  const mcp::Meta meta = mcp::read_meta(seen.message, scratch_);
  learn_from_response(exchange, seen.message, meta);
  const mcp::Outcome outcome = mcp::outcome_of(seen.message, exchange.method);
  const Carried& carried = carried_by(exchange);
  ResponseParts parts;
  parts.members.reserve(kResultMembersBytes);
  if (is_deferred(outcome.kind)) {
    if (exchange.version.stateless) check_deferred(seen.message, outcome.kind, carried);
    parts.flow_id = defer(flows, context.digest(), exchange, seen.message, parts.members);
  }
  const std::size_t at = out.after.size();
  served_tools(out, seen, exchange, parts.members);
  watch_tasks(out, seen, exchange, outcome);
  if (!carried.completed || carried.level == policy::Level::none) return exchange.interaction_id;
  if (carried.level == policy::Level::full) {
    parts.result_preview =
        capture_response({context.digest(), parts.members, parts.redactions}, seen.message, outcome,
                         carried.category, exchange.direction);
  }
  const auto made = out.after.emplace(out.after.begin() + static_cast<std::ptrdiff_t>(at));
  completed_record(*made, context, exchange, seen.message, outcome, std::move(parts), seen.when);
  return *made->interaction_id;
}

void Recorder::Impl::append_closed(std::vector<event::Event>& out, const mcp::Exchange& exchange,
                                   EventResult result, std::string_view reason, mcp::Moment when) {
  const Carried& carried = carried_by(exchange);
  if (!carried.completed || carried.level == policy::Level::none) return;
  if (result == EventResult::unknown && exchange.cancelled) {
    reason = "cancelled";
  } else if (result == EventResult::unknown && exchange.lost) {
    reason = "disconnected";
  }
  out.push_back(closed_record(context, exchange, result, reason, when));
}

void Recorder::Impl::append_expired(std::vector<event::Event>& out, mcp::Moment now) {
  for (const mcp::Exchange& exchange : exchanges.expire(now.mono)) {
    append_closed(out, exchange, EventResult::unknown, "expired", now);
  }
}

std::vector<event::Event> Recorder::Impl::tick(mcp::Moment now) {
  std::vector<event::Event> out;
  append_expired(out, now);
  return out;
}

std::vector<event::Event> Recorder::Impl::close(std::optional<mcp::Direction> direction,
                                                std::string_view reason, mcp::Moment when) {
  std::vector<event::Event> out;
  for (const mcp::Exchange& exchange : exchanges.close_all(direction)) {
    append_closed(out, exchange, EventResult::unknown, reason, when);
  }
  return out;
}

std::vector<event::Event> Recorder::Impl::not_forwarded(Observation observation, mcp::Moment when,
                                                        std::string_view reason) {
  std::vector<event::Event> out;
  for (const std::uint64_t serial : observation.cancelled) exchanges.withdraw_cancel(serial);
  for (const std::uint64_t serial : observation.opened) {
    if (const auto exchange = exchanges.close_serial(serial)) {
      append_closed(out, *exchange, EventResult::denied, reason, when);
    }
  }
  for (event::Event& event : observation.after) {
    deny(event, reason);
    out.push_back(std::move(event));
  }
  return out;
}

}  // namespace tally::record
