// SPDX-License-Identifier: Apache-2.0
// What messages say about themselves in _meta and in the handshake: versions, names, trace,
// correlation.
#pragma once

#include "mcp/message.h"

#include <optional>
#include <string>
#include <string_view>

namespace tally::mcp {

/// Name and version as a side states them: never to be relied upon.
struct Implementation {
  std::string name;
  std::string version;
  friend bool operator==(const Implementation&, const Implementation&) = default;
};

/// The members of _meta that an audit needs.
struct Meta {
  std::optional<std::string> protocol_version;  ///< io.modelcontextprotocol/protocolVersion
  std::optional<Implementation> client;         ///< .../clientInfo
  std::optional<Implementation> server;         ///< .../serverInfo
  std::string_view client_capabilities;         ///< .../clientCapabilities, raw text of the message
  std::string subscription_id;                  ///< .../subscriptionId, raw text
  std::string related_task;                     ///< .../related-task.taskId
  std::string progress_token;                   ///< raw text
  std::string trace_id;  ///< from traceparent, 32 hex digits; empty if not W3C
};

/// Reads _meta of params, or of result. `scratch` is overwritten.
Meta read_meta(const Message& message, json::Document& scratch);

/// {"name":…,"version":…} as in clientInfo and serverInfo; texts are cut at 256 bytes. nullopt when
/// it is no object with a name.
std::optional<Implementation> read_implementation(json::Value value, json::Document& scratch);

/// The trace id of a W3C traceparent, "" when it is not one (all zeros included).
std::string trace_id_of(std::string_view traceparent);

}  // namespace tally::mcp
