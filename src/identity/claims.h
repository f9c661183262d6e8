// SPDX-License-Identifier: Apache-2.0
// What a JSON Web Token says (RFC 7519), without asking whether it is true: the signature is not
// looked at here.
#pragma once

#include "base/clock.h"
#include "base/json.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tally::identity {

/// Claims that an audit needs. Texts are cut at kClaimBytesMax; empty where the token says nothing.
struct Claims {
  std::string actor;  ///< first present of the configured claims
  std::string issuer, subject, client_id, scope, token_id, algorithm;
  std::vector<std::string> audiences;
  std::vector<std::string> acting;  ///< `act` chain (RFC 8693, 4.1): who acts, nearest first
  std::optional<WallTime> expires;
  /// The token was given to a program for itself (client credentials): by RFC 9068 its subject is
  /// the client, others say it outright.
  bool is_client = false;
  /// A claim is there twice, so two readers may take it for two persons.
  bool repeated = false;
};

inline constexpr std::size_t kClaimBytesMax = 256;

/// nullopt when `token` is not three base64url parts of which the first two are JSON objects.
[[nodiscard]] std::optional<Claims> read_claims(std::string_view token,
                                                std::span<const std::string> actor_claims);

/// A NumericDate (RFC 7519, section 2), cut to seconds; nullopt when it is none, or beyond year
/// 9999.
[[nodiscard]] std::optional<WallTime> numeric_date(const std::optional<json::Value>& value);

/// Base64 for URLs without padding (RFC 4648, section 5); nullopt for anything else.
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);

}  // namespace tally::identity
