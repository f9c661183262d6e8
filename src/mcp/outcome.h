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
  cancelled,       ///< of a task that was cancelled: nobody sees an outcome
};

struct Outcome {
  OutcomeKind kind = OutcomeKind::success;
  std::string rpc_error;         ///< raw code; "null" for an error without a code; empty: no error
  std::optional<bool> is_error;  ///< result.isError, if it is there
  std::string result_type;       ///< result.resultType (2026-07-28), empty when absent
  std::string task_status;       ///< what the message says how a task ended; empty: none did
};

/// Reads a response. `method` is that of its request: of tasks/get the outcome is that of the task,
/// where it has ended.
Outcome outcome_of(const Message& response, std::string_view method);

/// What a notification says: success, but for one about a task that has ended.
Outcome outcome_of_notification(const Message& notification);

/// What is known of a task's end, wherever it was found.
struct TaskState {
  std::string_view status;       ///< of the task
  std::optional<bool> is_error;  ///< of the result that the task brings along
  std::string_view rpc_error;    ///< raw code of its error; "null" for one without; empty: none
};

/// Puts the end of a task into an outcome that is a success as far as the message goes. A task that
/// is "completed" may have failed all the same: in the tasks extension result.isError says so, in
/// 2025-11-25 its status.
void apply_task_end(Outcome& outcome, const TaskState& task);

/// Member of an object whose own members are not indexed; it stays valid as long as `document` is
/// not used again. nullopt when `object` is none or has no such member.
std::optional<json::Value> member_of(const std::optional<json::Value>& object,
                                     std::string_view name, json::Document& document);

/// The id of the task that a response created: result.task.taskId (2025-11-25) or result.taskId
/// with resultType "task" (extension); nullopt when it created none.
std::optional<std::string> created_task(const Message& response);

}  // namespace tally::mcp
