// SPDX-License-Identifier: Apache-2.0
// Whether a JSON Web Token is what it says (RFC 7519, RFC 8725): signature, algorithm, issuer,
// audience, times. Says why not; rejects nothing.
#pragma once

#include "base/clock.h"
#include "crypto/public_key.h"
#include "identity/key_source.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::identity {

struct Jws;

/// Why a token is not believed. Their texts are stable: records have them in details.auth.reason
/// (docs/identity.md).
enum class Doubt : std::uint8_t {
  none,
  malformed,
  repeated_header,
  critical_header,
  algorithm,       ///< not among those allowed, or not of any key there is
  no_keys,         ///< none has been read yet
  unknown_key,     ///< its `kid` is not in the key set
  signature,       ///< not by that key
  repeated_claim,  ///< a claim is there twice, or in two spellings
  issuer,
  audience,
  expired,
  not_yet_valid,
  issued_later,  ///< `iat` is in the future
  no_expiry,     ///< has no `exp`, and one is asked for
};
[[nodiscard]] std::string_view doubt_text(Doubt doubt);

struct VerifierOptions {
  /// Empty: every one that the keys can make.
  std::vector<crypto::JwsAlgorithm> algorithms{};
  std::vector<std::string> issuers{};    ///< `iss` must be one of these; empty: not looked at
  std::vector<std::string> audiences{};  ///< `aud` must have one of these; empty: not looked at
  std::chrono::seconds leeway{60};       ///< how far clocks may differ
  std::string secret{};                  ///< of HS256; empty: no token is believed by it
  bool expiry_needed = false;
};

/// What is known of one token.
struct Verdict {
  Doubt doubt = Doubt::none;
  std::string key_id;  ///< of a token that is believed: `kid` of the key; may be empty
  /// Of a token that is believed: SigningKeyOf::mark() of the key; empty: it was the secret.
  std::string key_mark;
  /// Until when this holds as long as the keys are the same; nullopt: for ever.
  std::optional<WallTime> until;

  [[nodiscard]] bool believed() const { return doubt == Doubt::none; }
};

/// Thread-safe; waits for nothing. A verification costs what its signature costs (P-256 some
/// 100 µs).
class TokenVerifier {
 public:
  /// `keys` may be null: then only the secret is there.
  TokenVerifier(VerifierOptions options, std::shared_ptr<const KeySource> keys);
  ~TokenVerifier();
  TokenVerifier(const TokenVerifier&) = delete;
  TokenVerifier& operator=(const TokenVerifier&) = delete;

  [[nodiscard]] Verdict verify(std::string_view token, WallTime now) const;
  /// Verdicts of another generation are void.
  [[nodiscard]] std::uint64_t generation() const { return keys_ ? keys_->generation() : 0; }
  /// Whether the key with this mark (of a Verdict) is still believed.
  [[nodiscard]] bool has_key(std::string_view mark) const;

 private:
  [[nodiscard]] bool allowed(crypto::JwsAlgorithm algorithm) const;
  [[nodiscard]] Doubt check_signature(const Jws& jws, crypto::JwsAlgorithm algorithm,
                                      std::string& key_mark) const;
  [[nodiscard]] Verdict check_claims(const std::string& payload, WallTime now) const;

  VerifierOptions options_;
  std::shared_ptr<const KeySource> keys_;
};

}  // namespace tally::identity
