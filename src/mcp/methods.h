// SPDX-License-Identifier: Apache-2.0
// Every method and notification of every MCP version: who may send it, when it exists, what it is
// about.
#pragma once

#include "mcp/types.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace tally::mcp {

enum class MethodKind : std::uint8_t { request, notification };

/// What an interaction is about; decides how its payload is read.
enum class Category : std::uint8_t {
  lifecycle,  ///< initialize, initialized, server/discover
  ping,
  list,    ///< tools, resources, templates, prompts, roots, tasks
  call,    ///< tools/call
  read,    ///< resources/read
  prompt,  ///< prompts/get
  completion,
  subscription,
  logging,
  progress,
  cancellation,
  sampling,
  elicitation,
  task,     ///< one task by its id
  change,   ///< "something changed" notifications
  unknown,  ///< not in the table
};

struct Method {
  std::string_view name;
  MethodKind kind;
  Category category;
  VersionSet c2s;               ///< versions in which the client may send it
  VersionSet s2c;               ///< versions in which the server may send it
  bool task_extension = false;  ///< in 2026-07-28 only with io.modelcontextprotocol/tasks

  [[nodiscard]] VersionSet versions(Direction direction) const {
    return direction == Direction::c2s ? c2s : s2c;
  }
};

/// The whole table. Static storage.
std::span<const Method> methods();
/// nullptr for a method that no version has.
const Method* find_method(std::string_view name);
Category category_of(std::string_view method);

/// How a message stands to the table. `version` unknown allows every version.
/// `variant`: not in the table, but equal to one that is when case is ignored.
enum class MethodFit : std::uint8_t {
  fits,
  unknown_method,
  variant,
  wrong_direction,
  not_in_version,
  wrong_kind
};
MethodFit method_fit(std::string_view method, MethodKind kind, Direction direction,
                     Version version);

/// Whether JSON-RPC batches exist (2025-03-26 only; unknown is given the benefit of the doubt).
bool allows_batches(Version version);

}  // namespace tally::mcp
