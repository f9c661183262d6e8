// SPDX-License-Identifier: Apache-2.0
// What each side declared that it can do, and which message needs which of it: "only use
// capabilities that were successfully negotiated" (MCP, lifecycle, every version).
#pragma once

#include "mcp/methods.h"
#include "mcp/types.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace tally::mcp {

/// Bits of a set. First what servers declare, from `sampling` on what clients do.
enum class Capability : std::uint8_t {
  none,
  tools,
  tools_list_changed,
  resources,
  resources_subscribe,
  resources_list_changed,
  prompts,
  prompts_list_changed,
  completions,
  logging,
  server_tasks,
  server_tasks_list,
  server_tasks_cancel,
  server_tasks_tools_call,
  sampling,  ///< the first of a client
  sampling_tools,
  elicitation_form,
  elicitation_url,
  roots,
  roots_list_changed,
  client_tasks,
  client_tasks_list,
  client_tasks_cancel,
  client_tasks_sampling,
  client_tasks_elicitation,
  client_tasks_extension,  ///< io.modelcontextprotocol/tasks
};

/// "server tools.listChanged", "client sampling": who should have declared what. Static.
std::string_view capability_name(Capability capability);
/// Whether it is for the client to declare.
constexpr bool is_of_client(Capability capability) { return capability >= Capability::sampling; }

/// What one side declared; nothing is known of a side whose declaration was not seen.
class Declared {
 public:
  Declared() = default;
  /// `capabilities`: the JSON object of a server (initialize result) or a client (initialize
  /// params, _meta of 2026-07-28). What is no object declares nothing.
  static Declared by_server(std::string_view capabilities);
  static Declared by_client(std::string_view capabilities);

  [[nodiscard]] bool known() const { return known_; }
  [[nodiscard]] bool has(Capability capability) const { return (bits_ & bit(capability)) != 0; }

 private:
  static constexpr std::uint32_t bit(Capability capability) {
    return 1U << static_cast<unsigned>(capability);
  }
  struct Row;
  static Declared read(std::string_view capabilities, std::span<const Row> rows);
  std::uint32_t bits_ = 0;
  bool known_ = false;
};

/// What a message of this method needs, apart from its params: of the side that receives a request,
/// of the side that sends a notification. none: nothing, or nothing in this version. In 2026-07-28
/// nothing: there is no handshake, and what a server asks stands in its results.
Capability needed_capability(std::string_view method, Category category, Direction direction,
                             Version version);
/// What a request needs besides when it asks for a task (params.task, 2025-11-25).
Capability needed_for_task(Category category, Direction direction, Version version);

/// How a use stands to what was declared.
enum class CapabilityUse : std::uint8_t { none_needed, declared, undeclared, not_known };

/// Both sides of one conversation. Not thread-safe.
class Capabilities {
 public:
  /// The client offers its own in initialize; they count once the server has answered.
  void offered(Declared client) { offered_ = client; }
  void answered(Declared server) {
    client_ = offered_;
    server_ = server;
    reported_ = 0;
  }
  [[nodiscard]] bool known() const { return server_.known() || client_.known(); }
  [[nodiscard]] CapabilityUse use(Capability capability) const;
  /// True the first time it is asked for this capability: one report of it is enough.
  bool first_report(Capability capability);

 private:
  Declared offered_, client_, server_;
  std::uint32_t reported_ = 0;
};

}  // namespace tally::mcp
