// SPDX-License-Identifier: Apache-2.0
// From one credential to a principal. Nothing is checked against anything, and the record says so.
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

}  // namespace tally::identity
