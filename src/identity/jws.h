// SPDX-License-Identifier: Apache-2.0
// The form of a signed token: JWS compact serialisation (RFC 7515), read so strictly that nothing
// about it can be understood in two ways.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tally::identity {

/// A token taken apart. What its header says about where keys are (jku, x5u, jwk, x5c) is not
/// read: keys come from the operator alone.
struct Jws {
  std::string algorithm;              ///< `alg`, as written
  std::optional<std::string> key_id;  ///< `kid`
  std::string payload;                ///< decoded; JSON when it is a JWT
  std::string_view signed_part;       ///< header and payload as they stand in the token
  std::string signature;              ///< decoded
};

/// What is wrong with a token that is none.
enum class JwsFault : unsigned char {
  none,
  malformed,        ///< no three parts of canonical base64url, or a header that is no JSON object
  repeated_header,  ///< a header is there twice, or in two spellings
  critical_header,  ///< `crit`: something must be understood that is not (RFC 7515, 4.1.11)
};

/// Takes `token` apart into `out`, which views it. Bounded by kTokenBytesMax.
[[nodiscard]] JwsFault parse_jws(std::string_view token, Jws& out);

/// Base64 for URLs without padding (RFC 4648, section 5), canonical: unused bits are zero. nullopt
/// for anything else.
[[nodiscard]] std::optional<std::string> from_canonical_base64url(std::string_view text);

}  // namespace tally::identity
