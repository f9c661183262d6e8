// SPDX-License-Identifier: Apache-2.0
// Records of what passes an HTTP proxy in front of one upstream: MCP messages as over stdio, with
// what HTTP adds in details.http, and one event for each exchange that carries none. No I/O.
#pragma once

#include "base/random.h"
#include "event/event.h"
#include "http/head.h"
#include "identity/identity.h"
#include "mcp/exchange_table.h"
#include "mcp/types.h"
#include "policy/policy.h"
#include "record/earlier_definitions.h"
#include "record/gap.h"
#include "record/http_facts.h"
#include "redact/keyed_digest.h"
#include "rest/path_table.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::record {

class CredentialTable;
class ToolNames;
class HttpExchange;

struct HttpRecorderOptions {
  std::string instance;  ///< of the recording process, one UUID per start
  std::string source = "proxy";
  std::string server_name;    ///< NAME of --proxy NAME@…; empty: serverInfo, else `upstream_host`
  std::string upstream_host;  ///< host or host:port of the upstream's URL
  std::string public_host;    ///< host[:port] of --public-url; empty: what Host says
  policy::Policy policy;
  /// Paths of MCP endpoints; what stands below one belongs to it. * is any run of characters.
  std::vector<std::string> mcp_paths{"/mcp", "/sse", "/messages", "/message"};
  /// Audited paths; the most specific row counts, the earlier one of two that are the same. Any
  /// other path is recorded at level metadata. Patterns must be valid.
  std::vector<rest::PathRule> paths;
  bool forward_oversize = false;  ///< `oversize: forward`: by digest instead of 413
  mcp::ExchangeLimits limits;
  std::size_t sessions_max = kHttpSessionsMax;
  bool looks_back = false;  ///< take_lookup() is asked for
  /// Which credential was seen at which server, shared by the recorders of all upstreams; may be
  /// null. Must outlive the recorder.
  CredentialTable* credentials = nullptr;
  /// The same of names of tools; null: there is one upstream.
  ToolNames* tool_names = nullptr;
};

/// One per upstream. Deterministic: time comes with each call, ids from `uuids`. Not thread-safe:
/// it and its exchanges are used by one thread at a time, whichever that is. No call waits. All
/// events that calls return are to be written in the order of the calls; nobody waits for them
/// unless a Verdict says so.
class HttpRecorder {
 public:
  /// `uuids` and `digest` must outlive it.
  HttpRecorder(HttpRecorderOptions options, identity::Identifier identifier, UuidSource& uuids,
               const redact::KeyedDigest& digest);
  ~HttpRecorder();
  HttpRecorder(const HttpRecorder&) = delete;
  HttpRecorder& operator=(const HttpRecorder&) = delete;

  /// The head of a request was read, as it came (before the proxy changes anything); `peer` is the
  /// client's address without port; `has_body` = its framing announces one. The exchange must not
  /// outlive the recorder. Drive it as http_exchange.h says.
  [[nodiscard]] std::unique_ptr<HttpExchange> begin(const http::RequestHead& head, bool has_body,
                                                    const identity::Peer& peer, mcp::Moment seen);
  /// Something that is no acceptable HTTP request was refused (or cut off) before there was an
  /// exchange.
  [[nodiscard]] Events on_refused(const RefusedRequest& refused, const identity::Peer& peer,
                                  mcp::Moment when);

  /// Decisions from now on are by this policy. What was decided stays.
  void use_policy(const policy::Policy& policy);
  /// Requests from now on are sent by whom this says; what was recognised stays. Who uses a session
  /// is noted anew, because the same one may have another name now.
  void use_identifier(identity::Identifier identifier);
  /// What requests from now on are: the table of audited paths, and the paths of MCP endpoints
  /// (HttpRecorderOptions). Exchanges that have begun keep what they found.
  void use_paths(std::shared_ptr<const rest::PathTable> paths,
                 const std::vector<std::string>& mcp_paths);
  /// For exchanges from now on: `public_host` and `forward_oversize` of the options.
  void use_terms(std::string public_host, bool forward_oversize);
  /// As Recorder's: to be asked for now and then until there is none. One for each principal, those
  /// whose identity was checked first.
  [[nodiscard]] std::optional<DefinitionLookup> take_lookup(bool verified_only = false);
  /// A lookup came to no end: it is asked for again after the next list of that principal.
  void on_lookup_given_up(const DefinitionLookup& lookup);
  [[nodiscard]] Events on_earlier_definitions(const DefinitionLookup& lookup,
                                              const EarlierDefinitions& earlier, mcp::Moment when);
  /// Closes what is too old. To be called every few seconds.
  [[nodiscard]] Events on_tick(mcp::Moment now);
  /// The proxy stops: whatever is still open is closed as unknown. After the last exchange ended.
  [[nodiscard]] Events on_stop(mcp::Moment now);
  /// The record of what is missing. Empties the gap.
  [[nodiscard]] event::Event gap_event(Gap& gap, mcp::Moment now);

  /// For digests of bytes that only its owner sees. As long as it lives.
  [[nodiscard]] const redact::KeyedDigest& digest() const;
  /// JSON-RPC requests without an outcome, and sessions remembered.
  [[nodiscard]] std::size_t open_requests() const;
  [[nodiscard]] std::size_t sessions() const;

  class Impl;  // shared with HttpExchange

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace tally::record
