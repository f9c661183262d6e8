// SPDX-License-Identifier: Apache-2.0
// Tokens of an issuer (OpenID Connect, RFC 9068) at our own API, beside our own.
#pragma once

#include "access/grants.h"
#include "access/role_map.h"
#include "identity/token_verifier.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tally::server {

/// Immutable, thread-safe; waits for nothing.
class Oidc {
 public:
  /// `name_claim`: who it is in records; the client, else the subject, where it is not there.
  /// `settings`: a number that no other settings of this process have.
  Oidc(std::shared_ptr<const identity::TokenVerifier> verifier, access::RoleRules rules,
       std::string name_claim, std::uint64_t settings = 0)
      : verifier_(std::move(verifier)),
        roles_(std::move(rules)),
        name_claim_(std::move(name_claim)),
        settings_(settings) {}

  struct Answer {
    identity::Doubt doubt = identity::Doubt::none;
    /// Of a token that is believed: what its claims give; absent: nothing, see `reason`.
    std::optional<access::Principal> principal;
    std::string reason;  ///< "no-role", "no-scope", "no-subject"
    std::string who;     ///< of a token that is believed, for records
  };
  [[nodiscard]] Answer find(std::string_view token, WallTime now) const;

  /// Which settings these are, and how often the issuer's keys changed: what was concluded under
  /// others is void.
  [[nodiscard]] std::uint64_t settings() const { return settings_; }
  [[nodiscard]] std::uint64_t keys() const { return verifier_->generation(); }

  /// Whether a text has the form of such a token: says nothing about what it is.
  [[nodiscard]] static bool looks_like_one(std::string_view text);
  /// Whether a Principal::grant is one that find() gives, and what became of it by `now`: it is
  /// good until the token ends, as long as the issuer has the key and the settings are these.
  [[nodiscard]] static bool is_grant(std::string_view grant);
  [[nodiscard]] access::Standing standing(std::string_view grant, WallTime now) const;

 private:
  [[nodiscard]] std::string grant_of(WallTime ends, std::string_view key_mark) const;

  std::shared_ptr<const identity::TokenVerifier> verifier_;
  access::RoleMap roles_;
  std::string name_claim_;
  std::uint64_t settings_;
};

}  // namespace tally::server
