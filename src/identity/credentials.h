// SPDX-License-Identifier: Apache-2.0
// From one credential to a principal. Only tokens are checked, where there are keys to check them
// with; the record says what was, and why something is not believed.
#pragma once

#include "identity/identity.h"

#include <optional>
#include <string_view>
#include <utility>

namespace tally::identity {

/// A principal, and when what was read of it stops being true.
struct Read {
  Principal principal;
  std::optional<WallTime> expires;
};

/// An Authorization field, cut behind the scheme. Views of it.
struct Authorization {
  std::string_view scheme;
  std::string_view credentials;  ///< may be empty
};
[[nodiscard]] Authorization split_authorization(std::string_view value);

/// `digest` = keyed digest of the credentials without the scheme.
[[nodiscard]] Read read_authorization(const Authorization& given, const Options& options,
                                      std::string digest, WallTime now);
/// An API key, known by its keyed digest.
[[nodiscard]] Principal read_api_key(std::string digest);
/// The user that a trusted proxy names in `header`.
[[nodiscard]] Principal read_user_header(std::string_view header, std::string_view user);
/// Who it is that showed a certificate and says `stated` of itself; the more certain of the two,
/// and the record has both.
[[nodiscard]] Principal with_certificate(const Principal& stated, const Certificate& shown);

}  // namespace tally::identity
