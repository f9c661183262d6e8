// SPDX-License-Identifier: Apache-2.0
#include "identity/discovery.h"

#include "base/json.h"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace tally::identity {
namespace {

bool is_https(std::string_view url) {
  constexpr std::string_view kScheme = "https://";
  return std::equal(kScheme.begin(), kScheme.end(), url.begin(),
                    url.begin() + static_cast<std::ptrdiff_t>(std::min(url.size(), kScheme.size())),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
}

}  // namespace

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
  std::string where = keys->text();
  // Plain http to this machine is for an issuer on it. Another one has no keys to find here.
  if (is_https(issuer) && !is_https(where)) {
    return fail(Errc::malformed, "has a jwks_uri that is not https, as the issuer is");
  }
  return where;
}

}  // namespace tally::identity
