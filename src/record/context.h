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
#include "record/party.h"
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
  std::string_view client;          ///< JSON object; empty: not known
  std::string_view transport = {};  ///< empty: that of the current message
};

/// State of one connection that records are made from. Not thread-safe.
class Context {
 public:
  Context(RecorderOptions options, UuidSource& uuids, const redact::KeyedDigest& digest);
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  [[nodiscard]] const RecorderOptions& options() const { return options_; }
  void use_policy(const policy::Policy& policy) { options_.policy = policy; }
  [[nodiscard]] const redact::KeyedDigest& digest() const { return digest_; }
  [[nodiscard]] std::string new_id(mcp::Moment when) { return uuids_.next(when.wall); }

  /// From now on messages belong to this conversation and came this way; `party` null: the one
  /// actor of the options. Both must stay until the next call.
  void enter(Conversation& conversation, const std::shared_ptr<const Party>& party,
             std::uint64_t origin) {
    conversation_ = &conversation;
    if (party_ != party) party_ = party;  // mostly it is: an exchange enters several times
    origin_ = origin;
    reply_ = nullptr;
  }
  /// The response of this HTTP exchange; null: none is known. Must stay until the next enter().
  void set_reply(const Reply* reply) { reply_ = reply; }
  [[nodiscard]] const std::shared_ptr<const Party>& party() const { return party_; }
  [[nodiscard]] const Reply* reply() const { return reply_; }
  /// Number of the HTTP exchange; 0: none.
  [[nodiscard]] std::uint64_t origin() const { return origin_; }
  [[nodiscard]] std::uint64_t scope() const { return conversation_->scope; }
  [[nodiscard]] const std::string& session_id() const { return conversation_->session_id; }
  [[nodiscard]] mcp::VersionTracker& versions() const { return conversation_->versions; }
  [[nodiscard]] mcp::Capabilities& capabilities() const { return conversation_->capabilities; }
  /// Whose policy it is.
  [[nodiscard]] const std::string& actor_id() const {
    return party_ ? party_->who.principal->id : options_.actor.id;
  }
  /// Which principal, for what is remembered by principal.
  [[nodiscard]] const std::string& principal_key() const { return principal_key(party_.get()); }
  static const std::string& principal_key(const Party* party);
  [[nodiscard]] std::string_view transport() const {
    return party_ ? party_->transport : std::string_view(options_.transport);
  }

  /// Names as the sides state them. The server's name in targets: --name, serverInfo, the command.
  void set_client(const mcp::Implementation& client);
  void set_server(const mcp::Implementation& server);
  [[nodiscard]] const std::string& server_name() const { return server_name_; }
  [[nodiscard]] const std::string& client_name() const { return conversation_->client_name; }
  /// details.client as last stated; empty: not known.
  [[nodiscard]] const std::string& client_json() const { return conversation_->client_json; }

  /// An event of this entry with id, time, instance, source, and `result` with what follows from
  /// it: severity is the entry's on success.
  event::Event event(const event::CatalogEntry& entry, event::EventResult result, mcp::Moment when);
  /// The same into an event that has nothing yet: an event is a kilobyte, so it is made where it
  /// stays.
  void begin(event::Event& out, const event::CatalogEntry& entry, event::EventResult result,
             mcp::Moment when);
  /// The actor of a message: the user for c2s; the server on the user's behalf for s2c. `stateless`
  /// leaves out the session.
  void set_actor(event::Event& event, mcp::Direction direction, bool stateless) const;
  /// The same for a message that came with `party` (null: the one actor) in the session
  /// `session_id`.
  void set_actor(event::Event& event, mcp::Direction direction, const Party* party,
                 std::string_view session_id) const;
  /// For events of our own doing (processes): the user, with the session.
  void set_own_actor(event::Event& event) const;
  /// Members transport, direction, method, jsonrpc_id, protocol_version, server, client.
  void write_heading(Members& members, const Heading& heading) const;
  /// Members auth and http of a message that came with `party`: what its request says and, if
  /// `with_reply`, what the response of the current exchange says.
  void write_arrival(Members& members, const Party* party, bool with_reply) const;

 private:
  RecorderOptions options_;
  UuidSource& uuids_;
  const redact::KeyedDigest& digest_;
  std::string server_name_;
  std::string server_json_;
  Conversation own_;
  Conversation* conversation_ = &own_;
  std::shared_ptr<const Party> party_;
  const Reply* reply_ = nullptr;
  std::uint64_t origin_ = 0;
};

/// An entry of the catalogue that must be there.
const event::CatalogEntry& catalog_entry(std::string_view name);

/// Ends an event: details from members, which are used up, redactions cut to what one record lists,
/// all of it cut to what an entry of the log may hold. Everything else must be set before.
void finish(event::Event& event, Members& members, std::vector<event::Redaction> redactions);

/// What stands for an interaction that has no other outcome than a reason: {"reason":...}, behind
/// the HTTP status if there was one.
std::string outcome_reason(std::string_view reason, int http_status = 0);

}  // namespace tally::record
