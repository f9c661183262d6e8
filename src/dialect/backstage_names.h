// SPDX-License-Identifier: Apache-2.0
// What names of Backstage are called here.
#pragma once

#include "event/event.h"

#include <optional>
#include <string>
#include <string_view>

namespace tally::dialect {

/// The event name for an event of a plugin: of the catalogue for the MCP plugin
/// (mcp-actions/tool-execution is mcp-tool-execution) and for names that it has, else
/// "PLUGIN-EVENTID". Only characters that event names may have.
[[nodiscard]] std::string event_name_of(std::string_view plugin, std::string_view event_id);

/// CatalogEntityFetch to catalog-entity-fetch (Janus).
[[nodiscard]] std::string kebab_case(std::string_view camel);

/// For events that the catalogue does not have.
[[nodiscard]] event::EventType event_type_of(std::string_view plugin, std::string_view event_id);

/// `action_type`: meta.actionType, empty if there is none. "unknown" when nothing tells.
[[nodiscard]] std::string event_action_of(std::string_view event_id, std::string_view action_type);

/// Which member of `meta` names what an event is about, the most telling first.
struct MetaTarget {
  std::string_view member;
  std::string_view target_type;
};
[[nodiscard]] std::optional<MetaTarget> next_meta_target(std::size_t index);

}  // namespace tally::dialect
