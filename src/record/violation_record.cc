// SPDX-License-Identifier: Apache-2.0
#include "record/violation_record.h"

#include "base/limits.h"
#include "mcp/outcome.h"
#include "record/exchange_record.h"
#include "record/json_start.h"
#include "record/payload.h"
#include "record/preview.h"
#include "record/target.h"
#include "redact/payload.h"

namespace tally::record {
namespace {

/// What a violation record shows of the message itself.
constexpr std::size_t kEvidencePreviewBytes = 2 * kKiB;
/// The same of one of many messages.
constexpr std::size_t kBatchEvidencePreviewBytes = 256;

Target other_side(const Context& context, mcp::Direction direction) {
  return direction == mcp::Direction::c2s ? server_target(context) : client_target(context);
}

/// The message by size, digest and redacted preview, both of two equal keys in it.
std::string evidence_json(const Context& context, std::string_view path,
                          const mcp::Message& message, const std::optional<BatchPlace>& batch,
                          std::vector<event::Redaction>& redactions) {
  const std::size_t preview_bytes_max = batch ? kBatchEvidencePreviewBytes : kEvidencePreviewBytes;
  json::Document document;
  if (!document.parse(message.raw, {.depth_indexed = 0})) {
    return opaque_json(message.raw, path, context.digest(), redactions);
  }
  if (message.raw.size() > kWholePayloadBytesMax) {
    const std::string start =
        json_start(message.raw, hides_of_everything(), path, context.digest(), redactions);
    return start_json(start, message.raw.size(), context.digest()(message.raw), preview_bytes_max,
                      path, context.digest(), redactions);
  }
  const std::string open =
      hide(message.raw, hides_of_everything(), path, context.digest(), redactions);
  return redact::cap_json(open, path, {.bytes_max = 0, .preview_bytes_max = preview_bytes_max},
                          context.digest(), redactions)
      .json;
}

void write_start(const Context& context, Members& members, mcp::Direction direction) {
  members.string("transport", context.transport());
  members.string("direction", mcp::direction_name(direction));
  context.write_arrival(members, context.party().get(), true);
}

void write_batch(Members& members, const std::optional<BatchPlace>& batch) {
  if (batch) members.raw("batch", batch_json(*batch));
}

}  // namespace

std::string batch_json(const BatchPlace& place) {
  Members members;
  members.string("id", place.id);
  members.number("index", place.index);
  members.number("size", place.size);
  return members.object();
}

std::string violations_json(const std::vector<mcp::Violation>& violations) {
  std::string out = "[";
  for (const mcp::Violation& violation : violations) {
    Members one;
    one.string("kind", mcp::violation_name(violation.kind));
    if (!violation.where.empty()) one.string("where", violation.where);
    if (out.size() > 1) out += ',';
    out += one.object();
  }
  return out + ']';
}

event::Event violation_record(Context& context, mcp::Direction direction,
                              const mcp::Message& message, std::string_view interaction_id,
                              const std::optional<BatchPlace>& batch, mcp::Moment when) {
  event::Event out =
      context.event(catalog_entry("mcp-protocol-violation"), event::EventResult::failure, when);
  context.set_actor(out, direction, context.versions().current().stateless);
  set_target(out, other_side(context, direction));
  if (!interaction_id.empty()) out.interaction_id = std::string(interaction_id);
  std::vector<event::Redaction> redactions;
  Members members;
  write_start(context, members, direction);
  write_batch(members, batch);
  members.raw("violations", violations_json(message.violations));
  if (!message.method.empty()) {
    members.string("violating_method", cut_text(message.method, mcp::kIdBytesMax));
  }
  if (!message.id.empty()) members.raw("violating_id", mcp::pairing_id(message.id));
  members.raw("message", evidence_json(context, "details.message", message, batch, redactions));
  finish(out, members, std::move(redactions));
  return out;
}

event::Event unparsed_record(Context& context, const Unparsed& unparsed, event::EventResult result,
                             mcp::Moment when) {
  event::Event out = context.event(catalog_entry("mcp-unparsed"), result, when);
  context.set_actor(out, unparsed.direction, context.versions().current().stateless);
  set_target(out, other_side(context, unparsed.direction));
  out.interaction_id = unparsed.interaction_id.empty() ? out.event_id : unparsed.interaction_id;
  std::vector<event::Redaction> redactions;
  Members members;
  write_start(context, members, unparsed.direction);
  write_batch(members, unparsed.batch);
  if (unparsed.message != nullptr) {
    const mcp::Message& message = *unparsed.message;
    if (!message.id.empty()) members.raw("jsonrpc_id", mcp::pairing_id(message.id));
    if (!message.violations.empty()) {
      members.string("reason", mcp::violation_name(message.violations.front().kind));
    }
    members.raw("violations", violations_json(message.violations));
    if (unparsed.payloads) {
      members.raw("content",
                  evidence_json(context, "details.content", message, unparsed.batch, redactions));
    }
  }
  members.join(unparsed.facts);
  finish(out, members, std::move(redactions));
  return out;
}

event::Event unmatched_record(Context& context, mcp::Direction direction,
                              const mcp::Message& message, const std::optional<BatchPlace>& batch,
                              mcp::Moment when) {
  event::Event out =
      context.event(catalog_entry("mcp-unmatched-response"), event::EventResult::unknown, when);
  context.set_actor(out, direction, context.versions().current().stateless);
  set_target(out, other_side(context, direction));
  out.interaction_id = out.event_id;
  std::vector<event::Redaction> redactions;
  Members members;
  write_start(context, members, direction);
  if (!message.id.empty()) members.raw("jsonrpc_id", mcp::pairing_id(message.id));
  write_batch(members, batch);
  std::string outcome = outcome_json(mcp::outcome_of(message, {}));
  outcome.back() = ',';
  members.raw("outcome", outcome + "\"reason\":\"no_request\"}");
  members.raw("response", evidence_json(context, "details.response", message, batch, redactions));
  finish(out, members, std::move(redactions));
  return out;
}

}  // namespace tally::record
