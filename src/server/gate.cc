// SPDX-License-Identifier: Apache-2.0
#include "server/gate.h"

#include "base/check.h"
#include "base/limits.h"
#include "http/target.h"
#include "server/session_api.h"

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

Answer Gate::refuse(const Caller& caller, std::string_view reason, bool wrong_token,
                    bool session_over) {
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
  if (session_over) return unauthorized("the session is over; log in again", "");
  return reason == "missing" ? unauthorized(
                                   "this needs a token: Authorization: Bearer TOKEN; "
                                   "tallystick token create makes one",
                                   "")
                             : unauthorized(kNotAccepted, ", error=\"invalid_token\"");
}

std::optional<Answer> Gate::refusal_now(const Caller& caller) {
  const access::Standing standing = admissions_.standing(caller.principal->holds());
  if (standing == access::Standing::good) return std::nullopt;
  ++refused_;
  const std::string reason(access::standing_text(standing));
  audit_.note(reason + ' ' + caller.principal->id + ' ' + caller.address,
              audit_.events().not_admitted(caller, 401, reason));
  return unauthorized(kNotAccepted, ", error=\"invalid_token\"");
}

Answer Gate::forbid(const Caller& caller, std::string_view reason, std::string_view told) {
  ++refused_;
  audit_.note("forbidden " + caller.principal->id + ' ' + caller.principal->name + ' ' +
                  caller.address + ' ' + caller.path + ' ' + caller.method + ' ' +
                  std::string(reason),
              audit_.events().forbidden(caller, reason));
  return problem(403, told);
}

/// `caller` has the operation's path, not what was written.
Answer Gate::turn_away(const Caller& caller, const Admissions::Found& found) {
  using Kind = Admissions::Found::Kind;
  switch (found.kind) {
    case Kind::good: break;
    case Kind::wrong: return refuse(caller, found.reason, true);
    case Kind::ended: {
      Answer out = refuse(caller, found.reason, false, true);
      // Which of the two it had is not known here; a browser forgets what it has.
      out.fields.emplace_back("Set-Cookie", forget_session(false));
      out.fields.emplace_back("Set-Cookie", forget_session(true));
      return out;
    }
    case Kind::forbidden:
      return forbid(caller, found.reason, "the claims of this token give no role or scope here");
    case Kind::held: {
      ++refused_;
      audit_.note("refused " + access::network_of(caller.address) + " held",
                  audit_.events().not_admitted(caller, 429, found.reason));
      Answer out =
          problem(429, "too many wrong tokens from this address; wait before the next one");
      out.fields.emplace_back("Retry-After", std::to_string(kWrongCheckWindow.count()));
      return out;
    }
    case Kind::not_yet:
      ++refused_;
      audit_.note("no keys " + access::network_of(caller.address),
                  audit_.events().not_admitted(caller, 503, found.reason));
      return busy("the keys of the token's issuer are not known yet; try again", 5);
  }
  TALLY_CHECK(!"a good one is not turned away");
}

Gate::Admission Gate::admit(const http::RequestHead& head, const Operation& operation,
                            const std::string& peer, bool peer_is_here) {
  Admission out;
  if (operation.need == access::Need::nothing) return out;
  const bool offered = head.fields.has("authorization");
  if (operation.open_on_loopback && peer_is_here && !offered) return out;
  Caller caller{std::nullopt, peer, std::string(head.fields.find("user-agent").value_or("")),
                head.method, std::string(http::split_target(head.target).path)};
  Caller stranger{std::nullopt, peer, caller.user_agent, head.method,
                  std::string(operation.path)};  // who has no token may write one into a path
  const auto cookie = offered || !admissions_.has_sessions()
                          ? std::nullopt
                          : session_cookie(head.fields, is_secure(head.fields, tls_));
  if (!offered && !cookie) {
    out.refusal = refuse(stranger, "missing", false);
    return out;
  }
  const MonoTime now = clock_.mono();
  const auto bearer = bearer_of(head.fields);
  Admissions::Found found = cookie ? admissions_.by_session(*cookie)
                                   : admissions_.by_token(bearer, guesses_.may_check(peer, now));
  if (found.kind == Admissions::Found::Kind::held && guesses_.may_check_late(peer, now)) {
    found = admissions_.by_token(bearer, true);
  }
  if (found.in_vain) guesses_.checked_in_vain(peer, now);
  stranger.principal = found.principal;
  if (found.kind != Admissions::Found::Kind::good) {
    out.refusal = turn_away(stranger, found);
    return out;
  }
  caller.principal = std::move(found.principal);
  const bool reads = head.method == "GET" || head.method == "HEAD";
  if (cookie && !reads && !from_own_page(head.fields)) {
    out.refusal =
        forbid(caller, "cross-site",
               "with a session this needs the header X-Tallystick-Session, and a page of this "
               "service");
    return out;
  }
  if (!access::permits(caller.principal->role, operation.need)) {
    const std::string role(access::role_name(caller.principal->role));
    out.refusal = forbid(caller, "role", "the role " + role + " may not do this");
    return out;
  }
  out.principal = std::move(caller.principal);
  return out;
}

}  // namespace tally::server
