// SPDX-License-Identifier: Apache-2.0
#include "record/flow.h"

#include "record/context.h"

namespace tally::record {
namespace {

/// Keyed digest of a string that is a handle; empty: there is none.
std::string digest_of(const redact::KeyedDigest& digest, const std::optional<json::Value>& value) {
  return value && !value->body().empty() ? digest.of_json_string(value->body()) : std::string();
}

std::string task_key(const std::string& task_digest) { return "task:" + task_digest; }
std::string state_key(const std::string& state_digest) { return "state:" + state_digest; }

}  // namespace

std::string flow_of(const mcp::FlowTable& flows, const redact::KeyedDigest& digest,
                    const mcp::Message& message, mcp::Category category, const mcp::Meta& meta,
                    std::string_view principal) {
  const std::string state = digest_of(digest, message.param("requestState"));
  if (!state.empty()) {
    if (auto flow = flows.find(state_key(state))) return *flow;
  }
  std::string task = meta.related_task.empty() ? std::string() : digest(meta.related_task);
  if (category == mcp::Category::task) task = digest_of(digest, message.param("taskId"));
  if (!task.empty()) {
    if (auto flow = flows.find(task_key(task))) return *flow;
  }
  if (state.empty() && message.param("inputResponses")) {
    if (auto flow = flows.find(retry_key(digest, message, principal))) return *flow;
  }
  return {};
}

bool brings_foreign_handle(const mcp::FlowTable& flows, const redact::KeyedDigest& digest,
                           const mcp::Message& message, mcp::Category category,
                           std::string_view principal) {
  const auto foreign = [&](const std::string& key) {
    const auto owner = flows.owner(key);
    return owner && *owner != principal;
  };
  const std::string state = digest_of(digest, message.param("requestState"));
  if (!state.empty() && foreign(state_key(state))) return true;
  if (category != mcp::Category::task) return false;
  const std::string task = digest_of(digest, message.param("taskId"));
  return !task.empty() && foreign(task_key(task));
}

std::string state_use(mcp::FlowTable& flows, const redact::KeyedDigest& digest,
                      const mcp::Message& message, std::string_view call) {
  const std::string state = digest_of(digest, message.param("requestState"));
  if (state.empty()) return {};
  const mcp::FlowTable::Use use = flows.use(state_key(state));
  Members members;
  members.boolean("known", use.known);
  if (use.known) {
    members.number("times", use.times);
    if (!call.empty() && !use.call.empty()) members.boolean("same_call", use.call == call);
  }
  Members out;
  out.raw("request_state_use", members.object());
  return out.take();
}

std::string retry_key(const redact::KeyedDigest& digest, const mcp::Message& message,
                      std::string_view principal) {
  auto call = digest.stream();
  call.update(principal);
  call.update(message.method);
  for (const std::string_view name : {"name", "uri", "arguments"}) {
    call.update("\n");
    if (const auto value = message.param(name)) call.update(value->raw());
  }
  return "retry:" + call.finish();
}

std::string defer(mcp::FlowTable& flows, const redact::KeyedDigest& digest,
                  const mcp::Exchange& exchange, const mcp::Message& response, Members& members) {
  const std::string flow = exchange.flow_id.empty() ? exchange.interaction_id : exchange.flow_id;
  const Carried& carried = carried_by(exchange);
  const std::string& owner = Context::principal_key(carried.party.get());
  if (const auto task = mcp::created_task(response)) {
    const std::string task_digest = digest(*task);
    flows.link(task_key(task_digest), flow, owner);
    if (carried.category != mcp::Category::task) members.string("task", task_digest);
  }
  const std::string state_digest = digest_of(digest, response.result_member("requestState"));
  if (!state_digest.empty()) {
    flows.link(state_key(state_digest), flow, owner, carried.retry_key);
    // The request may have had one too; this is the one that the next round brings.
    members.string("next_request_state", state_digest);
  } else if (!carried.retry_key.empty()) {
    flows.link(carried.retry_key, flow);
  }
  return flow;
}

}  // namespace tally::record
