// SPDX-License-Identifier: Apache-2.0
// What of a result or error goes into `details`, by what was asked.
#pragma once

#include "mcp/message.h"
#include "mcp/methods.h"
#include "mcp/outcome.h"
#include "record/payload.h"

#include <optional>
#include <string>

namespace tally::record {

/// What came of a task, where its state brings that along (tasks/get and notifications/tasks of the
/// extension): details.task_outcome {is_error, rpc_error}. A task whose status is completed may
/// still have failed.
void capture_task_outcome(Capture capture, const std::optional<json::Value>& result,
                          const std::optional<json::Value>& error);

/// Adds the members for a response to a request of `category` sent in `direction`; lists of tools
/// are tool_definitions.h's. Returns the readable part of the result.
std::string capture_response(Capture capture, const mcp::Message& response,
                             const mcp::Outcome& outcome, mcp::Category category,
                             mcp::Direction direction);

}  // namespace tally::record
