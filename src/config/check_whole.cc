// SPDX-License-Identifier: Apache-2.0
#include "base/ip_address.h"
#include "config/origins.h"
#include "config/token_settings.h"
#include "storage/file_system.h"

#include <map>

namespace tally::config {
namespace {

std::string_view origin_of(const Origins& origins, std::string_view key) {
  const auto at = origins.find(key);
  return at == origins.end() ? std::string_view("default") : std::string_view(at->second);
}

tl::unexpected<Error> bad(std::string_view origin, std::string_view key, const std::string& text) {
  return fail(Errc::invalid_argument, std::string(origin) + ": " + std::string(key) + ": " + text);
}

/// A file that must be there.
Result<void> check_file(storage::FileSystem& fs, const Origins& origins, std::string_view key,
                        const std::string& path) {
  if (path.empty()) return {};
  const auto where = std::string(origin_of(origins, key)) + ": " + std::string(key);
  TALLY_TRY(const auto found, with_context(fs.stat(path), where));
  if (found && !found->is_directory) return {};
  return bad(origin_of(origins, key), key,
             path + (found ? " is a folder; name the file" : ": there is no such file"));
}

/// Two settings that are given together or not at all.
Result<void> check_pair(const Origins& origins, std::string_view first_key, bool first,
                        std::string_view second_key, bool second) {
  if (first == second) return {};
  return bad(origin_of(origins, first ? first_key : second_key), first ? first_key : second_key,
             "is given without " + std::string(first ? second_key : first_key) + "; give both");
}

/// Keys and what they are used for; `section`: "jwt" or "oidc".
Result<void> check_jwt(storage::FileSystem& fs, const JwtConfig& jwt, const Origins& origins,
                       const std::string& section, bool check_files) {
  const auto key = [&](const char* name) { return section + '.' + name; };
  const auto wrong = [&](const char* name, const std::string& text) {
    return bad(origin_of(origins, key(name)), key(name), text);
  };
  if (jwt.refresh_min > jwt.refresh_max) {
    return wrong("refresh_min", "is more than " + key("refresh_max"));
  }
  if (!jwt.enabled()) {
    for (const char* name : {"ca_file", "issuers", "audiences", "algorithms"}) {
      if (!origins.contains(key(name))) continue;
      return wrong(name, "there are no keys, so nothing would be checked; give " +
                             key("jwks_file") + " or " + key("jwks_url") +
                             ", or one issuer alone by its https address");
    }
  }
  if (jwt.discovers()) {
    std::string where;
    const auto good = store_jwks_url(where, jwt.issuers[0]);
    if (!good) return wrong("issuers", good.error().detail);
  }
  for (const std::string& algorithm : jwt.algorithms) {
    const bool by_secret = algorithm == "HS256";
    if (by_secret ? !jwt.secret_file.empty() : jwt.has_keys()) continue;
    return wrong("algorithms", algorithm + (by_secret ? " needs a secret" : " needs a key set") +
                                   ", and there is none");
  }
  if (!check_files) return {};
  TALLY_TRY_VOID(check_file(fs, origins, key("jwks_file"), jwt.jwks_file));
  TALLY_TRY_VOID(check_file(fs, origins, key("secret_file"), jwt.secret_file));
  return check_file(fs, origins, key("ca_file"), jwt.ca_file);
}

Result<void> check_oidc(storage::FileSystem& fs, const Draft& draft, bool check_files) {
  const JwtConfig& jwt = draft.config.oidc;
  const OidcRoles& roles = draft.config.oidc_roles;
  TALLY_TRY_VOID(check_jwt(fs, jwt, draft.origins, "oidc", check_files));
  if (!jwt.enabled()) {
    for (const char* key : {"oidc.admin", "oidc.auditor", "oidc.writer", "oidc.scope_claim"}) {
      if (!draft.origins.contains(key)) continue;
      return bad(
          origin_of(draft.origins, key), key,
          "there are no keys, so no token is accepted; give oidc.jwks_file or oidc.jwks_url, or "
          "one issuer alone by its https address");
    }
    return {};
  }
  // An issuer has tokens for many services: without these any of them would be let in.
  const char* const needed = jwt.issuers.empty()     ? "oidc.issuers"
                             : jwt.audiences.empty() ? "oidc.audiences"
                                                     : nullptr;
  if (needed != nullptr) return bad("oidc", needed, "is needed with keys of an issuer; write it");
  if (!roles.admin.empty() || !roles.auditor.empty() || !roles.writer.empty()) return {};
  return bad("oidc", "oidc.auditor",
             "no value of a claim gives a role, so every token would be refused; write "
             "oidc.admin, oidc.auditor or oidc.writer");
}

Result<void> check_client_certificates(storage::FileSystem& fs, const ProxyConfig& proxy,
                                       const Origins& origins, bool check_files) {
  const std::string& ca_file = proxy.client_certificates.ca_file;
  if (ca_file.empty()) {
    for (const char* key : {"tls.client_certificate", "tls.client_name", "tls.client_crl"}) {
      if (!origins.contains(key)) continue;
      return bad(origin_of(origins, key), key, "no client is asked for one; give tls.client_ca");
    }
    return {};
  }
  if (!proxy.tls.enabled()) {
    return bad(origin_of(origins, "tls.client_ca"), "tls.client_ca",
               "there is no TLS towards clients; give tls.certificate and tls.key");
  }
  if (!check_files) return {};
  TALLY_TRY_VOID(check_file(fs, origins, "tls.client_ca", ca_file));
  return check_file(fs, origins, "tls.client_crl", proxy.client_certificates.crl_file);
}

Result<void> check_proxy(storage::FileSystem& fs, const ProxyConfig& proxy, const Origins& origins,
                         bool check_files) {
  TALLY_TRY_VOID(check_pair(origins, "tls.certificate", !proxy.tls.certificate.empty(), "tls.key",
                            !proxy.tls.key.empty()));
  const UpstreamTls& upstream = proxy.upstream_tls;
  TALLY_TRY_VOID(check_pair(origins, "upstream_tls.certificate", !upstream.certificate.empty(),
                            "upstream_tls.key", !upstream.key.empty()));
  if (!proxy.upstream.tls) {
    for (const char* key : {"upstream_tls.ca_file", "upstream_tls.server_name",
                            "upstream_tls.certificate", "upstream_tls.key"}) {
      if (!origins.contains(key)) continue;
      return bad(origin_of(origins, key), key,
                 "the upstream " + proxy.upstream.text() +
                     " is not https, so nothing of it would be checked; write https:// or remove "
                     "it");
    }
  }
  TALLY_TRY_VOID(check_client_certificates(fs, proxy, origins, check_files));
  TALLY_TRY_VOID(check_jwt(fs, proxy.jwt, origins, "jwt", check_files));
  if (!proxy.user_headers.empty() && proxy.trusted_addresses.empty()) {
    return bad(origin_of(origins, "user_headers"), "user_headers",
               "believed from nobody, because trusted_addresses is empty; set it too");
  }
  if (!check_files) return {};
  TALLY_TRY_VOID(check_file(fs, origins, "tls.certificate", proxy.tls.certificate));
  TALLY_TRY_VOID(check_file(fs, origins, "tls.key", proxy.tls.key));
  TALLY_TRY_VOID(check_file(fs, origins, "upstream_tls.ca_file", upstream.ca_file));
  TALLY_TRY_VOID(check_file(fs, origins, "upstream_tls.certificate", upstream.certificate));
  return check_file(fs, origins, "upstream_tls.key", upstream.key);
}

/// Whoever reads along could use the tokens.
Result<void> check_api(storage::FileSystem& fs, const Draft& draft, bool check_files) {
  const ServeConfig& config = draft.config;
  TALLY_TRY_VOID(check_pair(draft.origins, "api.certificate", !config.api_tls.certificate.empty(),
                            "api.key", !config.api_tls.key.empty()));
  const auto address = IpAddress::parse(config.listen.host);
  const bool here = config.listen.host == "localhost" || (address && address->is_loopback());
  if (!here && !config.api_tls.enabled() && !config.api_plain_http) {
    return bad(origin_of(draft.origins, "listen"), "listen",
               config.listen.text() +
                   " can be reached from other machines, and tokens would pass in the clear; give "
                   "api.certificate and api.key, or say --plain-http");
  }
  if (!check_files) return {};
  TALLY_TRY_VOID(check_file(fs, draft.origins, "api.certificate", config.api_tls.certificate));
  return check_file(fs, draft.origins, "api.key", config.api_tls.key);
}

/// Names and places that only one listener can have.
Result<void> check_unique(const Draft& draft) {
  std::map<std::string, std::string> places;
  std::map<std::string, std::string> names;
  const Endpoint& own = draft.config.listen;
  if (own.port != 0) places[own.text()] = "listen";
  for (std::size_t i = 0; i < draft.config.proxies.size(); ++i) {
    const ProxyConfig& proxy = draft.config.proxies[i];
    const std::string name = "proxies[" + std::to_string(i) + ']';
    const Origins& origins = draft.proxy_origins[i];
    if (proxy.listen.port != 0) {
      const auto [at, fresh] = places.try_emplace(proxy.listen.text(), name + ".listen");
      if (!fresh) {
        return bad(origin_of(origins, "listen"), name + ".listen",
                   proxy.listen.text() + " is taken by " + at->second + "; use another port");
      }
    }
    if (proxy.name.empty()) continue;
    const auto [at, fresh] = names.try_emplace(proxy.name, name);
    if (!fresh) {
      return bad(origin_of(origins, "name"), name + ".name",
                 '"' + proxy.name + "\" is the name of " + at->second +
                     " too; records could not be told apart");
    }
  }
  return {};
}

}  // namespace

Result<void> check_whole(storage::FileSystem& fs, const Draft& draft, bool check_files) {
  TALLY_TRY_VOID(check_unique(draft));
  TALLY_TRY_VOID(check_api(fs, draft, check_files));
  TALLY_TRY_VOID(check_oidc(fs, draft, check_files));
  const ServeConfig& config = draft.config;
  if (!config.spool.directory.empty() && config.spool.directory == config.log.directory) {
    return bad(origin_of(draft.origins, "spool.directory"), "spool.directory",
               "is the log itself; name a folder on another file system");
  }
  if (config.limits.bodies_bytes < config.limits.body_bytes) {
    return bad(origin_of(draft.origins, "limits.bodies"), "limits.bodies",
               "is less than limits.body, so the largest body could never be read");
  }
  for (std::size_t i = 0; i < config.proxies.size(); ++i) {
    TALLY_TRY_VOID(check_proxy(fs, config.proxies[i], draft.proxy_origins[i], check_files));
  }
  return {};
}

}  // namespace tally::config
