// SPDX-License-Identifier: Apache-2.0
#include "config/token_settings.h"

#include "base/endpoint.h"
#include "base/ip_address.h"
#include "crypto/public_key.h"

namespace tally::config {

Result<void> store_algorithms(std::vector<std::string>& out, std::span<const std::string> values) {
  for (const std::string& value : values) {
    if (crypto::parse_jws_name(value)) continue;
    return fail(Errc::invalid_argument,
                "\"" + value +
                    "\" is no algorithm; write RS256, RS384, RS512, PS256, PS384, PS512, ES256, "
                    "ES384, EdDSA or HS256");
  }
  out.assign(values.begin(), values.end());
  return {};
}

Result<void> store_jwks_url(std::string& out, std::string_view text) {
  TALLY_TRY(const HttpUrl url, HttpUrl::parse(text));
  const auto address = IpAddress::parse(url.host);
  if (!url.tls && url.host != "localhost" && !(address && address->is_loopback())) {
    return fail(Errc::invalid_argument,
                "plain http to another machine: who reads along could put other keys in; write "
                "https://");
  }
  out = url.text();
  return {};
}

}  // namespace tally::config
