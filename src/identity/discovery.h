// SPDX-License-Identifier: Apache-2.0
// What an issuer says of itself (OpenID Connect Discovery 1.0): where its keys are.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace tally::identity {

/// Where the issuer publishes it (section 4): its address without a slash at the end, and
/// /.well-known/openid-configuration.
[[nodiscard]] std::string discovery_url(std::string_view issuer);

/// `jwks_uri` of the document `text`. Errors: malformed for what is no JSON object, has a member
/// twice or in two spellings, has no such address, or one that is not https although the issuer is;
/// mismatch when it is about another issuer than
/// `issuer`, compared character by character (section 4.3).
[[nodiscard]] Result<std::string> read_discovery(std::string_view text, std::string_view issuer);

}  // namespace tally::identity
