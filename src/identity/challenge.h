// SPDX-License-Identifier: Apache-2.0
// WWW-Authenticate (RFC 9110, 11.6.1; RFC 6750, 3): what a server wants of a client that it turned
// away.
#pragma once

#include "http/fields.h"

#include <optional>
#include <string>

namespace tally::identity {

/// One challenge; members are empty where the server says nothing. Cut at 512 bytes each.
struct Challenge {
  std::string scheme;  ///< as written: Bearer, Basic, DPoP
  std::string realm, error, error_description, scope, resource_metadata;
  friend bool operator==(const Challenge&, const Challenge&) = default;
};

/// The first Bearer challenge, else the first of any scheme; nullopt when there is none.
[[nodiscard]] std::optional<Challenge> read_challenge(const http::FieldList& fields);

}  // namespace tally::identity
