// SPDX-License-Identifier: Apache-2.0
// What a server asks a user for: a form must not ask for secrets, and an address that the user is
// sent to must be one (MCP, client/elicitation).
#pragma once

#include "mcp/message.h"

#include <optional>

namespace tally::record {

/// Adds violations to `message`, which asks with these params: secret_requested for each field of a
/// form whose name is that of a secret, unsafe_url for the address of an elicitation by URL.
/// `message` may be the request itself, or a result that asks back (2026-07-28).
void check_elicitation(mcp::Message& message, const std::optional<json::Value>& params);

}  // namespace tally::record
