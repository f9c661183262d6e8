// SPDX-License-Identifier: Apache-2.0
// All that lets somebody in at the API: our own tokens, those of an issuer, sessions of browsers.
#pragma once

#include "access/session_table.h"
#include "access/token_store.h"
#include "server/checked_tokens.h"
#include "server/oidc.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tally::server {

/// Thread-safe. What is referred to must outlive it.
class Admissions final : public access::Grants {
 public:
  /// `oidc` and `sessions` may be null: then there are none.
  Admissions(access::TokenStore& tokens, const Clock& clock,
             std::shared_ptr<const Oidc> oidc = nullptr, access::SessionTable* sessions = nullptr)
      : tokens_(tokens), clock_(clock), sessions_(sessions), oidc_(std::move(oidc)) {}

  /// Tokens of an issuer are judged by this from now on; null: none are accepted.
  void use_oidc(std::shared_ptr<const Oidc> oidc);

  struct Found {
    enum class Kind : unsigned char {
      good,
      wrong,      ///< no such token: 401, and counted as a guess
      ended,      ///< a session that is over: 401, and nobody guessed
      forbidden,  ///< a token that is believed and gives nothing: 403
      not_yet,    ///< the issuer's keys are not known: 503
      held,       ///< not looked at, because it would cost a check: 429
    };
    Kind kind = Kind::wrong;
    /// Of good; also of others where it is known who it is.
    std::optional<access::Principal> principal;
    std::string reason;    ///< of the record when it is not good
    bool in_vain = false;  ///< a signature was checked, and it is wrong
  };
  /// `may_check`: whether signatures may be checked (GuessLimit::may_check()). A token that was
  /// checked before needs none.
  [[nodiscard]] Found by_token(std::string_view secret, bool may_check = true);
  [[nodiscard]] Found by_session(std::string_view secret);
  [[nodiscard]] access::Standing standing(std::string_view grant) override;

  [[nodiscard]] bool has_sessions() const { return sessions_ != nullptr; }

 private:
  [[nodiscard]] std::shared_ptr<const Oidc> oidc() const;
  [[nodiscard]] Found by_issuer(const Oidc& oidc, std::string_view token, bool may_check);

  access::TokenStore& tokens_;
  const Clock& clock_;
  access::SessionTable* sessions_;
  CheckedTokens checked_;
  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<const Oidc> oidc_;
};

}  // namespace tally::server
