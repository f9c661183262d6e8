// SPDX-License-Identifier: Apache-2.0
#include "server/admissions.h"

#include <utility>

namespace tally::server {

using Kind = Admissions::Found::Kind;
using access::Standing;

void Admissions::use_oidc(std::shared_ptr<const Oidc> oidc) {
  const std::lock_guard lock(mutex_);
  oidc_.swap(oidc);
}

std::shared_ptr<const Oidc> Admissions::oidc() const {
  const std::lock_guard lock(mutex_);
  return oidc_;
}

Admissions::Found Admissions::by_token(std::string_view secret, bool may_check) {
  if (Oidc::looks_like_one(secret)) {
    if (const auto issuer = oidc()) return by_issuer(*issuer, secret, may_check);
  }
  auto answer = tokens_.find(secret);
  using Verdict = access::TokenStore::Verdict;
  if (answer.verdict == Verdict::good) return {Kind::good, std::move(answer.principal), {}};
  return {Kind::wrong, std::move(answer.principal),
          answer.verdict == Verdict::expired ? "expired" : "unknown"};
}

Admissions::Found Admissions::by_issuer(const Oidc& oidc, std::string_view token, bool may_check) {
  const std::string digest = CheckedTokens::digest_of(token);
  const WallTime now = clock_.now();
  if (auto known = checked_.believed(digest)) {
    if (oidc.standing(known->grant, now) == Standing::good) {
      return {Kind::good, std::move(known), {}};
    }
    checked_.forget(digest);
  }
  const CheckedTokens::Basis basis{oidc.settings(), oidc.keys()};
  if (const auto doubt = checked_.doubted(digest, basis)) {
    return {Kind::wrong, {}, std::string(identity::doubt_text(*doubt))};
  }
  if (!may_check) return {Kind::held, {}, "too-many"};
  Oidc::Answer answer = oidc.find(token, now);
  if (answer.doubt == identity::Doubt::no_keys) return {Kind::not_yet, {}, "no-keys"};
  if (answer.doubt != identity::Doubt::none) {
    checked_.doubt(digest, basis, answer.doubt);
    return {Kind::wrong,
            {},
            std::string(identity::doubt_text(answer.doubt)),
            answer.doubt == identity::Doubt::signature};
  }
  if (answer.principal) {
    checked_.believe(digest, *answer.principal);
    return {Kind::good, std::move(answer.principal), {}};
  }
  access::Principal known;  // gives nothing, but it was found who it is
  known.id = "oidc";
  known.name = std::move(answer.who);
  known.holder = access::Holder::user;
  return {Kind::forbidden, std::move(known), std::move(answer.reason)};
}

Admissions::Found Admissions::by_session(std::string_view secret) {
  auto session = sessions_->find(secret, clock_.now());
  if (!session) return {Kind::ended, {}, "session-ended"};
  const Standing now = standing(session->grant);
  if (now == Standing::good) return {Kind::good, std::move(session->principal), {}};
  sessions_->close(secret);
  const bool told = now == Standing::withdrawn || now == Standing::unsettled;
  return {Kind::ended, std::move(session->principal),
          std::string(access::standing_text(told ? now : Standing::ended))};
}

Standing Admissions::standing(std::string_view grant) {
  if (sessions_ != nullptr && access::SessionTable::is_session(grant)) {
    const auto session = sessions_->find_grant(grant, clock_.now());
    return session ? standing(session->grant) : Standing::ended;
  }
  if (!Oidc::is_grant(grant)) return tokens_.standing(grant);
  const auto issuer = oidc();
  return issuer ? issuer->standing(grant, clock_.now()) : Standing::unsettled;
}

}  // namespace tally::server
