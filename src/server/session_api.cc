// SPDX-License-Identifier: Apache-2.0
#include "server/session_api.h"

#include "base/json_writer.h"
#include "base/random.h"
#include "server/reading.h"

#include <algorithm>
#include <chrono>

namespace tally::server {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::string set_cookie(std::string_view secret, std::chrono::seconds age, bool secure) {
  std::string out(secure ? kSecureSessionCookie : kSessionCookie);
  out.append("=").append(secret).append("; Path=/; HttpOnly; SameSite=Strict; Max-Age=");
  out += std::to_string(age.count());
  if (secure) out += "; Secure";
  return out;
}

std::string describe(const access::Principal& principal, std::optional<WallTime> ends) {
  std::string out;
  json::ObjectWriter json(out);
  json.string("id", principal.id);
  json.string("name", principal.name);
  json.string("role", access::role_name(principal.role));
  json.key("scope");
  out += '[';
  for (const std::string& text : principal.scope.texts()) {
    if (out.back() != '[') out += ',';
    json::append_string(out, text);
  }
  out += ']';
  json.boolean("session", access::SessionTable::is_session(principal.holds()));
  json.key("ends");
  out += ends ? '"' + format_time(*ends) + '"' : "null";
  json.end();
  return out;
}

}  // namespace

bool is_secure(const http::FieldList& fields, bool tls) {
  return tls || fields.find("origin").value_or("").starts_with("https://");
}

std::optional<std::string> session_cookie(const http::FieldList& fields, bool only_secure) {
  std::optional<std::string> plain;
  std::optional<std::string> secure;
  for (const std::string_view value : fields.all("cookie")) {
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      const std::string_view one = trimmed(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const std::size_t equals = std::min(one.find('='), one.size());
      const std::string_view name = one.substr(0, equals);
      if (name != kSessionCookie && name != kSecureSessionCookie) continue;
      std::optional<std::string>& out = name == kSecureSessionCookie ? secure : plain;
      out = out ? std::string() : std::string(one.substr(std::min(equals + 1, one.size())));
    }
  }
  return secure || only_secure ? secure : plain;
}

bool from_own_page(const http::FieldList& fields) {
  if (!fields.has(kSessionHeader)) return false;
  if (const auto site = fields.find("sec-fetch-site"); site && *site != "same-origin") return false;
  const auto origin = fields.find("origin");
  if (!origin) return true;
  const std::size_t host = origin->find("://");
  return host != std::string_view::npos && origin->substr(host + 3) == fields.find("host");
}

std::string forget_session(bool secure) { return set_cookie("", std::chrono::seconds(0), secure); }

void Sessions::open(const Request& request, const Reply& reply) const {
  if (!enabled) {
    reply.send(problem(404, "sessions are switched off (api.session_lifetime)"));
    return;
  }
  if (access::SessionTable::is_session(request.principal->holds())) {
    reply.send(problem(409, "a session is made from a token, not from a session"));
    return;
  }
  const WallTime now = clock.now();
  const auto opened = table.open(*request.principal, request.principal->ends, now, system_random());
  if (!opened) {
    reply.send(busy("there are too many sessions; try again later", 60));
    return;
  }
  if (!audit.record(audit.events().session_begun(caller_of(request)))) {
    table.close(opened->secret);
    reply.send(busy("the login could not be recorded; try again"));
    return;
  }
  auto session = table.find(opened->secret, now);
  if (!session) {  // the token ended meanwhile
    reply.send(problem(401, "the token is not accepted any more"));
    return;
  }
  Answer answer = json_answer(describe(session->principal, opened->ends), 201);
  // Not longer than the session: it is cut, not rounded.
  const auto age = std::chrono::floor<std::chrono::seconds>(opened->ends - now);
  answer.fields.emplace_back("Set-Cookie",
                             set_cookie(opened->secret, age, is_secure(request.fields, tls)));
  reply.send(std::move(answer));
}

void Sessions::show(const Request& request, const Reply& reply) const {
  const access::Principal& who = *request.principal;
  std::optional<WallTime> ends = who.ends;
  if (const auto session = table.find_grant(who.holds(), clock.now())) ends = session->ends;
  reply.send(json_answer(describe(who, ends)));
}

void Sessions::close(const Request& request, const Reply& reply) const {
  const auto secret = session_cookie(request.fields, is_secure(request.fields, tls));
  if (!access::SessionTable::is_session(request.principal->holds()) || !secret) {
    reply.send(problem(409, "there is no session to end: this request has a token"));
    return;
  }
  // Ended first: a logout that cannot be recorded must still log out.
  const bool was_there = table.close(*secret);
  if (was_there) audit.note(audit.events().session_ended(caller_of(request)));
  Answer answer;
  answer.status = 204;
  answer.fields.emplace_back("Set-Cookie", forget_session(is_secure(request.fields, tls)));
  reply.send(std::move(answer));
}

}  // namespace tally::server
