// SPDX-License-Identifier: Apache-2.0
// Paths that hold a secret, such as the token of a link that resets a password: wherever one is
// written down, a keyed digest stands for it.
#pragma once

#include "redact/keyed_digest.h"
#include "rest/path_table.h"

#include <optional>
#include <string>
#include <string_view>

namespace tally::record {

/// The reading of a path that `match` is about, its secret replaced everywhere. `match` has one.
[[nodiscard]] std::string hidden_path(const rest::PathMatch& match,
                                      const redact::KeyedDigest& digest);

/// The same for a path, or a URL, of which no request was made: whatever method it would be for.
/// Scheme, host and query stay as they are; nullopt when no row says that there is a secret.
[[nodiscard]] std::optional<std::string> hide_secret_in(std::string_view url,
                                                        const rest::PathTable& paths,
                                                        const redact::KeyedDigest& digest);

}  // namespace tally::record
