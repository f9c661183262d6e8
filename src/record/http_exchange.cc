// SPDX-License-Identifier: Apache-2.0
#include "record/http_exchange.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "http/chars.h"
#include "http/media_type.h"
#include "record/header_check.h"
#include "record/http_exchange_impl.h"
#include "record/param_headers.h"
#include "record/secret_path.h"
#include "rest/path_readings.h"

#include <algorithm>
#include <array>

namespace tally::record {
namespace {

constexpr std::size_t kHeaderBytesMax = 256;
constexpr std::size_t kMethodBytesMax = 32;

/// `name`: text, or a name that the list knows without looking.
template <class Name>
std::string header(const http::FieldList& fields, Name name) {
  const auto value = fields.find(name);
  return value ? utf8_repair(utf8_prefix(*value, kHeaderBytesMax)) : std::string();
}

std::optional<std::string> stated(const http::FieldList& fields, http::KnownName name) {
  const auto value = fields.find(name);
  return value ? std::optional<std::string>(*value) : std::nullopt;
}

}  // namespace

std::string legacy_session_id(std::string_view target) {
  const http::TargetParts parts = http::split_target(target);
  for (const http::QueryParameter& parameter : http::query_parameters(parts.query).list) {
    if (http::is_bearer_parameter(parameter.name)) return parameter.value;
  }
  return std::string(target);
}

void PassingBody::feed(std::string_view part) {
  hasher.update(part);
  bytes += part.size();
  if (line) line->scanner.feed(part);
}

HttpExchange::Impl::Impl(HttpRecorder::Impl& recorder, const http::RequestHead& head, bool has_body,
                         const identity::Peer& peer, mcp::Moment seen)
    : recorder_(recorder),
      paths_(recorder.paths),
      identity_generation_(recorder.identity_generation),
      number_(recorder.next_number()),
      party_(std::make_shared<Party>()),
      shown_party_(party_),
      started_(seen),
      method_(utf8_repair(utf8_prefix(head.method, kMethodBytesMax))) {
  facts_.started = seen;
  read_content_type(head.fields);
  origin_ = header(head.fields, http::KnownName::origin);
  host_ = header(head.fields, http::KnownName::host);
  upgrade_ = header(head.fields, http::KnownName::upgrade);
  wants_stream_ = utf8_prefix(head.fields.find("Accept").value_or(""), kHeaderBytesMax)
                      .find("text/event-stream") != std::string_view::npos;
  resumes_ = head.fields.has(http::KnownName::last_event_id);
  own_.scope = number_;
  party_->stated_version = stated(head.fields, http::KnownName::mcp_protocol_version);
  stateless_ = party_->stated_version && is_stateless_version(*party_->stated_version);
  read_session(head);
  const http::TargetParts target = http::split_target(head.target);
  const KnownPath& known = recorder.known_path(method_, target.path);
  route_ = route_of(head, known);
  metadata_ = method_ == "GET" && is_metadata_path(target.path);
  make_party(head, target, recorder.identifier.identify(head.fields, peer, seen.wall));
  read_path(head, target, known);
  body_plan_ = plan_body(has_body);
}

HttpExchange::Impl::~Impl() { recorder_.enter_idle(); }

/// Nearly all say the same, which is no reason for a copy.
void HttpExchange::Impl::read_content_type(const http::FieldList& fields) {
  constexpr std::string_view kJson = "application/json";
  if (fields.find(http::KnownName::content_type) == kJson) {
    content_type_ = kJson;
    return;
  }
  content_type_text_ = header(fields, http::KnownName::content_type);
  content_type_ = content_type_text_;
}

void HttpExchange::Impl::read_session(const http::RequestHead& head) {
  if (stateless_) return;
  std::string key;
  if (const auto id = head.fields.find(http::KnownName::mcp_session_id); id && !id->empty()) {
    session_header_ = true;
    key = recorder_.digest()(*id);
  } else if (recorder_.sessions.has_legacy() && method_ == "POST") {
    const std::string digest = recorder_.digest()(legacy_session_id(head.target));
    session_ = recorder_.sessions.find(digest);
    return;
  }
  if (key.empty()) {
    if (party_->stated_version) own_.versions.negotiated(*party_->stated_version);
    return;
  }
  session_ = recorder_.sessions.find(key);
  if (session_) return;
  // Not one that we saw begin. It is kept only once the server knows it.
  session_ = std::make_shared<Session>();
  session_->conversation.session_id = std::move(key);
  session_->conversation.scope = number_;
  if (party_->stated_version) {
    session_->conversation.versions.negotiated(*party_->stated_version);
  }
}

HttpRoute HttpExchange::Impl::route_of(const http::RequestHead& head,
                                       const KnownPath& known) const {
  constexpr http::KnownNames kOfMcp =
      http::name_set(http::KnownName::mcp_session_id, http::KnownName::mcp_protocol_version,
                     http::KnownName::mcp_method);
  const bool named = (head.fields.known() & kOfMcp) != 0;
  const bool legacy = session_ && session_->legacy;
  if (named || legacy || known.mcp) return HttpRoute::mcp;
  if (method_ != "POST") return HttpRoute::other;
  const auto type = http::parse_media_type(content_type_);
  const bool text = !type || type->is_json() || type->type == "text";
  return wants_stream_ || text ? HttpRoute::maybe : HttpRoute::other;
}

void HttpExchange::Impl::make_party(const http::RequestHead& head, const http::TargetParts& target,
                                    identity::Identity who) {
  Party& party = *party_;
  party.who = std::move(who);
  party.transport = session_ && session_->legacy ? "http+sse" : "streamable-http";
  party.trace_id = party.who.trace_id;
  party.request_id = party.who.request_id;
  if (party.request_id.empty()) party.request_id = recorder_.core.context.new_id(started_);
  party.http_method = method_;
  party.endpoint = endpoint_of(head.target, recorder_.digest(), facts_.redactions);
  facts_.path = utf8_prefix(target.path, kTargetBytesMax);
  if (target.has_query) {
    facts_.query_params = query_json(target.query, recorder_.digest(), facts_.redactions);
  }
  Members http;
  const auto add = [&http](std::string_view name, const std::string& value) {
    if (!value.empty()) http.string(name, value);
  };
  add("host", host_);
  add("origin", origin_);
  if (route_ == HttpRoute::mcp) {
    party.stated_method = stated(head.fields, http::KnownName::mcp_method);
    if (const auto name = head.fields.find("Mcp-Name")) party.stated_name = *name;
    if (stateless_) party.stated_params = stated_params(head.fields);
    add("protocol_version", header(head.fields, http::KnownName::mcp_protocol_version));
    add("mcp_method", header(head.fields, http::KnownName::mcp_method));
    if (const auto last = head.fields.find(http::KnownName::last_event_id);
        last && !last->empty()) {
      http.string("last_event_id", recorder_.digest()(*last));
    }
  }
  if (head.minor == 0) http.string("version", "1.0");
  party.http = http.take();
}

/// What the table of audited paths says of it.
void HttpExchange::Impl::read_path(const http::RequestHead& head, const http::TargetParts& target,
                                   const KnownPath& known) {
  std::string other_method;
  // Of several the server takes one; nobody knows which, so one that may change something counts.
  for (const std::string_view name : rest::override_headers()) {
    if (!head.fields.has(name)) continue;
    for (const std::string_view value : head.fields.all(name)) {
      if (other_method.empty() || (!rest::may_change(other_method) && rest::may_change(value)))
        other_method = value;
    }
  }
  overridden_ = !other_method.empty() && rest::may_change(other_method);
  std::optional<rest::PathMatch> other;
  if (!other_method.empty()) other = paths_->find(method_, target.path, other_method);
  const rest::PathMatch& match = other ? *other : known.match;
  if (match.mcp) route_ = HttpRoute::mcp;
  if (!match.secret.empty()) hide_secret(match);
  if (match.rule == nullptr || is_only_mcp(target.path)) return;
  const bool rpc = match.rule->category == rest::Category::rpc;
  if (rpc && method_ == "POST" && route_ == HttpRoute::other) route_ = HttpRoute::maybe;
  operation_ = std::make_unique<HttpOperation>(*paths_, match, target.query, recorder_.digest());
  operation_->describe(recorder_.core.context, facts_);
}

/// Whether the settings say that it is an MCP endpoint, however a server reads the path: then no
/// row of the table is meant.
bool HttpExchange::Impl::is_only_mcp(std::string_view path) const {
  if (!recorder_.is_mcp_path(http::folded_path(path))) return false;
  const auto readings = rest::path_readings(path);
  return std::ranges::all_of(readings, [this](std::string reading) {
    std::ranges::transform(reading, reading.begin(), http::to_lower);
    return recorder_.is_mcp_path(reading);
  });
}

/// A segment of the path gives its holder something: a digest stands for it.
void HttpExchange::Impl::hide_secret(const rest::PathMatch& match) {
  const std::string path = hidden_path(match, recorder_.digest());
  const std::size_t query = party_->endpoint.find('?');
  const std::string rest =
      query == std::string::npos ? std::string() : party_->endpoint.substr(query);
  facts_.path = utf8_prefix(path, kTargetBytesMax);
  party_->endpoint = std::string(utf8_prefix(path + rest, kTargetBytesMax));
  facts_.redactions.push_back({"details.path", "path:secret", "hash"});
}

BodyPlan HttpExchange::Impl::plan_body(bool has_body) const {
  if (!has_body) return BodyPlan::none;
  if (route_ != HttpRoute::other) return BodyPlan::whole;
  const policy::Level level = http_level();
  const bool wanted = level == policy::Level::request || level == policy::Level::full;
  return wanted ? BodyPlan::whole : BodyPlan::pass;
}

void HttpExchange::Impl::enter() {
  recorder_.core.context.enter(conversation(), shown_party_, number_);
  recorder_.core.context.set_reply(reply_.status != 0 ? &reply_ : nullptr);
  recorder_.core.unanswered = &opened_;
}

HttpExchange::HttpExchange(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpExchange::~HttpExchange() = default;
BodyPlan HttpExchange::body_plan() const { return impl_->body_plan(); }
std::string_view HttpExchange::request_id() const { return impl_->request_id(); }
TeePlan HttpExchange::tee_plan() const { return impl_->tee_plan(); }
Verdict HttpExchange::on_request(mcp::Moment now) { return impl_->on_request(now); }
Verdict HttpExchange::on_request_body(std::string_view text, mcp::Moment now) {
  return impl_->on_request_body(text, now);
}
Verdict HttpExchange::on_request_undecodable(const OpaqueBody& body, mcp::Moment now) {
  return impl_->on_request_undecodable(body, now);
}
Verdict HttpExchange::on_request_oversize(std::string_view head, mcp::Moment now) {
  return impl_->on_request_oversize(head, now);
}
Events HttpExchange::not_forwarded(mcp::Moment now) { return impl_->not_forwarded(now); }
Events HttpExchange::on_response_head(const http::ResponseHead& head, mcp::Moment now) {
  return impl_->on_response_head(head, now);
}
Events HttpExchange::on_response_body(std::string_view text, mcp::Moment now) {
  return impl_->on_response_body(text, now);
}
Events HttpExchange::on_event(const http::StreamEvent& event, mcp::Moment now) {
  return impl_->on_event(event, now);
}
void HttpExchange::on_response_undecodable() { impl_->on_response_undecodable(); }
void HttpExchange::on_oversize_received(const OpaqueBody& body) {
  impl_->on_oversize_received(body);
}
void HttpExchange::on_oversize_bytes(std::string_view bytes) { impl_->on_oversize_bytes(bytes); }
Events HttpExchange::on_oversize_end(bool complete, mcp::Moment now) {
  return impl_->on_oversize_end(complete, now);
}
Events HttpExchange::on_end(const HttpEndInfo& info, mcp::Moment now) {
  return impl_->on_end(info, now);
}

}  // namespace tally::record
