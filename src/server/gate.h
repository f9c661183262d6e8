// SPDX-License-Identifier: Apache-2.0
// Decides who may do what, and records whom it kept out.
#pragma once

#include "access/guess_limit.h"
#include "http/head.h"
#include "server/admissions.h"
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
  /// `tls`: connections are encrypted, so cookies must have come that way too.
  Gate(Admissions& admissions, SelfAudit& audit, const Clock& clock, bool tls = false)
      : admissions_(admissions), audit_(audit), clock_(clock), tls_(tls) {}

  struct Admission {
    std::optional<access::Principal> principal;
    std::optional<Answer> refusal;  ///< 401, 403, 429 or 503
  };
  /// By the token of Authorization, else by the session of a cookie. A session may change something
  /// only from a page of this service (from_own_page()).
  [[nodiscard]] Admission admit(const http::RequestHead& head, const Operation& operation,
                                const std::string& peer, bool peer_is_here);

  /// What to answer instead when a token that was admitted is no longer good.
  [[nodiscard]] std::optional<Answer> refusal_now(const Caller& caller);

  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  [[nodiscard]] Answer refuse(const Caller& caller, std::string_view reason, bool wrong_token,
                              bool session_over = false);
  [[nodiscard]] Answer turn_away(const Caller& caller, const Admissions::Found& found);
  [[nodiscard]] Answer forbid(const Caller& caller, std::string_view reason, std::string_view told);

  Admissions& admissions_;
  SelfAudit& audit_;
  const Clock& clock_;
  const bool tls_;
  access::GuessLimit guesses_;
  std::uint64_t refused_ = 0;
};

}  // namespace tally::server
