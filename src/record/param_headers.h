// SPDX-License-Identifier: Apache-2.0
// Arguments of a call that HTTP headers repeat (2026-07-28, SEP-2243): a definition says by
// x-mcp-header in its inputSchema that Mcp-Param-{that} carries the value of a property.
#pragma once

#include "base/json.h"
#include "http/fields.h"
#include "mcp/message.h"
#include "mcp/tool_table.h"
#include "record/party.h"

#include <span>
#include <vector>

namespace tally::record {

/// What a definition declares: through `properties` alone, at any depth that is indexed, of types
/// that may be declared. The first kParamHeadersMax.
[[nodiscard]] std::vector<mcp::ParamHeader> declared_headers(json::Value tool);

/// The lines of a request that begin with Mcp-Param-, the first kParamHeadersMax.
[[nodiscard]] std::vector<StatedParam> stated_params(const http::FieldList& fields);

/// Adds a header_mismatch violation for each declared argument that the tools/call `message` brings
/// and that its header does not repeat: because there is none, or two, or it says something else. A
/// header for an argument that is not there or null counts for nothing, as for servers.
void compare_param_headers(const Party& party, mcp::Message& message,
                           std::span<const mcp::ParamHeader> declared);

}  // namespace tally::record
