// SPDX-License-Identifier: Apache-2.0
// Who a message came from and how it arrived, where that differs from message to message: over
// HTTP. Over stdio there is one actor and one conversation for all.
#pragma once

#include "identity/identity.h"
#include "mcp/capabilities.h"
#include "mcp/version_tracker.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tally::record {

/// A header Mcp-Param-{name}.
struct StatedParam {
  std::string name, value;
};

/// What all records of one HTTP exchange share. Immutable once the request was read; open requests
/// keep it.
struct Party {
  identity::Identity who;
  std::string_view transport;  ///< static text: streamable-http, http+sse
  std::string request_id;
  std::string endpoint;  ///< api_endpoint: path and query, bearer values hashed
  std::string http_method;
  std::string http;  ///< members of details.http that the request gives
  std::string trace_id;
  // What the request's headers say about its body, empty where they say nothing.
  std::optional<std::string> stated_version, stated_method, stated_name;
  std::vector<StatedParam> stated_params;
};

/// What two sides have told each other so far: a stdio connection, an HTTP session, or one HTTP
/// exchange without a session.
struct Conversation {
  mcp::VersionTracker versions;
  mcp::Capabilities capabilities;
  std::string client_name = "client";
  std::string client_json;  ///< details.client as last stated; empty: not known
  std::string session_id;   ///< keyed digest; empty: none
  std::uint64_t scope = 0;  ///< of its JSON-RPC ids; 0: the connection
};

/// The response of the current HTTP exchange, as far as it is known.
struct Reply {
  int status = 0;    ///< 0: none yet
  std::string http;  ///< members of details.http that the response gives
  /// Of a refusal, for people: "HTTP 401: invalid_token (it has expired)". Empty: none.
  std::string error = {};
};

}  // namespace tally::record
