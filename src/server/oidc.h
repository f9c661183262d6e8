// SPDX-License-Identifier: Apache-2.0
// Tokens of an issuer (OpenID Connect, RFC 9068) at our own API, beside our own.
#pragma once

#include "access/role_map.h"
#include "identity/token_verifier.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tally::server {

/// Immutable, thread-safe; waits for nothing.
class Oidc {
 public:
  /// `name_claim`: who it is in records; the client, else the subject, where it is not there.
  Oidc(std::shared_ptr<const identity::TokenVerifier> verifier, access::RoleRules rules,
       std::string name_claim)
      : verifier_(std::move(verifier)),
        roles_(std::move(rules)),
        name_claim_(std::move(name_claim)) {}

  struct Answer {
    identity::Doubt doubt = identity::Doubt::none;
    /// Of a token that is believed: what its claims give; absent: nothing, see `reason`.
    std::optional<access::Principal> principal;
    std::string reason;  ///< "no-role", "no-scope", "no-subject"
    std::string who;     ///< of a token that is believed, for records
  };
  [[nodiscard]] Answer find(std::string_view token, WallTime now) const;

  /// Whether a text has the form of such a token: says nothing about what it is.
  [[nodiscard]] static bool looks_like_one(std::string_view text);
  /// Principal::grant of a token that ends at `ends`, and whether it is good by `now`; nullopt for
  /// grants of another kind.
  [[nodiscard]] static std::string grant_until(WallTime ends);
  [[nodiscard]] static std::optional<bool> still_good(std::string_view grant, WallTime now);

 private:
  std::shared_ptr<const identity::TokenVerifier> verifier_;
  access::RoleMap roles_;
  std::string name_claim_;
};

}  // namespace tally::server
