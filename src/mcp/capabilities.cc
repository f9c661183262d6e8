// SPDX-License-Identifier: Apache-2.0
#include "mcp/capabilities.h"

#include "base/check.h"
#include "base/json.h"

#include <array>
#include <utility>

namespace tally::mcp {
namespace {

using C = Capability;

/// tasks.requests.tools.call is the deepest that is looked at.
constexpr std::size_t kDepthLookedAt = 5;

/// 2025-03-26 has completions, 2025-06-18 elicitation, 2025-11-25 tasks and elicitation by URL.
bool at_least(Version version, Version first) {
  return version != Version::unknown && version >= first && version < Version::v2026_07_28;
}

bool is_handshake_version(Version version) { return at_least(version, Version::v2024_11_05); }

C list_of(std::string_view method, Direction direction, Version version) {
  if (method == "tools/list") return C::tools;
  if (method == "prompts/list") return C::prompts;
  if (method == "roots/list") return C::roots;
  if (method == "resources/list" || method == "resources/templates/list") return C::resources;
  if (method != "tasks/list" || version != Version::v2025_11_25) return C::none;
  return direction == Direction::c2s ? C::server_tasks_list : C::client_tasks_list;
}

C change_of(std::string_view method) {
  if (method == "notifications/tools/list_changed") return C::tools_list_changed;
  if (method == "notifications/prompts/list_changed") return C::prompts_list_changed;
  if (method == "notifications/resources/list_changed") return C::resources_list_changed;
  if (method == "notifications/resources/updated") return C::resources_subscribe;
  if (method == "notifications/roots/list_changed") return C::roots_list_changed;
  return C::none;
}

C task_of(std::string_view method, Direction direction, Version version) {
  if (version != Version::v2025_11_25 || method.starts_with("notifications/")) return C::none;
  const bool c2s = direction == Direction::c2s;
  if (method == "tasks/cancel") return c2s ? C::server_tasks_cancel : C::client_tasks_cancel;
  return c2s ? C::server_tasks : C::client_tasks;
}

/// The side of which the method would be used.
bool fits_direction(C capability, std::string_view method, Direction direction) {
  const bool to_client = direction == Direction::s2c;
  const bool notification = method.starts_with("notifications/");
  return is_of_client(capability) == (to_client != notification);
}

}  // namespace

struct Declared::Row {
  std::string_view path;  // member names with dots between
  Capability capability;
  bool flag = false;  // it has to be true; else to be there as an object
};

std::string_view capability_name(Capability capability) {
  switch (capability) {
    case C::none: return "none";
    case C::tools: return "server tools";
    case C::tools_list_changed: return "server tools.listChanged";
    case C::resources: return "server resources";
    case C::resources_subscribe: return "server resources.subscribe";
    case C::resources_list_changed: return "server resources.listChanged";
    case C::prompts: return "server prompts";
    case C::prompts_list_changed: return "server prompts.listChanged";
    case C::completions: return "server completions";
    case C::logging: return "server logging";
    case C::server_tasks: return "server tasks";
    case C::server_tasks_list: return "server tasks.list";
    case C::server_tasks_cancel: return "server tasks.cancel";
    case C::server_tasks_tools_call: return "server tasks.requests.tools.call";
    case C::sampling: return "client sampling";
    case C::sampling_tools: return "client sampling.tools";
    case C::elicitation_form: return "client elicitation";
    case C::elicitation_url: return "client elicitation.url";
    case C::roots: return "client roots";
    case C::roots_list_changed: return "client roots.listChanged";
    case C::client_tasks: return "client tasks";
    case C::client_tasks_list: return "client tasks.list";
    case C::client_tasks_cancel: return "client tasks.cancel";
    case C::client_tasks_sampling: return "client tasks.requests.sampling.createMessage";
    case C::client_tasks_elicitation: return "client tasks.requests.elicitation.create";
    case C::client_tasks_extension: return "client extensions io.modelcontextprotocol/tasks";
  }
  TALLY_CHECK(false && "Capability out of range");
  return {};
}

Declared Declared::read(std::string_view capabilities, std::span<const Row> rows) {
  Declared out;
  out.known_ = true;
  json::Document document;
  const auto root = document.parse(capabilities, {.depth_indexed = kDepthLookedAt});
  if (!root || !root->is(json::Kind::object)) return out;
  for (const Row& row : rows) {
    std::optional<json::Value> here = *root;
    for (std::string_view path = row.path; here && !path.empty();) {
      const std::size_t dot = path.find('.');
      here = here->find(path.substr(0, dot));
      path = dot == path.npos ? std::string_view() : path.substr(dot + 1);
    }
    const bool there = here && (row.flag ? here->is_true() : here->is(json::Kind::object));
    if (there) out.bits_ |= bit(row.capability);
  }
  return out;
}

Declared Declared::by_server(std::string_view capabilities) {
  static constexpr Row kRows[] = {
      {"tools", C::tools},
      {"tools.listChanged", C::tools_list_changed, true},
      {"resources", C::resources},
      {"resources.subscribe", C::resources_subscribe, true},
      {"resources.listChanged", C::resources_list_changed, true},
      {"prompts", C::prompts},
      {"prompts.listChanged", C::prompts_list_changed, true},
      {"completions", C::completions},
      {"logging", C::logging},
      {"tasks", C::server_tasks},
      {"tasks.list", C::server_tasks_list},
      {"tasks.cancel", C::server_tasks_cancel},
      {"tasks.requests.tools.call", C::server_tasks_tools_call},
  };
  return read(capabilities, kRows);
}

Declared Declared::by_client(std::string_view capabilities) {
  static constexpr Row kRows[] = {
      {"sampling", C::sampling},
      {"sampling.tools", C::sampling_tools},
      {"elicitation", C::elicitation_form},
      {"elicitation.url", C::elicitation_url},
      {"roots", C::roots},
      {"roots.listChanged", C::roots_list_changed, true},
      {"tasks", C::client_tasks},
      {"tasks.list", C::client_tasks_list},
      {"tasks.cancel", C::client_tasks_cancel},
      {"tasks.requests.sampling.createMessage", C::client_tasks_sampling},
      {"tasks.requests.elicitation.create", C::client_tasks_elicitation},
  };
  Declared out = read(capabilities, kRows);
  json::Document document;
  const auto root = document.parse(capabilities, {.depth_indexed = kDepthLookedAt});
  if (!root) return out;
  const auto extension = root->find_path({"extensions", "io.modelcontextprotocol/tasks"});
  if (extension) out.bits_ |= bit(C::client_tasks_extension);
  // {"url":{}} alone is no form; {} is (2025-11-25, client/elicitation).
  const auto elicitation = root->find("elicitation");
  const bool only_url = elicitation && elicitation->find("url") && !elicitation->find("form");
  if (only_url) out.bits_ &= ~bit(C::elicitation_form);
  return out;
}

Capability needed_capability(std::string_view method, Category category, Direction direction,
                             Version version) {
  if (!is_handshake_version(version)) return C::none;
  C needed = C::none;
  switch (category) {
    case Category::list: needed = list_of(method, direction, version); break;
    case Category::call: needed = C::tools; break;
    case Category::read: needed = C::resources; break;
    case Category::prompt: needed = C::prompts; break;
    case Category::completion:
      needed = at_least(version, Version::v2025_03_26) ? C::completions : C::none;
      break;
    case Category::subscription:
      needed = method.starts_with("resources/") ? C::resources_subscribe : C::none;
      break;
    case Category::logging: needed = C::logging; break;
    case Category::sampling: needed = C::sampling; break;
    case Category::elicitation:
      needed = method == "elicitation/create" && at_least(version, Version::v2025_06_18)
                   ? C::elicitation_form
                   : C::none;
      break;
    case Category::task: needed = task_of(method, direction, version); break;
    case Category::change: needed = change_of(method); break;
    case Category::lifecycle:
    case Category::ping:
    case Category::progress:
    case Category::cancellation:
    case Category::unknown: break;
  }
  return needed != C::none && fits_direction(needed, method, direction) ? needed : C::none;
}

Capability needed_for_task(Category category, Direction direction, Version version) {
  if (version != Version::v2025_11_25) return C::none;
  const bool c2s = direction == Direction::c2s;
  if (category == Category::call && c2s) return C::server_tasks_tools_call;
  if (category == Category::sampling && !c2s) return C::client_tasks_sampling;
  if (category == Category::elicitation && !c2s) return C::client_tasks_elicitation;
  return C::none;
}

CapabilityUse Capabilities::use(Capability capability) const {
  if (capability == C::none) return CapabilityUse::none_needed;
  const Declared& side = is_of_client(capability) ? client_ : server_;
  if (!side.known()) return CapabilityUse::not_known;
  return side.has(capability) ? CapabilityUse::declared : CapabilityUse::undeclared;
}

bool Capabilities::first_report(Capability capability) {
  const std::uint32_t mark = 1U << static_cast<unsigned>(capability);
  return (std::exchange(reported_, reported_ | mark) & mark) == 0;
}

}  // namespace tally::mcp
