// SPDX-License-Identifier: Apache-2.0
#include "identity/discovery.h"

#include "base/json.h"

#include <optional>

namespace tally::identity {

std::string discovery_url(std::string_view issuer) {
  if (issuer.ends_with('/')) issuer.remove_suffix(1);
  return std::string(issuer) + "/.well-known/openid-configuration";
}

Result<std::string> read_discovery(std::string_view text, std::string_view issuer) {
  json::Document document;
  const auto root = document.parse(text);
  if (!root || !root->is(json::Kind::object) || json::ambiguous_key(*root)) {
    return fail(Errc::malformed, "no document of OpenID Connect Discovery: a JSON object");
  }
  const auto named = root->find("issuer");
  if (!named || !named->text_is(issuer)) {
    return fail(Errc::mismatch, "is about another issuer than " + std::string(issuer) +
                                    "; write the issuer as it writes itself");
  }
  const auto keys = root->find("jwks_uri");
  if (!keys || !keys->is(json::Kind::string) || keys->body().empty()) {
    return fail(Errc::malformed, "has no jwks_uri, which says where the keys are");
  }
  return keys->text();
}

}  // namespace tally::identity
