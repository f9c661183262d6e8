// SPDX-License-Identifier: Apache-2.0
#include "record/http_recorder.h"

#include "base/check.h"
#include "base/limits.h"
#include "http/target.h"
#include "record/http_event.h"
#include "record/http_exchange_impl.h"
#include "record/http_recorder_impl.h"
#include "record/process_record.h"
#include "record/secret_path.h"
#include "record/tool_definitions.h"

#include <functional>
#include <utility>

namespace tally::record {
namespace {

using event::EventResult;

RecorderOptions core_options(const HttpRecorderOptions& options) {
  RecorderOptions out;
  out.instance = options.instance;
  out.source = options.source;
  out.transport = "streamable-http";
  out.server_name = options.server_name;
  if (!options.upstream_host.empty()) out.command = {options.upstream_host};
  out.actor = {"anonymous", event::ActorType::anonymous, event::ActorVerified::no};
  out.policy = options.policy;
  out.limits = options.limits;
  out.tool_principals_max = kToolPrincipalsMax;
  out.looks_back = options.looks_back;
  out.tool_names = options.tool_names;
  return out;
}

}  // namespace

HttpRecorder::Impl::Impl(HttpRecorderOptions given, identity::Identifier who, UuidSource& uuids,
                         const redact::KeyedDigest& digest)
    : options(std::move(given)),
      identifier(std::move(who)),
      core(core_options(options), uuids, digest),
      sessions(options.sessions_max) {
  auto table = rest::PathTable::make(std::move(options.paths));
  TALLY_CHECK(table.has_value());  // whoever reads settings refuses what is no pattern
  paths = std::make_shared<const rest::PathTable>(std::move(*table));
  use_mcp_paths(options.mcp_paths);
}

void HttpRecorder::Impl::use_mcp_paths(const std::vector<std::string>& paths_given) {
  mcp_paths_.clear();
  for (const std::string& path : paths_given) {
    mcp_paths_.push_back(http::folded_path(path));
    mcp_paths_.push_back(mcp_paths_.back() + "/*");
  }
}

void HttpRecorder::Impl::use_paths(std::shared_ptr<const rest::PathTable> table,
                                   const std::vector<std::string>& mcp_paths_given) {
  paths = std::move(table);
  use_mcp_paths(mcp_paths_given);
  known_paths_.fill({});  // they point into the old table
}

const KnownPath& HttpRecorder::Impl::known_path(std::string_view method, std::string_view path) {
  if (!passing_path_.match.secret.empty()) passing_path_ = {};
  const std::size_t place = std::hash<std::string_view>{}(path) + method.size();
  KnownPath& known = known_paths_[place % known_paths_.size()];
  if (!path.empty() && known.path == path && known.method == method) return known;
  passing_path_ = {};
  passing_path_.match = paths->find(method, path);
  passing_path_.mcp = is_mcp_path(http::folded_path(path));
  // One that gives its holder something is not for remembering.
  if (path.size() > kKnownPathBytesMax || !passing_path_.match.secret.empty()) return passing_path_;
  passing_path_.method = method;
  passing_path_.path = path;
  known = std::exchange(passing_path_, {});
  return known;
}

void HttpRecorder::Impl::enter_idle() {
  core.context.enter(idle_, nullptr, 0);
  core.unanswered = nullptr;
}

void HttpRecorder::Impl::end_session(Events& out, Session& session, std::string_view reason,
                                     mcp::Moment when) {
  session.ended = true;
  const auto open = core.exchanges.close_scope(session.conversation.scope);
  for (const mcp::Exchange& exchange : open) {
    core.append_closed(out, exchange, EventResult::unknown, reason, when);
  }
  out.push_back(
      session_end_event(core.context, session.conversation.session_id, reason, open.size(), when));
  sessions.remove(session);
}

void HttpRecorder::Impl::keep_session(Events& out, std::string key,
                                      std::shared_ptr<Session> session, mcp::Moment when) {
  const auto gone = sessions.add(std::move(key), std::move(session));
  if (gone) end_session(out, *gone, "evicted", when);
}

void HttpRecorder::Impl::close_request(Events& out, std::uint64_t serial, EventResult result,
                                       std::string_view reason, mcp::Moment when) {
  if (const auto exchange = core.exchanges.close_serial(serial)) {
    core.append_closed(out, *exchange, result, reason, when);
  }
}

bool HttpRecorder::Impl::is_mcp_path(std::string_view folded) const {
  for (const std::string& pattern : mcp_paths_) {
    if (policy::matches(pattern, folded)) return true;
  }
  return false;
}

HttpRecorder::HttpRecorder(HttpRecorderOptions options, identity::Identifier identifier,
                           UuidSource& uuids, const redact::KeyedDigest& digest)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(identifier), uuids, digest)) {}

HttpRecorder::~HttpRecorder() = default;

const redact::KeyedDigest& HttpRecorder::digest() const { return impl_->digest(); }

void HttpRecorder::use_policy(const policy::Policy& policy) {
  impl_->options.policy = policy;
  impl_->core.context.use_policy(policy);
}

void HttpRecorder::use_identifier(identity::Identifier identifier) {
  impl_->identifier = std::move(identifier);
  ++impl_->identity_generation;
}

void HttpRecorder::use_paths(std::shared_ptr<const rest::PathTable> paths,
                             const std::vector<std::string>& mcp_paths) {
  TALLY_CHECK(paths != nullptr);
  impl_->use_paths(std::move(paths), mcp_paths);
}

std::unique_ptr<HttpExchange> HttpRecorder::begin(const http::RequestHead& head, bool has_body,
                                                  const identity::Peer& peer, mcp::Moment seen) {
  return std::make_unique<HttpExchange>(
      std::make_unique<HttpExchange::Impl>(*impl_, head, has_body, peer, seen));
}

Events HttpRecorder::on_refused(const RefusedRequest& refused, const identity::Peer& peer,
                                mcp::Moment when) {
  static const http::FieldList kNone;
  const http::FieldList& fields = refused.fields == nullptr ? kNone : *refused.fields;
  auto party = std::make_shared<Party>();
  party->who = impl_->identifier.identify(fields, peer, when.wall);
  party->transport = "http";
  party->request_id = party->who.request_id;
  party->trace_id = party->who.trace_id;
  party->http_method = refused.method.substr(0, 32);
  HttpExchangeFacts facts;
  facts.started = when;
  if (!refused.target.empty()) {
    const auto hidden = hide_secret_in(refused.target, *impl_->paths, impl_->digest());
    if (hidden) facts.redactions.push_back({"details.path", "path:secret", "hash"});
    const std::string_view target = hidden ? std::string_view(*hidden) : refused.target;
    party->endpoint = endpoint_of(target, impl_->digest(), facts.redactions);
    const http::TargetParts parts = http::split_target(target);
    facts.path = parts.path.substr(0, kTargetBytesMax);
    facts.query_params = query_json(parts.query, impl_->digest(), facts.redactions);
  }
  Conversation nowhere;
  impl_->core.context.enter(nowhere, party, impl_->next_number());
  Members extra;
  extra.string("reason", refused.reason);
  Events out{http_event(impl_->core.context, "http-request-refused", facts,
                        {.result = EventResult::denied,
                         .status = refused.status,
                         .reason = "malformed",
                         .extra = extra.take()},
                        when)};
  impl_->enter_idle();
  return out;
}

void HttpRecorder::use_terms(std::string public_host, bool forward_oversize) {
  impl_->options.public_host = std::move(public_host);
  impl_->options.forward_oversize = forward_oversize;
}

std::optional<DefinitionLookup> HttpRecorder::take_lookup(bool verified_only) {
  return impl_->core.next_lookup(verified_only);
}

void HttpRecorder::on_lookup_given_up(const DefinitionLookup& lookup) {
  impl_->core.tools.set_owed(lookup.principal, lookup.verified, true);
}

Events HttpRecorder::on_earlier_definitions(const DefinitionLookup& lookup,
                                            const EarlierDefinitions& earlier, mcp::Moment when) {
  Events out;
  Recorder::Impl& core = impl_->core;
  Conversation nowhere;
  core.context.enter(nowhere, lookup.party, 0);
  for (const mcp::ToolChange& change :
       core.tools.changed_since(lookup.principal, earlier.definitions, earlier.complete)) {
    out.push_back(change_record(core.context, change, when, &earlier));
  }
  impl_->enter_idle();
  return out;
}

Events HttpRecorder::on_tick(mcp::Moment now) {
  impl_->enter_idle();
  return impl_->core.tick(now);
}

Events HttpRecorder::on_stop(mcp::Moment now) {
  impl_->enter_idle();
  return impl_->core.close(std::nullopt, "process_exit", now);
}

event::Event HttpRecorder::gap_event(Gap& gap, mcp::Moment now) {
  impl_->enter_idle();
  event::Event out = gap_record(impl_->core.context, gap, now);
  gap.clear();
  return out;
}

std::size_t HttpRecorder::open_requests() const { return impl_->core.exchanges.size(); }
std::size_t HttpRecorder::sessions() const { return impl_->sessions.size(); }

}  // namespace tally::record
