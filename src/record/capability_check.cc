// SPDX-License-Identifier: Apache-2.0
#include "record/capability_check.h"

#include "record/elicitation_check.h"

#include <array>

namespace tally::record {
namespace {

using mcp::Capability;
using mcp::CapabilityUse;

/// Of inputRequests: the requests, their params, and what stands in these.
constexpr std::size_t kInputRequestsDepth = 3;

/// Requests of the server that reach the user or their model: each says how it stands.
bool is_for_the_user(mcp::Category category, const mcp::Message& message) {
  return message.shape == mcp::Shape::request &&
         (category == mcp::Category::sampling || category == mcp::Category::elicitation ||
          message.method == "roots/list");
}

/// What it needs by its method and by its params.
std::array<Capability, 3> needs(mcp::Direction direction, const mcp::Message& message,
                                mcp::Category category, mcp::Version version) {
  std::array<Capability, 3> out{};
  out[0] = mcp::needed_capability(message.method, category, direction, version);
  if (version != mcp::Version::v2025_11_25) return out;
  if (out[0] == Capability::elicitation_form) {
    const auto mode = message.param("mode");
    if (mode && mode->text_is("url")) out[0] = Capability::elicitation_url;
  }
  if (out[0] == Capability::sampling && message.param("tools")) out[1] = Capability::sampling_tools;
  const Capability task = mcp::needed_for_task(category, direction, version);
  if (task != Capability::none && message.param("task")) out[2] = task;
  return out;
}

void add_undeclared(mcp::Message& message, Capability capability) {
  mcp::add_violation(message.violations, mcp::ViolationKind::undeclared_capability,
                     mcp::capability_name(capability));
}

/// The capability that a request inside of a result needs (2026-07-28, inputRequests).
Capability needed_inside(const json::Value& input_request) {
  const auto method = input_request.find("method");
  if (!method) return Capability::none;
  if (method->text_is("sampling/createMessage")) {
    const auto tools = input_request.find_path({"params", "tools"});
    return tools ? Capability::sampling_tools : Capability::sampling;
  }
  if (method->text_is("roots/list")) return Capability::roots;
  if (!method->text_is("elicitation/create")) return Capability::none;
  const auto mode = input_request.find_path({"params", "mode"});
  return mode && mode->text_is("url") ? Capability::elicitation_url : Capability::elicitation_form;
}

}  // namespace

void note_offer(Context& context, mcp::Direction direction, mcp::Message& message, bool batched) {
  if (batched) {
    mcp::add_violation(message.violations, mcp::ViolationKind::initialize_in_batch, {});
  }
  if (direction != mcp::Direction::c2s) return;
  const auto capabilities = message.param("capabilities");
  context.capabilities().offered(capabilities ? mcp::Declared::by_client(capabilities->raw())
                                              : mcp::Declared());
}

std::string_view check_capability(const Context& context, mcp::Direction direction,
                                  mcp::Message& message, mcp::Category category,
                                  const mcp::MessageVersion& version) {
  mcp::Capabilities& capabilities = context.capabilities();
  const bool tells = direction == mcp::Direction::s2c && is_for_the_user(category, message);
  if (version.stateless || (!tells && !capabilities.known())) return {};
  CapabilityUse worst = CapabilityUse::none_needed;
  for (const Capability capability : needs(direction, message, category, version.version)) {
    const CapabilityUse use = capabilities.use(capability);
    if (use == CapabilityUse::none_needed) continue;
    if (use == CapabilityUse::undeclared) {
      if (capabilities.first_report(capability)) add_undeclared(message, capability);
      worst = use;
    } else if (worst != CapabilityUse::undeclared) {
      worst = use;
    }
  }
  if (worst == CapabilityUse::undeclared) return "undeclared";
  if (!tells) return {};
  return worst == CapabilityUse::declared ? "declared" : "not_known";
}

void check_deferred(mcp::Message& message, mcp::OutcomeKind kind, const Carried& request) {
  const bool stated = !request.client_capabilities.empty();
  const mcp::Declared client =
      stated ? mcp::Declared::by_client(request.client_capabilities) : mcp::Declared();
  if (kind == mcp::OutcomeKind::task_created) {
    if (stated && !client.has(Capability::client_tasks_extension)) {
      add_undeclared(message, Capability::client_tasks_extension);
    }
    return;
  }
  const auto requests = message.result_member("inputRequests");
  if (!requests || !requests->is(json::Kind::object)) return;
  json::Document document;
  const auto indexed = mcp::expand(*requests, document, kInputRequestsDepth);
  if (!indexed) return;
  for (const json::Value child : indexed->children()) {
    const Capability needed = needed_inside(child);
    if (stated && needed != Capability::none && !client.has(needed)) {
      add_undeclared(message, needed);
    }
    const auto method = child.find("method");
    if (method && method->text_is("elicitation/create")) {
      check_elicitation(message, child.find("params"));
    }
  }
}

void add_lead(Carried& carried, std::string_view name, std::string_view text) {
  Members lead(std::move(carried.lead));
  lead.string(name, text);
  carried.lead = lead.take();
}

}  // namespace tally::record
