// SPDX-License-Identifier: Apache-2.0
// Decides who may do what, and records whom it kept out.
#pragma once

#include "access/guess_limit.h"
#include "access/token_store.h"
#include "http/head.h"
#include "server/answer.h"
#include "server/operation.h"
#include "server/self_audit.h"

#include <optional>
#include <string>

namespace tally::server {

/// For one loop's thread.
class Gate {
 public:
  /// All must outlive it.
  Gate(access::TokenStore& tokens, SelfAudit& audit, const Clock& clock)
      : tokens_(tokens), audit_(audit), clock_(clock) {}

  struct Admission {
    std::optional<access::Principal> principal;
    std::optional<Answer> refusal;  ///< 401, 403 or 429
  };
  [[nodiscard]] Admission admit(const http::RequestHead& head, const Operation& operation,
                                const std::string& peer, bool peer_is_here);

  /// What to answer instead when a token that was admitted is no longer good.
  [[nodiscard]] std::optional<Answer> refusal_now(const Caller& caller);

  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  [[nodiscard]] Answer refuse(const Caller& caller, std::string_view reason, bool wrong_token);

  access::TokenStore& tokens_;
  SelfAudit& audit_;
  const Clock& clock_;
  access::GuessLimit guesses_;
  std::uint64_t refused_ = 0;
};

}  // namespace tally::server
