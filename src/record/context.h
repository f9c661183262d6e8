// SPDX-License-Identifier: Apache-2.0
// What every record of one connection has in common: who, which server, which version, and ids.
#pragma once

#include "base/random.h"
#include "event/catalog.h"
#include "event/event.h"
#include "mcp/meta.h"
#include "mcp/types.h"
#include "mcp/version_tracker.h"
#include "record/members.h"
#include "record/recorder.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::record {

event::Direction to_event(mcp::Direction direction);

/// Facts about one message that stand at the start of its `details`.
struct Heading {
  mcp::Direction direction = mcp::Direction::c2s;
  std::string_view method;  ///< empty: none
  std::string_view id;      ///< raw text; empty: none
  std::string_view version;
  std::string_view client;  ///< JSON object; empty: not known
};

/// State of one connection that records are made from. Not thread-safe.
class Context {
 public:
  Context(RecorderOptions options, UuidSource& uuids, const redact::KeyedDigest& digest);

  [[nodiscard]] const RecorderOptions& options() const { return options_; }
  [[nodiscard]] const redact::KeyedDigest& digest() const { return digest_; }
  [[nodiscard]] std::string new_id(mcp::Moment when) { return uuids_.next(when.wall); }
  mcp::VersionTracker versions;

  /// Names as the sides state them. The server's name in targets: --name, serverInfo, the command.
  void set_client(const mcp::Implementation& client);
  void set_server(const mcp::Implementation& server);
  [[nodiscard]] const std::string& server_name() const { return server_name_; }
  [[nodiscard]] const std::string& client_name() const { return client_name_; }
  /// details.client as last stated; empty: not known.
  [[nodiscard]] const std::string& client_json() const { return client_json_; }

  /// An event of this entry with id, time, instance, source, and `result` with what follows from
  /// it: severity is the entry's on success.
  event::Event event(const event::CatalogEntry& entry, event::EventResult result, mcp::Moment when);
  /// The actor of a message: the user for c2s; the server on the user's behalf for s2c. `stateless`
  /// leaves out the session.
  void set_actor(event::Event& event, mcp::Direction direction, bool stateless) const;
  /// For events of our own doing (processes): the user, with the session.
  void set_own_actor(event::Event& event) const;
  /// Members transport, direction, method, jsonrpc_id, protocol_version, server, client.
  void write_heading(Members& members, const Heading& heading) const;

 private:
  RecorderOptions options_;
  UuidSource& uuids_;
  const redact::KeyedDigest& digest_;
  std::string server_name_;
  std::string server_json_;
  std::string client_name_ = "client";
  std::string client_json_;
};

/// An entry of the catalogue that must be there.
const event::CatalogEntry& catalog_entry(std::string_view name);

/// Ends an event: details from members, redactions cut to what one record lists, all of it cut to
/// what an entry of the log may hold. Everything else must be set before.
void finish(event::Event& event, const Members& members, std::vector<event::Redaction> redactions);

/// What stands for an interaction that has no other outcome than a reason: {"reason":...}.
std::string outcome_reason(std::string_view reason);

}  // namespace tally::record
