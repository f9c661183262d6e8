// SPDX-License-Identifier: Apache-2.0
// JSON Web Key Sets (RFC 7517): the public keys that an issuer signs with.
#pragma once

#include "base/result.h"
#include "crypto/public_key.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::identity {

/// One key that signatures can be verified with.
struct SigningKeyOf {
  std::string id;                                 ///< `kid`; empty: none
  std::optional<crypto::JwsAlgorithm> algorithm;  ///< `alg`: the only one it may be used for
  crypto::PublicKey key;
  std::string thumbprint;  ///< SHA-256 of the key itself in hex (RFC 7638)

  /// Which key it is, under the name that it has: what was believed by it holds as long as a set
  /// has one with the same mark.
  [[nodiscard]] std::string mark() const { return thumbprint + ' ' + id; }
};

/// Immutable once made.
class KeySet {
 public:
  /// A set as its issuer publishes it. Keys that are of no use here are left out and counted: other
  /// kinds and curves, too short ones, those for encryption, secrets (`oct`: what is published is
  /// none) and any beyond kKeySetKeysMax. Errors: too_large above kKeySetBytesMax, malformed when
  /// it is no set, or has no key that can be used; a set is never taken in part because of its
  /// form.
  [[nodiscard]] static Result<KeySet> parse(std::string_view text);

  [[nodiscard]] const std::vector<SigningKeyOf>& keys() const { return keys_; }
  [[nodiscard]] std::size_t left_out() const { return left_out_; }
  /// Whether a key of it has this SigningKeyOf::mark().
  [[nodiscard]] bool has(std::string_view mark) const;

 private:
  std::vector<SigningKeyOf> keys_;
  std::size_t left_out_ = 0;
};

}  // namespace tally::identity
