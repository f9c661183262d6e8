// SPDX-License-Identifier: Apache-2.0
// The answer to a message that was not passed on.
#pragma once

#include "mcp/message.h"

#include <string>

namespace tally::record {

/// One line with its LF: a JSON-RPC error -32603 "Internal error" for each request (an array for a
/// batch), empty when nothing in the frame expects an answer. Says nothing of the reason (contract
/// 3).
std::string refusal_for(const mcp::Parsed& parsed);

/// The same for a line that is no message: id null, as JSON-RPC 2.0 wants it.
std::string refusal_without_id();

}  // namespace tally::record
