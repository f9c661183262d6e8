// SPDX-License-Identifier: Apache-2.0
// What a message acts upon: target_type, target_id and target_name of its record.
#pragma once

#include "mcp/message.h"
#include "mcp/methods.h"
#include "record/context.h"

#include <string>
#include <vector>

namespace tally::record {

struct Target {
  std::string type;
  std::string id;  ///< server/name
  std::string name;
};

/// Target of a request or notification. For s2c the client; for c2s what is called, read or got,
/// else the server. Bearer-like parts of URIs are hashed; findings are added with the path
/// target_name.
Target target_of(const Context& context, const mcp::Message& message, mcp::Category category,
                 mcp::Direction direction, std::vector<event::Redaction>& redactions);

/// The tool that a tools/call names; empty for other messages and for a call without a name.
std::string called_tool(const mcp::Message& message);

/// The server itself.
Target server_target(const Context& context);
Target client_target(const Context& context);

void set_target(event::Event& event, Target target);

}  // namespace tally::record
