// SPDX-License-Identifier: Apache-2.0
// One API token: the secret that its holder gets once, and what is kept of it.
#pragma once

#include "access/principal.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/hash.h"

#include <optional>
#include <string>
#include <string_view>

namespace tally::access {

/// What is kept of a token: never the token, only its SHA-256. It has 256 random bits, so nothing
/// slower than one hash is needed to keep it secret.
struct TokenRecord {
  std::string id;  ///< 12 hex digits
  std::string name;
  Role role = Role::auditor;
  Scope scope;
  WallTime created{};
  std::optional<WallTime> expires;
  std::string hash;  ///< 64 hex digits

  [[nodiscard]] bool expired(WallTime now) const { return expires && *expires <= now; }
  [[nodiscard]] Principal principal() const {
    return {.id = id, .name = name, .role = role, .scope = scope, .ends = expires};
  }
  friend bool operator==(const TokenRecord&, const TokenRecord&) = default;
};

/// What a new token shall be.
struct TokenWish {
  std::string name;
  Role role = Role::auditor;
  Scope scope;
  std::optional<WallTime> expires;
};

struct NewToken {
  std::string secret;  ///< "tally_" and 64 hex digits; shown once, kept nowhere
  TokenRecord record;
};

[[nodiscard]] NewToken make_token(const TokenWish& wish, WallTime now, Random& random);

/// Whether a text has the form of a token; says nothing about whether there is one.
[[nodiscard]] bool looks_like_token(std::string_view text);
/// SHA-256 of the whole text, as in TokenRecord::hash.
[[nodiscard]] std::string token_hash(std::string_view secret);

/// One record as one line of JSON, without LF.
[[nodiscard]] std::string format_record(const TokenRecord& record);
/// Errors: malformed, naming the member. Unknown members are an error: a newer version may mean a
/// restriction by one.
[[nodiscard]] Result<TokenRecord> parse_record(std::string_view line);

}  // namespace tally::access
