// SPDX-License-Identifier: Apache-2.0
#include "dialect/backstage_names.h"

#include "event/catalog.h"

#include <array>
#include <utility>

namespace tally::dialect {
namespace {

using event::EventType;
using Pair = std::pair<std::string_view, std::string_view>;

constexpr std::size_t kNameBytesMax = 128;  // as event::Ingest

/// Of @backstage/plugin-mcp-actions-backend 0.2.
constexpr std::array kMcpEvents{Pair{"connection", "mcp-connection"},
                                Pair{"tool-discovery", "mcp-tool-discovery"},
                                Pair{"tool-execution", "mcp-tool-execution"}};

/// By meta.actionType; others stay as they are.
constexpr std::array kActionTypes{Pair{"established", "connect"}, Pair{"closed", "disconnect"},
                                  Pair{"execution", "execute"}};

/// By the last word of the eventId.
constexpr std::array kLastWords{
    Pair{"fetch", "view"},      Pair{"read", "view"},         Pair{"facets", "view"},
    Pair{"schema", "view"},     Pair{"get", "view"},          Pair{"discovery", "list"},
    Pair{"list", "list"},       Pair{"validate", "view"},     Pair{"analyze", "view"},
    Pair{"mutate", "update"},   Pair{"write", "update"},      Pair{"update", "update"},
    Pair{"create", "create"},   Pair{"creation", "create"},   Pair{"delete", "delete"},
    Pair{"deletion", "delete"}, Pair{"execution", "execute"}, Pair{"evaluation", "evaluate"},
    Pair{"login", "login"},     Pair{"logout", "logout"},
};

constexpr std::array kTargets{
    MetaTarget{"toolName", "tool"},        MetaTarget{"entityRef", "entity"},
    MetaTarget{"locationRef", "location"}, MetaTarget{"taskId", "task"},
    MetaTarget{"templateRef", "template"}, MetaTarget{"roleEntityRef", "role"},
    MetaTarget{"uid", "entity"},           MetaTarget{"id", "object"},
};

template <std::size_t kSize>
std::string_view find(const std::array<Pair, kSize>& table, std::string_view key) {
  for (const auto& [from, to] : table) {
    if (from == key) return to;
  }
  return {};
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Only characters of names; what is cut or replaced stands in details as it came.
std::string as_name(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, kNameBytesMax)) {
    const bool fits =
        is_letter(c) || is_digit(c) || std::string_view("-_.:/").find(c) != std::string_view::npos;
    out += fits ? c : '-';
  }
  return out;
}

}  // namespace

std::string event_name_of(std::string_view plugin, std::string_view event_id) {
  if (plugin == "mcp-actions") {
    if (const auto known = find(kMcpEvents, event_id); !known.empty()) return std::string(known);
  }
  const bool names_all = plugin.empty() || event_id == plugin ||
                         (event_id.starts_with(plugin) && event_id[plugin.size()] == '-') ||
                         event::find_event(event_id) != nullptr;
  if (names_all) return as_name(event_id);
  return as_name(std::string(plugin) + '-' + std::string(event_id));
}

std::string kebab_case(std::string_view camel) {
  std::string out;
  for (std::size_t i = 0; i < camel.size(); ++i) {
    const char c = camel[i];
    const bool begins =
        is_upper(c) && i > 0 && camel[i - 1] != '-' &&
        (!is_upper(camel[i - 1]) ||
         (i + 1 < camel.size() && !is_upper(camel[i + 1]) && is_letter(camel[i + 1])));
    if (begins) out += '-';
    out += is_upper(c) ? static_cast<char>(c | 0x20) : c;
  }
  return out;
}

EventType event_type_of(std::string_view plugin, std::string_view event_id) {
  if (plugin.starts_with("mcp")) return EventType::mcp;
  if (plugin == "auth") return EventType::auth;
  // Roles and policies of RBAC that are written are an administrator's work.
  if (plugin == "permission")
    return event_id.ends_with("-write") ? EventType::admin : EventType::access;
  return EventType::api;
}

std::string event_action_of(std::string_view event_id, std::string_view action_type) {
  if (!action_type.empty()) {
    const std::string_view known = find(kActionTypes, action_type);
    return as_name(known.empty() ? action_type : known);
  }
  const std::string_view known = find(kLastWords, event_id.substr(event_id.rfind('-') + 1));
  return std::string(known.empty() ? "unknown" : known);
}

std::optional<MetaTarget> next_meta_target(std::size_t index) {
  if (index >= kTargets.size()) return std::nullopt;
  return kTargets[index];
}

}  // namespace tally::dialect
