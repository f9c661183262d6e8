// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "mcp/key_check.h"
#include "mcp/methods.h"
#include "record/capability_check.h"
#include "record/elicitation_check.h"
#include "record/exchange_record.h"
#include "record/flow.h"
#include "record/header_check.h"
#include "record/param_headers.h"
#include "record/payload.h"
#include "record/recorder_impl.h"
#include "record/refusal.h"
#include "record/request_payload.h"

#include <algorithm>
#include <utility>

namespace tally::record {
namespace {

using event::EventResult;

/// Frames above this size make the readers give their memory back.
constexpr std::size_t kLargeFrameBytes = 256 * kKiB;
constexpr std::size_t kNodesKept = 1024;
/// Arguments of open requests shrink to this once open requests hold half of what they may.
constexpr PayloadCaps kSlimArguments{.bytes_max = 256, .preview_bytes_max = 256};
constexpr std::size_t kSlimPayloadBytes = 1 * kKiB;

/// Whether readers could disagree about what is called: one of them takes the other one of two
/// keys.
bool has_two_readings(const mcp::Message& message) {
  return std::ranges::any_of(message.violations, [](const mcp::Violation& violation) {
    const bool key = violation.kind == mcp::ViolationKind::duplicate_key ||
                     violation.kind == mcp::ViolationKind::case_variant_key;
    if (!key) return false;
    const std::string folded = mcp::folded_key(violation.where);
    return folded == "method" || folded == "id" || folded == "params" || folded == "params.name";
  });
}

/// The version that a request states: in _meta, else in the header of a protocol without sessions.
std::optional<std::string_view> stated_version(const Party* party, const mcp::Meta& meta) {
  if (meta.protocol_version) return *meta.protocol_version;
  if (party == nullptr || !party->stated_version) return std::nullopt;
  if (!is_stateless_version(*party->stated_version)) return std::nullopt;
  return *party->stated_version;
}

/// The requests that 2026-07-28 may answer with input_required.
bool may_be_asked_back(mcp::Category category) {
  return category == mcp::Category::call || category == mcp::Category::prompt ||
         category == mcp::Category::read;
}

bool keeps_payloads(policy::Level level) {
  return level == policy::Level::request || level == policy::Level::full;
}

}  // namespace

Recorder::Impl::Impl(RecorderOptions options, UuidSource& uuids, const redact::KeyedDigest& digest)
    : context(std::move(options), uuids, digest),
      exchanges(context.options().limits),
      tools(context.options().tool_principals_max),
      carried_bytes_max_(context.options().limits.bytes_max / 2) {}

Observation Recorder::Impl::on_frame(mcp::Direction direction, const mcp::Frame& frame,
                                     mcp::Moment seen) {
  Observation out;
  out.direction = direction;
  append_expired(out.before, seen);
  if (mcp::is_blank(frame.text)) return out;
  mcp::Parsed& parsed = reader_.read(frame.text);
  mcp::Message& first = parsed.messages.front();
  // Only where a line is a message does a carriage return end one for some readers.
  if (!context.party() && frame.text.find('\r') != std::string_view::npos) {
    mcp::add_violation(first.violations, mcp::ViolationKind::carriage_return, "");
  }
  if (!frame.ended) {
    mcp::add_violation(first.violations, mcp::ViolationKind::unterminated_line, "");
  }
  std::optional<BatchPlace> batch;
  batch_payload_bytes_ = 0;
  if (parsed.batch) {
    batch = BatchPlace{context.new_id(seen), 0, parsed.messages.size()};
    const std::string version = context.versions().current().text;
    if (!mcp::allows_batches(mcp::parse_version(version))) {
      mcp::add_violation(first.violations, mcp::ViolationKind::batch_not_allowed, version);
    }
  }
  for (mcp::Message& message : parsed.messages) {
    see(out, {direction, message, batch, seen});
    if (batch) ++batch->index;
  }
  for (const mcp::Exchange& evicted : exchanges.overflow()) {
    append_closed(out.before, evicted, EventResult::unknown, "evicted", seen);
  }
  if (out.must_wait) {
    out.refusal = refusal_for(parsed);
    out.two_readings = std::ranges::any_of(parsed.messages, has_two_readings);
  }
  if (frame.text.size() > kLargeFrameBytes) {
    reader_.shrink();
    scratch_.shrink(kNodesKept);
  }
  return out;
}

void Recorder::Impl::see(Observation& out, const Seen& seen) {
  switch (seen.message.shape) {
    case mcp::Shape::request: return request(out, seen);
    case mcp::Shape::notification: return notification(out, seen);
    case mcp::Shape::response: return response(out, seen);
    case mcp::Shape::malformed: return malformed(out, seen);
  }
}

policy::Interaction Recorder::Impl::interaction_of(const mcp::Message& message,
                                                   mcp::Direction direction,
                                                   const std::string& tool) const {
  return {.direction = direction,
          .method = message.method,
          .tool = tool,
          .server = context.server_name(),
          .actor = direction == mcp::Direction::c2s ? std::string_view(context.actor_id())
                                                    : std::string_view(context.server_name()),
          .hinted_read_only = !tool.empty() && tools.known_read_only(context.principal_key(), tool),
          .ambiguous = mcp::any_ambiguous(message.violations),
          .unparsed = message.shape == mcp::Shape::malformed};
}

void Recorder::Impl::check_method(const Seen& seen, mcp::MethodKind kind,
                                  mcp::Version version) const {
  const std::string& method = seen.message.method;
  const auto add = [&](mcp::ViolationKind violation, std::string_view where) {
    mcp::add_violation(seen.message.violations, violation, where);
  };
  switch (mcp::method_fit(method, kind, seen.direction, version)) {
    case mcp::MethodFit::fits:
    case mcp::MethodFit::unknown_method: return;
    case mcp::MethodFit::variant: return add(mcp::ViolationKind::method_variant, method);
    case mcp::MethodFit::wrong_direction: return add(mcp::ViolationKind::wrong_direction, method);
    case mcp::MethodFit::not_in_version:
      return add(mcp::ViolationKind::not_in_version, mcp::version_text(version));
    case mcp::MethodFit::wrong_kind: return add(mcp::ViolationKind::wrong_kind, method);
  }
}

/// What the headers of an HTTP request say about its body must be what the body says.
void Recorder::Impl::check_headers(const Seen& seen, const mcp::Meta& meta) const {
  const Party* party = context.party().get();
  if (party == nullptr || seen.direction != mcp::Direction::c2s) return;
  const bool lead = !seen.batch || seen.batch->index == 0;
  if (lead) compare_headers(*party, seen.message, meta, context.versions());
  if (lead && seen.message.method == "tools/call" && party->stated_version &&
      is_stateless_version(*party->stated_version)) {
    compare_param_headers(*party, seen.message,
                          tools.headers(context.principal_key(), called_tool(seen.message)));
  }
}

void Recorder::Impl::add_violations(Observation& out, const Seen& seen,
                                    std::string_view interaction_id) {
  if (seen.message.violations.empty()) return;
  out.before.push_back(violation_record(context, seen.direction, seen.message, interaction_id,
                                        seen.batch, seen.when));
}

std::string Recorder::Impl::client_of(const mcp::Meta& meta, mcp::Direction direction) {
  if (meta.client && direction == mcp::Direction::c2s) context.set_client(*meta.client);
  return context.client_json();
}

std::unique_ptr<Carried> Recorder::Impl::carry(const Seen& seen, mcp::Category category,
                                               const policy::Decision& decision,
                                               const mcp::Meta& meta, const std::string& tool) {
  auto carried = std::make_unique<Carried>();
  carried->category = category;
  carried->party = context.party();
  carried->level = decision.level;
  carried->completed = decision.completed;
  carried->trace_id = meta.trace_id;
  carried->client = client_of(meta, seen.direction);
  carried->target = target_of(context, seen.message, category, seen.direction, carried->redactions);
  Members lead;
  if (seen.batch) lead.raw("batch", batch_json(*seen.batch));
  if (!tool.empty()) {
    const std::string_view digest = tools.digest(context.principal_key(), tool);
    if (!digest.empty()) lead.string("tool_definition", digest);
  }
  if (!meta.progress_token.empty()) {
    lead.raw("progress_token", mcp::pairing_id(meta.progress_token));
  }
  carried->lead = lead.take();
  Members payload;
  RequestPayloadOptions options{.payloads = keeps_payloads(decision.level)};
  if (seen.batch && batch_payload_bytes_ > kBatchPayloadBytesMax) {
    options.arguments = kSlimArguments;
  }
  capture_params({context.digest(), payload, carried->redactions}, seen.message, category, options);
  carried->payload = payload.take();
  if (seen.batch) batch_payload_bytes_ += carried->payload.size();
  if (category == mcp::Category::list) {
    if (const auto cursor = seen.message.param("cursor"))
      carried->cursor = cursor->text_start(kNameBytesSeen);
  }
  return carried;
}

/// Makes an exchange cheap to keep: its record of the outcome will carry a digest of the arguments.
void Recorder::Impl::slim(Carried& carried, const mcp::Message& message) {
  if (carried.payload.size() <= kSlimPayloadBytes) return;
  std::vector<event::Redaction> again;
  Members payload;
  capture_params({context.digest(), payload, again}, message, carried.category,
                 {.payloads = keeps_payloads(carried.level), .arguments = kSlimArguments});
  carried.payload = payload.take();
}

void Recorder::Impl::request(Observation& out, const Seen& seen) {
  mcp::Message& message = seen.message;
  const mcp::Meta meta = mcp::read_meta(message, scratch_);
  if (message.method == "initialize") {
    const auto stated = message.param("clientInfo");
    const auto client = stated ? mcp::read_implementation(*stated, scratch_) : std::nullopt;
    if (client) context.set_client(*client);
    note_offer(context, seen.direction, message, seen.batch.has_value());
  }
  mcp::Exchange exchange;
  check_headers(seen, meta);
  exchange.version = context.versions().of_request(stated_version(context.party().get(), meta));
  check_method(seen, mcp::MethodKind::request, exchange.version.version);
  if (exchanges.find(seen.direction, message.id, context.scope()) != nullptr) {
    mcp::add_violation(message.violations, mcp::ViolationKind::duplicate_id, "id");
  }
  const mcp::Category category = mcp::category_of(message.method);
  const std::string_view capability =
      check_capability(context, seen.direction, message, category, exchange.version);
  const std::string tool = called_tool(message);
  const policy::Decision decision =
      context.options().policy.decide(interaction_of(message, seen.direction, tool));
  const bool recorded = decision.level != policy::Level::none;
  exchange.direction = seen.direction;
  exchange.id = mcp::pairing_id(message.id);
  exchange.scope = context.scope();
  exchange.origin = context.origin();
  exchange.method = message.method;
  exchange.started = seen.when;
  exchange.interaction_id = context.new_id(seen.when);
  exchange.flow_id =
      flow_of(flows, context.digest(), message, category, meta, context.principal_key());
  if (context.party() && seen.direction == mcp::Direction::c2s &&
      brings_foreign_handle(flows, context.digest(), message, category, context.principal_key())) {
    mcp::add_violation(message.violations, mcp::ViolationKind::foreign_handle, "params");
  }
  exchange.progress_token = meta.progress_token;
  exchange.staged = recorded && decision.initiated;
  auto carried = carry(seen, category, decision, meta, tool);
  if (exchange.version.stateless && may_be_asked_back(category)) {
    carried->retry_key = retry_key(context.digest(), message, context.principal_key());
    if (meta.client_capabilities.size() <= kClientCapabilitiesBytesMax) {
      carried->client_capabilities = meta.client_capabilities;
    }
  }
  if (message.method == "subscriptions/listen") {
    if (auto filter = ListenFilter::of(message)) {
      carried->filter = std::make_unique<const ListenFilter>(*std::move(filter));
    }
  }
  if (!capability.empty()) add_lead(*carried, "capability", capability);
  if (category == mcp::Category::elicitation) check_elicitation(message, message.params);
  if (const std::string use = state_use(flows, context.digest(), message, carried->retry_key);
      !use.empty() && seen.direction == mcp::Direction::c2s) {
    Members lead(carried->lead);
    lead.join(use);
    carried->lead = lead.take();
  }
  if (!exchange.version.stateless) carried->session_id = context.session_id();
  Carried& kept = *carried;
  exchange.attachment = std::move(carried);
  add_violations(out, seen, exchange.interaction_id);
  if (exchange.staged) initiated_record(out.before.emplace_back(), context, exchange);
  if (recorded && decision.write_ahead()) out.must_wait = true;
  if (exchanges.bytes() > carried_bytes_max_) slim(kept, message);
  out.opened.push_back(exchanges.open(std::move(exchange)).serial);
}

void Recorder::Impl::malformed(Observation& out, const Seen& seen) {
  const policy::Decision decision =
      context.options().policy.decide(interaction_of(seen.message, seen.direction, {}));
  if (decision.level == policy::Level::none) return;
  Unparsed unparsed{.direction = seen.direction,
                    .message = &seen.message,
                    .facts = {},
                    .batch = seen.batch,
                    .interaction_id = context.new_id(seen.when),
                    .payloads = keeps_payloads(decision.level)};
  const bool keys =
      mcp::has_violation(seen.message.violations, mcp::ViolationKind::duplicate_key) ||
      mcp::has_violation(seen.message.violations, mcp::ViolationKind::case_variant_key);
  if (keys) add_violations(out, seen, unparsed.interaction_id);
  if (decision.initiated) {
    out.before.push_back(unparsed_record(context, unparsed, EventResult::pending, seen.when));
    if (decision.write_ahead()) out.must_wait = true;
  }
  if (decision.completed) {
    out.after.push_back(unparsed_record(context, unparsed, EventResult::success, seen.when));
  }
}

}  // namespace tally::record
