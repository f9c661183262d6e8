// SPDX-License-Identifier: Apache-2.0
#include "server/gate.h"

#include "http/target.h"

#include <algorithm>

namespace tally::server {
namespace {

/// The token of `Authorization: Bearer …`; the scheme is compared without case (RFC 9110 section
/// 11.1). Empty: none.
std::string_view bearer_of(const http::FieldList& fields) {
  constexpr std::string_view kScheme = "bearer ";
  if (fields.count("authorization") != 1) return {};
  std::string_view value = *fields.find("authorization");
  if (value.size() < kScheme.size()) return {};
  const auto same = [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y; };
  if (!std::ranges::equal(value.substr(0, kScheme.size()), kScheme, same)) return {};
  value.remove_prefix(kScheme.size());
  while (value.starts_with(' ')) value.remove_prefix(1);
  return value;
}

constexpr std::string_view kNotAccepted = "the token is not accepted: unknown, revoked or expired";

Answer unauthorized(std::string_view detail, std::string_view error) {
  Answer out = problem(401, detail);
  out.fields.emplace_back("WWW-Authenticate",
                          std::string("Bearer realm=\"tallystick\"").append(error));
  return out;
}

}  // namespace

Answer Gate::refuse(const Caller& caller, std::string_view reason, bool wrong_token) {
  ++refused_;
  access::GuessLimit::Verdict verdict;
  if (wrong_token) verdict = guesses_.wrong(caller.address, clock_.mono());
  const int status = verdict.refuse ? 429 : 401;
  const std::string_view told = verdict.refuse ? "too-many" : reason;
  audit_.note("refused " + access::network_of(caller.address) + ' ' + std::string(told),
              audit_.events().not_admitted(caller, status, told));
  if (verdict.refuse) {
    Answer out = problem(429, "too many wrong tokens from this address; wait before the next one");
    out.fields.emplace_back("Retry-After", std::to_string(verdict.retry_after.count()));
    return out;
  }
  return reason == "missing" ? unauthorized(
                                   "this needs a token: Authorization: Bearer TOKEN; "
                                   "tallystick token create makes one",
                                   "")
                             : unauthorized(kNotAccepted, ", error=\"invalid_token\"");
}

std::optional<Answer> Gate::refusal_now(const Caller& caller) {
  if (tokens_.still_good(caller.principal->id)) return std::nullopt;
  ++refused_;
  audit_.note("revoked " + caller.principal->id + ' ' + caller.address,
              audit_.events().not_admitted(caller, 401, "revoked"));
  return unauthorized(kNotAccepted, ", error=\"invalid_token\"");
}

Gate::Admission Gate::admit(const http::RequestHead& head, const Operation& operation,
                            const std::string& peer, bool peer_is_here) {
  Admission out;
  if (operation.need == access::Need::nothing) return out;
  const std::string_view secret = bearer_of(head.fields);
  const bool offered = head.fields.has("authorization");
  if (operation.open_on_loopback && peer_is_here && !offered) return out;
  Caller caller{std::nullopt, peer, std::string(head.fields.find("user-agent").value_or("")),
                head.method, std::string(http::split_target(head.target).path)};
  const Caller stranger{std::nullopt, peer, caller.user_agent, head.method,
                        std::string(operation.path)};  // who has no token may write one into a path
  if (!offered) {
    out.refusal = refuse(stranger, "missing", false);
    return out;
  }
  auto answer = tokens_.find(secret);
  caller.principal = answer.principal;
  using Verdict = access::TokenStore::Verdict;
  if (answer.verdict != Verdict::good) {
    Caller known = stranger;
    known.principal = caller.principal;
    out.refusal = refuse(known, answer.verdict == Verdict::expired ? "expired" : "unknown", true);
    return out;
  }
  if (!access::permits(answer.principal->role, operation.need)) {
    ++refused_;
    const std::string role(access::role_name(answer.principal->role));
    audit_.note("forbidden " + answer.principal->id + ' ' + peer + ' ' +
                    std::string(operation.path) + ' ' + head.method,
                audit_.events().forbidden(caller, "role"));
    out.refusal = problem(403, "the role " + role + " may not do this");
    return out;
  }
  out.principal = std::move(answer.principal);
  return out;
}

}  // namespace tally::server
