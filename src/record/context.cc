// SPDX-License-Identifier: Apache-2.0
#include "record/context.h"

#include "base/check.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "event/codec.h"
#include "mcp/exchange_table.h"
#include "record/payload.h"
#include "record/server_name.h"

namespace tally::record {
namespace {

std::string implementation_json(const mcp::Implementation& side) {
  Members members;
  members.string("name", side.name);
  if (!side.version.empty()) members.string("version", side.version);
  return members.object();
}

constexpr std::size_t kMethodBytesMax = 256;
/// Room for the fields beside details and texts, and for one redaction, generously.
constexpr std::size_t kOtherFieldsBytes = 8 * kKiB;
constexpr std::size_t kRedactionBytes = 160;

}  // namespace

event::Direction to_event(mcp::Direction direction) {
  return direction == mcp::Direction::c2s ? event::Direction::client_to_server
                                          : event::Direction::server_to_client;
}

const event::CatalogEntry& catalog_entry(std::string_view name) {
  const event::CatalogEntry* entry = event::find_event(name);
  TALLY_CHECK(entry != nullptr);
  return *entry;
}

Context::Context(RecorderOptions options, UuidSource& uuids, const redact::KeyedDigest& digest)
    : options_(std::move(options)),
      uuids_(uuids),
      digest_(digest),
      server_name_(options_.server_name.empty() ? server_name_from_command(options_.command)
                                                : options_.server_name) {}

void Context::set_client(const mcp::Implementation& client) {
  client_json_ = implementation_json(client);
  if (!client.name.empty()) client_name_ = client.name;
}

void Context::set_server(const mcp::Implementation& server) {
  server_json_ = implementation_json(server);
  if (options_.server_name.empty() && !server.name.empty()) server_name_ = server.name;
}

event::Event Context::event(const event::CatalogEntry& entry, event::EventResult result,
                            mcp::Moment when) {
  event::Event out;
  event::apply(entry, out);
  out.timestamp = when.wall;
  out.event_id = uuids_.next(when.wall);
  out.event_result = result;
  out.status = event::status_of(result);
  out.severity = result == event::EventResult::success ? entry.severity_on_success
                                                       : event::severity_of(result);
  out.instance = options_.instance;
  out.source = options_.source;
  return out;
}

void Context::set_own_actor(event::Event& event) const {
  event.actor_id = options_.actor.id;
  event.actor_type = options_.actor.type;
  event.actor_verified = options_.actor.verified;
  if (!options_.session_id.empty()) event.session_id = options_.session_id;
}

void Context::set_actor(event::Event& event, mcp::Direction direction, bool stateless) const {
  if (direction == mcp::Direction::c2s) {
    event.actor_id = options_.actor.id;
    event.actor_type = options_.actor.type;
    event.actor_verified = options_.actor.verified;
  } else {
    event.actor_id = server_name_;
    event.actor_type = event::ActorType::service;
    event.actor_verified = event::ActorVerified::no;
    event.on_behalf_of = {options_.actor.id};
  }
  if (!stateless && !options_.session_id.empty()) event.session_id = options_.session_id;
}

void Context::write_heading(Members& members, const Heading& heading) const {
  members.string("transport", options_.transport);
  members.string("direction", mcp::direction_name(heading.direction));
  if (!heading.method.empty())
    members.string("method", utf8_prefix(heading.method, kMethodBytesMax));
  if (!heading.id.empty()) members.raw("jsonrpc_id", mcp::pairing_id(heading.id));
  if (!heading.version.empty()) members.string("protocol_version", heading.version);
  if (!server_json_.empty()) members.raw("server", server_json_);
  if (!heading.client.empty()) members.raw("client", heading.client);
}

void finish(event::Event& event, const Members& members, std::vector<event::Redaction> redactions) {
  event.details = members.object();
  event.redactions = std::move(redactions);
  trim_redactions(event.redactions);
  // Texts that need escapes grow when they are written; the exact size is only worth its cost near
  // the limit.
  const std::size_t about = event.details.size() + event.old_values.size() +
                            event.new_values.size() +
                            (event.error_message ? 6 * event.error_message->size() : 0) +
                            kOtherFieldsBytes + event.redactions.size() * kRedactionBytes;
  if (about > kEntryBytesMax) event = event::shrink_to_fit(std::move(event));
}

std::string outcome_reason(std::string_view reason) {
  Members members;
  members.string("reason", reason);
  return members.object();
}

}  // namespace tally::record
