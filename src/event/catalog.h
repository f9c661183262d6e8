// SPDX-License-Identifier: Apache-2.0
// The catalogue of event names: the one table from which mapping, defaults and documentation are
// made.
#pragma once

#include "event/event.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tally::event {

/// Who sent the JSON-RPC message. Written to details.direction as c2s, s2c.
enum class Direction : std::uint8_t { client_to_server, server_to_client };
std::string_view to_text(Direction value);

enum class MessageKind : std::uint8_t { request, notification };

/// MCP versions in which a method exists, as a set of bits.
enum McpVersions : std::uint8_t {
  kMcp20241105 = 1,
  kMcp20250326 = 2,
  kMcp20250618 = 4,
  kMcp20251125 = 8,
  kMcp20260728 = 16,
  kTasksExtension = 32,  ///< io.modelcontextprotocol/tasks beside 2026-07-28
};

/// One method or notification that gives an event; one whose senders differ between versions has
/// two.
struct CatalogMethod {
  std::string_view method;
  MessageKind kind;
  bool client_to_server;
  bool server_to_client;
  std::uint8_t versions;  ///< bits of McpVersions
};

/// One event name.
struct CatalogEntry {
  std::string_view name;
  EventType type;
  std::string_view action;
  SeverityLevel level;
  Severity severity_on_success;  ///< info for calls, reads, prompts, sampling, elicitation, auth;
                                 ///< else debug
  std::string_view target_type;  ///< empty: none
  std::string_view description;  ///< one sentence
  std::span<const CatalogMethod> methods;
  std::span<const std::string_view> details;  ///< members of `details` beside the common ones
};

/// The whole table, in the order of documentation. Static storage.
std::span<const CatalogEntry> catalog();

/// Members of `details` that any MCP event may carry beside those of its entry.
std::span<const std::string_view> common_details();

/// nullptr when there is no such name.
const CatalogEntry* find_event(std::string_view name);

/// Entry for an MCP method as sent in this direction; never null: mcp-unknown-method for one that
/// the table does not have (in this direction). Requests and notifications have distinct method
/// names in MCP.
const CatalogEntry& event_for_method(std::string_view method, Direction direction);

/// Sets name, type, action and severity_level of an event.
void apply(const CatalogEntry& entry, Event& event);

/// The page docs/events.md.
std::string catalog_markdown();
/// {"events":[{name,type,action,severity_level,...}],"common_details":[...]} for programs, with a
/// final newline.
std::string catalog_json();

}  // namespace tally::event
