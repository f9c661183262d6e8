// SPDX-License-Identifier: Apache-2.0
#include "server/recorder_settings.h"

#include "config/audited_paths.h"

#include <array>
#include <memory>
#include <string>
#include <utility>

namespace tally::server {
namespace {

constexpr std::array<std::string_view, 19> kSettings{
    "actor_claims",    "api_key_headers", "user_headers",   "trusted_addresses", "paths",
    "path_defaults",   "mcp_paths",       "jwt.jwks_file",  "jwt.jwks_url",      "jwt.ca_file",
    "jwt.issuers",     "jwt.audiences",   "jwt.algorithms", "jwt.leeway",        "jwt.refresh_min",
    "jwt.refresh_max", "jwt.secret_file", "oversize",       "public_url",
};

}  // namespace

std::string public_host(const config::ProxyConfig& proxy) {
  return proxy.public_url ? proxy.public_url->authority() : std::string();
}

Result<identity::Identifier> make_identifier(const config::ProxyConfig& proxy, TokenChecks& checks,
                                             const redact::KeyedDigest& digest,
                                             TokenChecks::First first,
                                             const std::stop_token& stop) {
  identity::Options who;
  who.actor_claims = proxy.actor_claims;
  who.api_key_headers = proxy.api_key_headers;
  who.user_headers = proxy.user_headers;
  for (const AddressRange& range : proxy.trusted_addresses) {
    who.trusted_addresses.push_back(range.text());
  }
  TALLY_TRY(who.verifier, with_context(checks.make(proxy.jwt, false, first, stop), "jwt"));
  return identity::Identifier::make(std::move(who), digest);
}

Result<RecorderChange> prepare_recorder(const config::ProxyConfig& proxy, TokenChecks& checks,
                                        const redact::KeyedDigest& digest, TokenChecks::First first,
                                        const std::stop_token& stop) {
  TALLY_TRY(auto made, make_identifier(proxy, checks, digest, first, stop));
  TALLY_TRY(auto table, rest::PathTable::make(config::audited_paths(proxy)));
  const auto identifier = std::make_shared<identity::Identifier>(std::move(made));
  const auto paths = std::make_shared<const rest::PathTable>(std::move(table));
  return RecorderChange(
      [identifier, paths, mcp_paths = proxy.mcp_paths, host = public_host(proxy),
       forward = proxy.oversize == config::Oversize::forward](record::HttpRecorder& recorder) {
        recorder.use_identifier(std::move(*identifier));
        recorder.use_paths(paths, mcp_paths);
        recorder.use_terms(host, forward);
      });
}

std::vector<std::string> recorder_settings() {
  std::vector<std::string> out;
  for (const std::string_view name : kSettings) out.push_back("proxies[]." + std::string(name));
  return out;
}

}  // namespace tally::server
