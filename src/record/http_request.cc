// SPDX-License-Identifier: Apache-2.0
// The request of an exchange: what is recorded before it is forwarded, and whether it is.
#include "base/encoding.h"
#include "http/media_type.h"
#include "record/credential_table.h"
#include "record/http_exchange_impl.h"
#include "record/one_line.h"
#include "record/payload.h"
#include "redact/payload.h"
#include "redact/redact.h"
#include "rest/multipart.h"

#include <algorithm>
#include <utility>

namespace tally::record {
namespace {

using event::EventResult;

/// Of a reason that the proxy gives.
constexpr std::size_t kReasonBytesMax = 128;
constexpr std::string_view kJson = "application/json";
/// JSON-RPC 2.0: Invalid Request, to whatever was asked.
constexpr std::string_view kInvalidRequest =
    R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid Request"}})";

Refusal json_refusal(int status, std::string body) {
  while (!body.empty() && body.back() == '\n') body.pop_back();
  Refusal out{.status = status, .body = std::move(body)};
  if (!out.body.empty()) out.content_type = kJson;
  return out;
}

bool starts_as_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

bool is_form(std::string_view content_type) {
  const auto type = http::parse_media_type(content_type);
  return type && type->is_form();
}

bool has_message_keys(json::Value object) {
  return object.find("jsonrpc") || (object.find("method") && object.find("params"));
}

/// Whether a body on a path that is not known for MCP is a message. The words come first, because
/// parsing every upload of an API twice would cost more than it is worth; a key may be escaped
/// (\\u006d is m).
bool may_be_message(std::string_view text) {
  const auto has = [text](std::string_view word) { return text.find(word) != text.npos; };
  if (!starts_as_json(text)) return false;
  if (!has("jsonrpc") && !has("\"method\"") && !has("\\u006") && !has("\\u007")) return false;
  json::Document document;
  const auto root = document.parse(text, {.depth_indexed = 2});
  if (!root) return has("jsonrpc");
  if (!root->is(json::Kind::array)) return has_message_keys(*root);
  for (const json::Value element : root->children()) {
    if (has_message_keys(element)) return true;
  }
  return false;
}

/// The host of an audience that is a URL; empty for any other.
std::string_view host_of(std::string_view audience) {
  const std::size_t scheme = audience.find("://");
  if (scheme == std::string_view::npos || !audience.starts_with("http")) return {};
  audience.remove_prefix(scheme + 3);
  return audience.substr(0, audience.find_first_of("/?#"));
}

std::string body_digest(const OpaqueBody& body) {
  Members out;
  out.number("bytes", body.bytes);
  out.string("digest", body.digest);
  return out.object();
}

}  // namespace

bool HttpExchange::Impl::watched_method() const {
  return method_ == "POST" || method_ == "PUT" || method_ == "PATCH" || method_ == "DELETE";
}

policy::Level HttpExchange::Impl::http_level() const {
  return operation_ ? operation_->rule().level : policy::Level::metadata;
}

/// RFC 6750 section 2.3 and MCP, authorization: never in the query. Told once for each token.
void HttpExchange::Impl::watch_query(Events& out, mcp::Moment now) {
  CredentialTable* table = recorder_.options.credentials;
  if (table == nullptr || route_ == HttpRoute::other) return;
  if (facts_.query_params.find("\"access_token\"") == std::string::npos) return;
  json::Document document;
  const auto parameters = document.parse(std::string_view(facts_.query_params));
  const auto token = parameters ? parameters->find("access_token") : std::nullopt;
  if (!token || !token->is(json::Kind::string) || token->text().empty()) return;
  const std::string key = "query:" + token->text();
  if (table->used_at(key, {}) || !table->first_report_of_audience(key)) return;
  Members extra;
  extra.string("credential_digest", token->text());
  out.push_back(token_misuse_event(recorder_.core.context, "in_query", extra.take(), now));
}

void HttpExchange::Impl::watch_credentials(Events& out, mcp::Moment now) {
  CredentialTable* table = recorder_.options.credentials;
  watch_query(out, now);
  const identity::Principal& who = *party_->who.principal;
  const bool token = who.source == identity::Source::jwt || who.source == identity::Source::token;
  if (table == nullptr || !token || who.credential.empty()) return;
  const std::string& server = recorder_.core.context.server_name();
  Members extra;
  extra.string("credential_digest", who.credential);
  const std::string& here =
      recorder_.options.upstream_host.empty() ? server : recorder_.options.upstream_host;
  if (const auto first = table->used_at(who.credential, here)) {
    Members where = extra;
    where.string("first_server", *first);
    out.push_back(token_misuse_event(recorder_.core.context, "second_server", where.take(), now));
  }
  const std::string& here_named = own_host();
  bool names_a_host = false;
  bool names_us = false;
  for (const std::string& audience : who.audiences) {
    const std::string_view host = host_of(audience);
    names_a_host = names_a_host || !host.empty();
    names_us = names_us || host == here_named || host.empty();
  }
  if (!names_a_host || names_us || !table->first_report_of_audience(who.credential)) return;
  std::string list = "[";
  for (const std::string& audience : who.audiences) {
    if (list.size() > 1) list += ',';
    json::append_string(list, audience);
  }
  extra.raw("audiences", list + ']');
  extra.string("host", here_named);
  out.push_back(token_misuse_event(recorder_.core.context, "audience", extra.take(), now));
}

void HttpExchange::Impl::watch_session(Events& out, mcp::Moment now) {
  if (!session_) return;
  const auto tell = [&](SessionDiffers what, std::string_view first, std::size_t count) {
    out.push_back(session_shared_event(recorder_.core.context, session_->conversation.session_id,
                                       what, first, count, now));
  };
  if (!session_->comparable(identity_generation_)) return;
  if (session_->used_by(*party_->who.principal)) {
    tell(SessionDiffers::principal, session_->first_actor, session_->principals.size());
  }
  if (session_->used_from(party_->who.address)) {
    tell(SessionDiffers::address, session_->addresses.front(), session_->addresses.size());
  }
}

Verdict HttpExchange::Impl::start() {
  enter();
  Verdict out;
  out.refusal.status = 503;
  return out;
}

/// The initiated record of an exchange that may change something on an audited path.
void HttpExchange::Impl::stage_http(Verdict& verdict, mcp::Moment now) {
  if (!operation_ || http_level() == policy::Level::none) return;
  if (!rest::may_change(method_) && !overridden_) return;
  operation_->describe(recorder_.core.context, facts_);
  verdict.events.push_back(http_event(recorder_.core.context, http_name(), facts_,
                                      {.result = EventResult::pending}, now));
  facts_.interaction_id = *verdict.events.back().interaction_id;
  staged_ = true;
  verdict.must_wait =
      verdict.must_wait || operation_->rule().on_failure == policy::OnFailure::block;
}

void HttpExchange::Impl::capture_body(std::string_view text) {
  const policy::Level level = http_level();
  if (text.empty() || (level != policy::Level::request && level != policy::Level::full)) return;
  constexpr std::string_view kPath = "details.request_body";
  const auto type = http::parse_media_type(content_type_);
  const redact::KeyedDigest& digest = recorder_.digest();
  const bool multipart = type && type->is("multipart", "form-data");
  std::optional<std::string> fields;
  if (multipart && !type->is_contradictory("boundary")) {
    fields = rest::multipart_json(text, type->parameter("boundary"));
    if (fields) text = *fields;
  }
  const bool auth = operation_ && operation_->rule().category == rest::Category::auth;
  if (operation_) operation_->read_request(text, type && type->is_form());
  json::Document document;
  if (document.parse(text, {.depth_indexed = 0})) {
    std::string buffer;
    facts_.request_body =
        redact::cap_json(on_one_line(text, buffer), kPath,
                         {.bytes_max = kArgumentsBytesMax, .preview_bytes_max = kFieldBytesMax},
                         digest, facts_.redactions)
            .json;
  } else if (type && type->is_form() && text.size() <= kArgumentsBytesMax) {
    facts_.request_body.clear();
    json::append_string(
        facts_.request_body,
        redact::redact_form(text, kPath, {.redactions = facts_.redactions, .digest = &digest}));
  } else if (multipart || auth) {
    // A secret in it would stand under no name that could be known.
    Members keyed;
    keyed.number("bytes", text.size());
    keyed.string("digest", digest(text));
    facts_.request_body = keyed.object();
  } else {
    facts_.request_body = opaque_json(text, kPath, digest, facts_.redactions);
  }
}

Verdict HttpExchange::Impl::plain_request(std::string_view body, bool has_text, mcp::Moment now) {
  Verdict out = start();
  watch_session(out.events, now);
  watch_credentials(out.events, now);
  if (has_text) capture_body(body);
  stage_http(out, now);
  return out;
}

Verdict HttpExchange::Impl::on_request(mcp::Moment now) { return plain_request({}, false, now); }

/// Whether it does something of its own whatever its body says: {"jsonrpc":"2.0","method":"ping",
/// "name":"x"} to /tools makes a tool. Below /api/ there may be MCP that nobody told us of.
bool HttpExchange::Impl::administers() const {
  if (!operation_) return false;
  const rest::PathRule& rule = operation_->rule();
  if (rule.category == rest::Category::rpc) return false;
  return rule.category != rest::Category::api || !rule.target_type.empty() ||
         rule.action != rest::Action::by_method;
}

Verdict HttpExchange::Impl::on_request_body(std::string_view text, mcp::Moment now) {
  const bool form = !starts_as_json(text) && is_form(content_type_);
  const bool is_message = route_ == HttpRoute::mcp ? !mcp::is_blank(text) && !form
                                                   : route_ == HttpRoute::maybe && !administers() &&
                                                         may_be_message(text);
  if (!is_message) return plain_request(text, true, now);
  return message(text, now);
}

Verdict HttpExchange::Impl::message(std::string_view text, mcp::Moment now) {
  Verdict out = start();
  watch_session(out.events, now);
  watch_credentials(out.events, now);
  carries_rpc_ = true;
  const std::string client = session_ ? conversation().client_json : std::string();
  request_ = recorder_.core.on_frame(mcp::Direction::c2s, {text, text, true}, now);
  if (!client.empty() && conversation().client_json != client) {
    out.events.push_back(session_shared_event(recorder_.core.context, conversation().session_id,
                                              SessionDiffers::client, client, 0, now));
  }
  opened_ = std::move(request_.opened);
  request_.opened.clear();
  if (out.events.empty()) {
    out.events.swap(request_.before);
  } else {
    std::ranges::move(request_.before, std::back_inserter(out.events));
    request_.before.clear();
  }
  out.must_wait = request_.must_wait;
  out.refusal = json_refusal(503, std::exchange(request_.refusal, {}));
  if (request_.two_readings) return refuse_two_readings(std::move(out), now);
  if (administers()) {
    // Headers make it MCP, but not to a server that does not look at them.
    capture_body(text);
    stage_http(out, now);
  }
  return out;
}

/// What the server would run is not known, so it is not asked to.
Verdict HttpExchange::Impl::refuse_two_readings(Verdict verdict, mcp::Moment now) {
  reply_.status = 400;
  enter();
  request_.opened = opened_;
  std::ranges::move(recorder_.core.not_forwarded(std::exchange(request_, {}), now, "ambiguous"),
                    std::back_inserter(verdict.events));
  verdict.forward = false;
  verdict.must_wait = false;
  verdict.refusal = json_refusal(400, std::string(kInvalidRequest));
  over_ = true;
  return verdict;
}

Verdict HttpExchange::Impl::on_request_undecodable(const OpaqueBody& body, mcp::Moment now) {
  if (route_ != HttpRoute::mcp) {
    if (http_level() == policy::Level::request || http_level() == policy::Level::full) {
      facts_.request_body = body_digest(body);
    }
    return plain_request({}, false, now);
  }
  Verdict out = start();
  watch_session(out.events, now);
  watch_credentials(out.events, now);
  carries_rpc_ = true;
  if (administers()) stage_http(out, now);  // as above; what the server makes of it is not known
  policy::Interaction interaction;
  interaction.server = recorder_.core.context.server_name();
  interaction.actor = recorder_.core.context.actor_id();
  interaction.unparsed = true;
  const policy::Decision decision = recorder_.options.policy.decide(interaction);
  if (decision.level == policy::Level::none) return out;
  Members facts;
  facts.string("reason", utf8_prefix(body.reason, kReasonBytesMax));
  facts.raw("content", body_digest(body));
  Unparsed unparsed{.direction = mcp::Direction::c2s,
                    .facts = facts.take(),
                    .interaction_id = recorder_.core.context.new_id(now)};
  if (decision.initiated) {
    out.events.push_back(
        unparsed_record(recorder_.core.context, unparsed, EventResult::pending, now));
    out.must_wait = out.must_wait || decision.write_ahead();
  }
  if (decision.completed) {
    request_.after.push_back(
        unparsed_record(recorder_.core.context, unparsed, EventResult::success, now));
  }
  return out;
}

Verdict HttpExchange::Impl::on_request_oversize(std::string_view head, mcp::Moment now) {
  passing_.emplace(mcp::Direction::c2s, recorder_.digest());
  passing_->feed(head);
  if (route_ != HttpRoute::mcp) return plain_request({}, false, now);
  Verdict out = start();
  watch_session(out.events, now);
  watch_credentials(out.events, now);
  carries_rpc_ = true;
  if (!recorder_.options.forward_oversize) {
    reply_.status = 413;
    enter();
    Members facts;
    facts.string("reason", "oversize");
    facts.number("bytes_so_far", head.size());
    facts.raw("outcome", outcome_reason("oversize", 413));
    Unparsed unparsed{.direction = mcp::Direction::c2s, .facts = facts.take()};
    out.events.push_back(
        unparsed_record(recorder_.core.context, unparsed, EventResult::denied, now));
    out.forward = false;
    out.refusal = {413, {}, {}};
    over_ = true;
    passing_.reset();
    return out;
  }
  Observation observed =
      recorder_.core.on_oversize_start(passing_->line, mcp::Direction::c2s, head, now);
  std::ranges::move(observed.before, std::back_inserter(out.events));
  out.must_wait = observed.must_wait;
  out.refusal = json_refusal(503, std::move(observed.refusal));
  if (administers()) stage_http(out, now);
  return out;
}

Events HttpExchange::Impl::not_forwarded(mcp::Moment now) {
  if (over_) return {};
  over_ = true;
  enter();
  Events out;
  if (passing_ && passing_->line) {
    const OversizeEnd end{passing_->bytes, passing_->digest(), false, false};
    out = recorder_.core.on_oversize_end(passing_->line, mcp::Direction::c2s, end, now);
  } else if (carries_rpc_) {
    request_.opened = opened_;
    out = recorder_.core.not_forwarded(std::exchange(request_, {}), now);
  }
  if (carries_rpc_ && !staged_) return out;
  if (http_level() != policy::Level::none) {
    out.push_back(http_event(recorder_.core.context, http_name(), facts_,
                             {.result = EventResult::denied, .reason = "not_forwarded"}, now));
  }
  return out;
}

}  // namespace tally::record
