// SPDX-License-Identifier: Apache-2.0
// What HTTP headers say about a message against what the message says (2026-07-28, Streamable
// HTTP): whoever routes or decides by the header would see another call than the server runs.
#pragma once

#include "mcp/message.h"
#include "mcp/meta.h"
#include "mcp/version_tracker.h"
#include "record/party.h"

#include <optional>
#include <string>
#include <string_view>

namespace tally::record {

/// Adds a header_mismatch violation for each of Mcp-Method, Mcp-Name and MCP-Protocol-Version that
/// is there and differs from the request or notification `message`.
void compare_headers(const Party& party, mcp::Message& message, const mcp::Meta& meta,
                     const mcp::VersionTracker& versions);

/// Whether a protocol version has no sessions: 2026-07-28 and later.
[[nodiscard]] bool is_stateless_version(std::string_view version);

/// A header value with its sentinel decoded: =?base64?...?=. nullopt for one whose base64 is
/// broken.
[[nodiscard]] std::optional<std::string> decode_header_value(std::string_view value);

}  // namespace tally::record
