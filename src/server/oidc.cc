// SPDX-License-Identifier: Apache-2.0
#include "server/oidc.h"

#include "base/encoding.h"
#include "crypto/hash.h"
#include "identity/claims.h"
#include "identity/jws.h"

#include <algorithm>
#include <array>

namespace tally::server {
namespace {

constexpr std::string_view kGrant = "until:";
/// Of the hash of issuer and subject: as long as a UUID.
constexpr std::size_t kIdBytes = 16;

std::string id_of(const identity::Claims& claims) {
  const std::string both = claims.issuer + '\n' + claims.subject;
  return "oidc:" + to_hex(crypto::sha256(as_bytes(both)).bytes().first(kIdBytes));
}

}  // namespace

bool Oidc::looks_like_one(std::string_view text) { return std::ranges::count(text, '.') == 2; }

bool Oidc::is_grant(std::string_view grant) { return grant.starts_with(kGrant); }

/// The mark goes last: a name of a key may have anything in it.
std::string Oidc::grant_of(WallTime ends, std::string_view key_mark) const {
  return std::string(kGrant) + std::to_string(ends.time_since_epoch().count()) + ':' +
         std::to_string(settings_) + ':' + std::string(key_mark);
}

access::Standing Oidc::standing(std::string_view grant, WallTime now) const {
  using access::Standing;
  if (!is_grant(grant)) return Standing::expired;
  grant.remove_prefix(kGrant.size());
  const auto next = [&grant] {
    const std::size_t end = std::min(grant.find(':'), grant.size());
    const auto number = parse_decimal(grant.substr(0, end));
    grant.remove_prefix(std::min(end + 1, grant.size()));
    return number;
  };
  const auto ends = next();
  const auto settings = next();
  const auto at = now.time_since_epoch().count();
  if (!ends || at < 0 || static_cast<std::uint64_t>(at) >= *ends) return Standing::expired;
  if (settings != settings_) return Standing::unsettled;
  return verifier_->has_key(grant) ? Standing::good : Standing::withdrawn;
}

Oidc::Answer Oidc::find(std::string_view token, WallTime now) const {
  Answer out;
  const identity::Verdict verdict = verifier_->verify(token, now);
  out.doubt = verdict.doubt;
  if (!verdict.believed()) return out;
  const std::array<std::string, 1> names{name_claim_};
  const auto claims = identity::read_claims(token, names);
  identity::Jws jws;
  if (!claims || identity::parse_jws(token, jws) != identity::JwsFault::none ||
      claims->subject.empty() || !verdict.until) {
    out.reason = "no-subject";
    return out;
  }
  out.who = !claims->actor.empty()                            ? claims->actor
            : claims->is_client && !claims->client_id.empty() ? claims->client_id
                                                              : claims->subject;
  const auto granted = roles_.grant(jws.payload);
  if (!granted) {
    out.reason =
        granted.error().code == Errc::permission_denied ? granted.error().detail : "no-role";
    return out;
  }
  access::Principal principal;
  principal.id = id_of(*claims);
  principal.name = out.who;
  principal.role = granted->role;
  principal.scope = granted->scope;
  principal.holder = claims->is_client ? access::Holder::service : access::Holder::user;
  principal.ends = verdict.until;
  principal.grant = grant_of(*verdict.until, verdict.key_mark);
  out.principal = std::move(principal);
  return out;
}

}  // namespace tally::server
