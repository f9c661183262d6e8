// SPDX-License-Identifier: Apache-2.0
#include "record/context.h"

#include "base/check.h"
#include "base/contains_any.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "event/codec.h"
#include "mcp/exchange_table.h"
#include "record/payload.h"
#include "record/server_name.h"

#include <algorithm>

namespace tally::record {
namespace {

std::string implementation_json(const mcp::Implementation& side) {
  Members members;
  members.string("name", side.name);
  if (!side.version.empty()) members.string("version", side.version);
  return members.object();
}

/// What the way it came adds to the record of a message.
void set_party(event::Event& event, mcp::Direction direction, const Party& party) {
  const identity::Identity& who = party.who;
  if (direction == mcp::Direction::c2s) {
    event.actor_id = who.principal->id;
    event.actor_type = who.principal->type;
    event.actor_verified = who.principal->verified;
    event.on_behalf_of = who.principal->on_behalf_of;
    if (!who.address.empty()) event.actor_ip = who.address;
    if (!who.user_agent.empty()) event.actor_user_agent = who.user_agent;
  }
  if (!party.request_id.empty()) event.request_id = party.request_id;
  if (!party.trace_id.empty()) event.trace_id = party.trace_id;
  if (!party.endpoint.empty()) event.api_endpoint = party.endpoint;
  if (!party.http_method.empty()) event.http_method = party.http_method;
}

constexpr std::size_t kMethodBytesMax = 256;
/// Room for the fields beside details and texts, and for one redaction, generously.
constexpr std::size_t kOtherFieldsBytes = 8 * kKiB;
constexpr std::size_t kRedactionBytes = 160;

/// Records are one line each. A raw line break in valid JSON can only be white space, so a space
/// says the same.
void put_on_one_line(std::string& json) {
  if (!contains_any<'\r', '\n'>(json)) return;
  std::ranges::replace_if(
      json, [](char c) { return c == '\r' || c == '\n'; }, ' ');
}

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
                                                : options_.server_name) {
  own_.session_id = options_.session_id;
}

void Context::set_client(const mcp::Implementation& client) {
  conversation_->client_json = implementation_json(client);
  if (!client.name.empty()) conversation_->client_name = client.name;
}

void Context::set_server(const mcp::Implementation& server) {
  server_json_ = implementation_json(server);
  if (options_.server_name.empty() && !server.name.empty()) server_name_ = server.name;
}

event::Event Context::event(const event::CatalogEntry& entry, event::EventResult result,
                            mcp::Moment when) {
  event::Event out;
  begin(out, entry, result, when);
  return out;
}

void Context::begin(event::Event& out, const event::CatalogEntry& entry, event::EventResult result,
                    mcp::Moment when) {
  event::apply(entry, out);
  out.timestamp = when.wall;
  out.event_id = uuids_.next(when.wall);
  out.event_result = result;
  out.status = event::status_of(result);
  out.severity = result == event::EventResult::success ? entry.severity_on_success
                                                       : event::severity_of(result);
  out.instance = options_.instance;
  out.source = options_.source;
}

void Context::set_own_actor(event::Event& event) const {
  event.actor_id = options_.actor.id;
  event.actor_type = options_.actor.type;
  event.actor_verified = options_.actor.verified;
  if (!options_.session_id.empty()) event.session_id = options_.session_id;
}

const std::string& Context::principal_key(const Party* party) {
  static const std::string kOnly;
  return party == nullptr ? kOnly : party->who.principal->key;
}

void Context::set_actor(event::Event& event, mcp::Direction direction, bool stateless) const {
  set_actor(event, direction, party_.get(),
            stateless ? std::string_view() : conversation_->session_id);
}

void Context::set_actor(event::Event& event, mcp::Direction direction, const Party* party,
                        std::string_view session_id) const {
  if (!session_id.empty()) event.session_id = session_id;
  if (direction == mcp::Direction::s2c) {
    event.actor_id = server_name_;
    event.actor_type = event::ActorType::service;
    event.actor_verified = event::ActorVerified::no;
    event.on_behalf_of = {party == nullptr ? options_.actor.id : party->who.principal->id};
  } else if (party == nullptr) {
    event.actor_id = options_.actor.id;
    event.actor_type = options_.actor.type;
    event.actor_verified = options_.actor.verified;
  }
  if (party != nullptr) set_party(event, direction, *party);
}

void Context::write_arrival(Members& members, const Party* party, bool with_reply) const {
  if (party == nullptr) return;
  if (!party->who.principal->auth_json.empty()) {
    members.raw("auth", party->who.principal->auth_json);
  }
  const bool replied = with_reply && reply_ != nullptr;
  members.object("http", {party->http, replied ? reply_->http : std::string_view()});
}

void Context::write_heading(Members& members, const Heading& heading) const {
  members.string("transport", heading.transport.empty() ? transport() : heading.transport);
  members.string("direction", mcp::direction_name(heading.direction));
  if (!heading.method.empty())
    members.string("method", utf8_prefix(heading.method, kMethodBytesMax));
  if (!heading.id.empty()) members.raw("jsonrpc_id", mcp::pairing_id(heading.id));
  if (!heading.version.empty()) members.string("protocol_version", heading.version);
  if (!server_json_.empty()) members.raw("server", server_json_);
  if (!heading.client.empty()) members.raw("client", heading.client);
}

void finish(event::Event& event, Members& members, std::vector<event::Redaction> redactions) {
  event.details = members.take_object();
  for (std::string* json : {&event.details, &event.old_values, &event.new_values}) {
    put_on_one_line(*json);
  }
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

std::string outcome_reason(std::string_view reason, int http_status) {
  Members members;
  if (http_status != 0) members.number("http_status", static_cast<std::uint64_t>(http_status));
  members.string("reason", reason);
  return members.object();
}

}  // namespace tally::record
