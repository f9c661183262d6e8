// SPDX-License-Identifier: Apache-2.0
// Public keys of others and the signatures that JSON Web Tokens have (RFC 7518, RFC 8037). Keys are
// of one kind and verify only what that kind signs, so a public key is never taken for a secret.
#pragma once

#include "base/encoding.h"
#include "base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

struct evp_pkey_st;

namespace tally::crypto {

/// JWS algorithms that are understood; "none" is not among them.
enum class JwsAlgorithm : std::uint8_t {
  rs256,
  rs384,
  rs512,
  ps256,
  ps384,
  ps512,
  es256,
  es384,
  eddsa,
  hs256,
};
/// "RS256" … "EdDSA", "HS256".
[[nodiscard]] std::string_view jws_name(JwsAlgorithm algorithm);
/// Of exactly that name; nullopt for others, in another case too.
[[nodiscard]] std::optional<JwsAlgorithm> parse_jws_name(std::string_view name);

/// Immutable; copies share one object; verify() may be called from any thread.
class PublicKey {
 public:
  enum class Kind : std::uint8_t { rsa, p256, p384, ed25519 };

  /// Big-endian numbers without sign. Errors: invalid_argument for a modulus of less than 2,048
  /// or more than 8,192 bits, or an even or huge exponent.
  [[nodiscard]] static Result<PublicKey> rsa(Bytes modulus, Bytes exponent);
  /// Coordinates of exactly 32 (p256) or 48 bytes (p384). Errors: invalid_argument, also for a
  /// point that is not on the curve.
  [[nodiscard]] static Result<PublicKey> ec(Kind curve, Bytes x, Bytes y);
  /// 32 bytes (RFC 8032).
  [[nodiscard]] static Result<PublicKey> ed25519(Bytes x);

  [[nodiscard]] Kind kind() const { return kind_; }
  /// Whether keys of this kind make signatures of `algorithm`; never hs256.
  [[nodiscard]] bool fits(JwsAlgorithm algorithm) const;
  /// False for an algorithm that does not fit, and for a signature of another length. ES256 and
  /// ES384 are r and s, each of fixed length (RFC 7518, 3.4), neither zero.
  [[nodiscard]] bool verify(JwsAlgorithm algorithm, Bytes message, Bytes signature) const;

 private:
  PublicKey(Kind kind, std::shared_ptr<evp_pkey_st> key) : kind_(kind), key_(std::move(key)) {}
  Kind kind_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace tally::crypto
