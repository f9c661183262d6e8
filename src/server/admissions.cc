// SPDX-License-Identifier: Apache-2.0
#include "server/admissions.h"

#include <utility>

namespace tally::server {

using Kind = Admissions::Found::Kind;

Admissions::Found Admissions::by_token(std::string_view secret) {
  if (oidc_ != nullptr && Oidc::looks_like_one(secret)) return by_issuer(secret);
  auto answer = tokens_.find(secret);
  using Verdict = access::TokenStore::Verdict;
  if (answer.verdict == Verdict::good) return {Kind::good, std::move(answer.principal), {}};
  return {Kind::wrong, std::move(answer.principal),
          answer.verdict == Verdict::expired ? "expired" : "unknown"};
}

Admissions::Found Admissions::by_issuer(std::string_view token) const {
  Oidc::Answer answer = oidc_->find(token, clock_.now());
  if (answer.doubt == identity::Doubt::no_keys) return {Kind::not_yet, {}, "no-keys"};
  if (answer.doubt != identity::Doubt::none) {
    return {Kind::wrong, {}, std::string(identity::doubt_text(answer.doubt))};
  }
  if (answer.principal) return {Kind::good, std::move(answer.principal), {}};
  access::Principal known;  // gives nothing, but it was found who it is
  known.id = "oidc";
  known.name = std::move(answer.who);
  known.holder = access::Holder::user;
  return {Kind::forbidden, std::move(known), std::move(answer.reason)};
}

Admissions::Found Admissions::by_session(std::string_view secret) {
  auto session = sessions_->find(secret, clock_.now());
  if (!session) return {Kind::ended, {}, "session-ended"};
  if (still_good(session->grant)) return {Kind::good, std::move(session->principal), {}};
  sessions_->close(secret);
  return {Kind::ended, std::move(session->principal), "session-ended"};
}

bool Admissions::still_good(std::string_view grant) {
  if (sessions_ != nullptr && access::SessionTable::is_session(grant)) {
    const auto session = sessions_->find_grant(grant, clock_.now());
    return session && still_good(session->grant);
  }
  if (const auto issued = Oidc::still_good(grant, clock_.now())) return *issued;
  return tokens_.still_good(grant);
}

}  // namespace tally::server
