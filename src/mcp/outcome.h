// SPDX-License-Identifier: Apache-2.0
// What a response says came of its request: the protocol layer and the tool layer, both kept.
#pragma once

#include "mcp/message.h"

#include <cstdint>
#include <optional>
#include <string>

namespace tally::mcp {

enum class OutcomeKind : std::uint8_t {
  success,
  failure,         ///< isError, or a JSON-RPC error other than -32603
  error,           ///< JSON-RPC -32603
  task_created,    ///< the outcome comes later, under a task id
  input_required,  ///< the outcome comes after a retry that brings what is asked for
};

struct Outcome {
  OutcomeKind kind = OutcomeKind::success;
  std::string rpc_error;         ///< raw code; "null" for an error without a code; empty: no error
  std::optional<bool> is_error;  ///< result.isError, if it is there
  std::string result_type;       ///< result.resultType (2026-07-28), empty when absent
};

/// Reads a response. `method` is that of its request.
Outcome outcome_of(const Message& response, std::string_view method);

/// The id of the task that a response created: result.task.taskId (2025-11-25) or result.taskId
/// with resultType "task" (extension); nullopt when it created none.
std::optional<std::string> created_task(const Message& response);

}  // namespace tally::mcp
