// SPDX-License-Identifier: Apache-2.0
#include "record/http_event.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "event/codec.h"
#include "event/duration.h"
#include "http/target.h"
#include "identity/challenge.h"
#include "record/exchange_record.h"
#include "record/target.h"
#include "redact/excuse.h"
#include "redact/keys.h"
#include "redact/redact.h"

#include <algorithm>
#include <chrono>

namespace tally::record {
namespace {

using event::EventResult;

constexpr std::size_t kQueryValueBytesMax = 512;
constexpr std::size_t kQueryNameBytesMax = 128;
constexpr std::size_t kHeaderValueBytesMax = 256;
/// Of details, mostly.
constexpr std::size_t kDetailsBytes = 512;

std::string cut(std::string_view text, std::size_t bytes_max) {
  return std::string(utf8_prefix(text, bytes_max));
}

/// The value of a parameter as it may be recorded.
std::string clean_value(const http::QueryParameter& parameter, const std::string& path,
                        const redact::KeyedDigest& digest,
                        std::vector<event::Redaction>& redactions) {
  const redact::KeyMatch match = redact::match_parameter(parameter.name);
  const bool excused = redact::excuses_text(match.excuse, parameter.value);
  const std::string_view rule = excused ? std::string_view() : match.rule;
  if (!parameter.value.empty() && (!rule.empty() || http::is_bearer_parameter(parameter.name))) {
    redactions.push_back({path, "url:" + std::string(rule.empty() ? "bearer" : rule), "hash"});
    return digest(parameter.value);
  }
  return redact::redact_text(cut(parameter.value, kQueryValueBytesMax), path,
                             {.redactions = redactions, .digest = &digest});
}

std::string milliseconds(std::chrono::nanoseconds time) {
  std::string text;
  event::append_milliseconds(text, std::chrono::duration_cast<std::chrono::microseconds>(time));
  return text;
}

/// The start of an event that is about the exchange and not about a message in it.
event::Event about_exchange(Context& context, std::string_view name, EventResult result,
                            mcp::Moment when) {
  event::Event out = context.event(catalog_entry(name), result, when);
  context.set_actor(out, mcp::Direction::c2s, context.versions().current().stateless);
  out.interaction_id = out.event_id;
  return out;
}

Members start_members(const Context& context, std::string_view transport) {
  Members members;
  members.reserve(kDetailsBytes);
  members.string("transport", transport);
  context.write_arrival(members, context.party().get(), true);
  return members;
}

void write_outcome_of(Members& members, const HttpOutcome& outcome) {
  members.open("outcome");
  if (outcome.status != 0) {
    members.number("http_status", static_cast<std::uint64_t>(outcome.status));
  }
  if (!outcome.reason.empty()) members.string("reason", outcome.reason);
  members.close();
}

bool differs(std::string_view origin, std::string_view host) {
  const std::size_t scheme = origin.find("://");
  if (scheme != std::string_view::npos) origin.remove_prefix(scheme + 3);
  return origin != host;
}

}  // namespace

std::string query_json(std::string_view query, const redact::KeyedDigest& digest,
                       std::vector<event::Redaction>& redactions) {
  if (query.empty()) return "{}";
  std::vector<std::pair<std::string, std::vector<std::string>>> by_name;
  std::size_t bytes = 0;
  for (const http::QueryParameter& parameter : http::query_parameters(query).list) {
    const std::string name = utf8_repair(utf8_prefix(parameter.name, kQueryNameBytesMax));
    std::string value = clean_value(parameter, "details.query_params." + name, digest, redactions);
    bytes += name.size() + value.size();
    if (bytes > kFieldBytesMax) break;
    auto known = std::ranges::find(by_name, name, &decltype(by_name)::value_type::first);
    if (known == by_name.end()) known = by_name.insert(by_name.end(), {name, {}});
    known->second.push_back(std::move(value));
  }
  std::string out;
  json::ObjectWriter writer(out);
  for (const auto& [name, values] : by_name) {
    writer.key(name);
    if (values.size() > 1) out += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out += ',';
      json::append_string(out, values[i]);
    }
    if (values.size() > 1) out += ']';
  }
  writer.end();
  return out;
}

std::string endpoint_of(std::string_view target, const redact::KeyedDigest& digest,
                        std::vector<event::Redaction>& redactions) {
  if (target.find('?') == std::string_view::npos) return cut(target, kTargetBytesMax);
  const std::string hidden =
      http::hide_bearer_values(target, [&](std::string_view value) { return digest(value); });
  if (hidden != target) redactions.push_back({"api_endpoint", "url:bearer", "hash"});
  return cut(redact::redact_url(cut(hidden, 2 * kTargetBytesMax), "api_endpoint",
                                {.redactions = redactions, .digest = &digest}),
             kTargetBytesMax);
}

event::Event http_event(Context& context, std::string_view name, const HttpExchangeFacts& facts,
                        const HttpOutcome& outcome, mcp::Moment when) {
  event::Event out = about_exchange(context, name, outcome.result, when);
  if (!facts.interaction_id.empty()) out.interaction_id = facts.interaction_id;
  const bool is_mcp = out.event_type == event::EventType::mcp;
  if (facts.target) {
    set_target(out, *facts.target);
  } else {
    set_target(out, is_mcp ? server_target(context)
                           : Target{"endpoint", context.server_name() + facts.path, facts.path});
  }
  if (!facts.action.empty() && !is_mcp) out.event_action = facts.action;
  out.old_values = facts.old_values;
  out.new_values = facts.new_values;
  Members members = start_members(context, is_mcp ? context.transport() : "http");
  if (outcome.result == EventResult::pending) {
    members.raw("response_time_ms", "null");
    members.raw("status_code", "null");
  } else {
    const auto took = when.mono - facts.started.mono;
    out.duration = std::chrono::duration_cast<std::chrono::microseconds>(took);
    members.raw("response_time_ms", milliseconds(took));
    if (outcome.status == 0) {
      members.raw("status_code", "null");
    } else {
      members.number("status_code", static_cast<std::uint64_t>(outcome.status));
    }
    write_outcome_of(members, outcome);
  }
  members.string("path", facts.path);
  members.raw("query_params", facts.query_params);
  members.raw("request_body", facts.request_body);
  members.join(facts.members);
  members.join(outcome.extra);
  if (!outcome.error.empty()) out.error_message = outcome.error;
  finish(out, members, facts.redactions);
  return out;
}

std::string challenge_json(const http::FieldList& response) {
  const auto challenge = identity::read_challenge(response);
  if (!challenge) return {};
  Members members;
  members.string("scheme", challenge->scheme);
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) members.string(name, value);
  };
  add("realm", challenge->realm);
  add("error", challenge->error);
  add("error_description", challenge->error_description);
  add("scope", challenge->scope);
  add("resource_metadata", challenge->resource_metadata);
  return members.object();
}

RefusalKind refusal_kind(int status, const http::FieldList& response, std::string_view origin,
                         std::string_view host) {
  if (status != 401 && status != 403 && status != 429) return {};
  const auto challenge = identity::read_challenge(response);
  Members members;
  std::string_view name = "access-denied";
  if (status == 429) {
    name = "rate-limit-exceeded";
    const auto add = [&](std::string_view member, std::string_view header) {
      const auto value = response.find(header);
      if (value) members.string(member, cut(*value, kHeaderValueBytesMax));
    };
    add("limit", response.has("RateLimit-Limit") ? "RateLimit-Limit" : "X-RateLimit-Limit");
    add("retry_after", "Retry-After");
  } else if (status == 401) {
    name = "auth-failure";
    members.string("reason",
                   challenge && !challenge->error.empty() ? challenge->error : "unauthorized");
  } else if (challenge && challenge->error == "insufficient_scope") {
    name = "auth-scope-challenge";
    members.string("scopes", challenge->scope);
  } else if (!challenge && !origin.empty() && differs(origin, host)) {
    members.string("reason", "origin");
    members.string("origin", cut(origin, kHeaderValueBytesMax));
  } else {
    members.string("reason",
                   challenge && !challenge->error.empty() ? challenge->error : "forbidden");
  }
  if (challenge && status != 429) members.raw("challenge", challenge_json(response));
  return {name, members.take()};
}

std::string refusal_text(int status, const http::FieldList& response,
                         const redact::KeyedDigest& digest,
                         std::vector<event::Redaction>& redactions) {
  if (status < 400) return {};
  std::string out = "HTTP " + std::to_string(status);
  const auto challenge = identity::read_challenge(response);
  if (challenge && !challenge->error.empty()) {
    out += ": " + challenge->error;
    if (!challenge->scope.empty()) out += ", scope " + challenge->scope;
    if (!challenge->error_description.empty()) out += " (" + challenge->error_description + ')';
  } else if (const auto after = response.find("Retry-After"); after && !after->empty()) {
    out += ": retry after " + cut(*after, kHeaderValueBytesMax);
  }
  return cut(redact::redact_text(utf8_repair(cut(out, kErrorMessageBytesMax)), "error_message",
                                 {.redactions = redactions, .digest = &digest}),
             kErrorMessageBytesMax);
}

event::Event refusal_event(Context& context, const RefusalKind& kind, int status,
                           std::string_view interaction_id, mcp::Moment when) {
  event::Event out = about_exchange(context, kind.event_name, result_of_status(status), when);
  if (!interaction_id.empty()) out.interaction_id = std::string(interaction_id);
  set_target(out, server_target(context));
  Members members = start_members(context, context.transport());
  members.join(kind.members);
  members.number("status_code", static_cast<std::uint64_t>(status));
  if (context.reply() != nullptr && !context.reply()->error.empty()) {
    out.error_message = context.reply()->error;
  }
  finish(out, members, {});
  return out;
}

event::Event session_end_event(Context& context, std::string_view session_id,
                               std::string_view reason, std::size_t open_requests,
                               mcp::Moment when) {
  event::Event out = about_exchange(context, "mcp-session-end", EventResult::success, when);
  out.session_id = std::string(session_id);
  set_target(out, {"session", context.server_name() + '/' + std::string(session_id),
                   std::string(session_id)});
  Members members = start_members(context, context.transport());
  members.string("reason", reason);
  members.number("open_requests", open_requests);
  finish(out, members, {});
  return out;
}

event::Event session_shared_event(Context& context, std::string_view session_id,
                                  SessionDiffers what, std::string_view first, std::size_t count,
                                  mcp::Moment when) {
  event::Event out = about_exchange(context, "mcp-session-shared", EventResult::failure, when);
  out.session_id = std::string(session_id);
  set_target(out, {"session", context.server_name() + '/' + std::string(session_id),
                   std::string(session_id)});
  Members members = start_members(context, context.transport());
  switch (what) {
    case SessionDiffers::principal:
      members.string("differs", "principal");
      members.string("first_principal", first);
      members.number("principals", count);
      break;
    case SessionDiffers::address:
      members.string("differs", "address");
      members.string("first_address", first);
      members.number("addresses", count);
      break;
    case SessionDiffers::client:
      members.string("differs", "client");
      members.raw("first_client", first);
      members.raw("client", context.client_json());
      break;
  }
  finish(out, members, {});
  return out;
}

event::Event token_misuse_event(Context& context, std::string_view reason, std::string extra,
                                mcp::Moment when) {
  event::Event out = about_exchange(context, "auth-token-misuse", EventResult::failure, when);
  set_target(out, server_target(context));
  Members members = start_members(context, context.transport());
  members.string("reason", reason);
  members.join(extra);
  finish(out, members, {});
  return out;
}

void add_reply(event::Event& event, const Reply& reply, event::EventResult http_result,
               std::string_view reason) {
  Members members;
  Members http;
  Members outcome;
  if (reply.status != 0) {
    outcome.number("http_status", static_cast<std::uint64_t>(reply.status));
  }
  json::Document document;
  const auto inside = [](json::Value object) {
    return object.raw().substr(1, object.raw().size() - 2);
  };
  if (const auto root = document.parse(event.details, {.depth_indexed = 1})) {
    for (const json::Value child : root->children()) {
      if (child.key_is("http")) {
        http.join(inside(child));
      } else if (child.key_is("outcome")) {
        outcome.join(inside(child));
      } else {
        members.raw(child.key_raw(), child.raw());
      }
    }
  }
  http.join(reply.http);
  if (!reason.empty()) outcome.string("reason", reason);
  if (!http.empty()) members.raw("http", http.object());
  if (!outcome.empty()) members.raw("outcome", outcome.object());
  const EventResult result = worse(event.event_result, http_result);
  if (result != event.event_result) {
    event.event_result = result;
    event.status = event::status_of(result);
    event.severity = event::severity_of(result);
  }
  finish(event, members, std::move(event.redactions));
}

}  // namespace tally::record
