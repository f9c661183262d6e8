// SPDX-License-Identifier: Apache-2.0
#include "server/reload_parts.h"

#include "base/own_log.h"
#include "net/tls_context.h"
#include "server/recorder_settings.h"

#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace tally::server {
namespace {

using Commit = Reload::Commit;

/// A listener cannot change what its clients speak while they speak it.
tl::unexpected<Error> other_protocol(std::string_view what) {
  return fail(Errc::unsupported,
              std::string(what) + ": TLS is switched on or off only by a restart");
}

void add_api(Reload& reload, Api& api, bool tls_now) {
  reload.add({"api.certificate", "api.key"},
             [&api, tls_now](const config::ServeConfig& next) -> Result<Commit> {
               if (next.api_tls.enabled() != tls_now) return other_protocol("api.certificate");
               if (!tls_now) return Commit([] {});
               TALLY_TRY(const auto tls,
                         net::TlsContext::server(next.api_tls.certificate, next.api_tls.key));
               return Commit([&api, tls] { api.use_tls(tls); });
             });
}

/// What tokens of an issuer give at the API. Only when something differs: who was let in must log
/// in again.
void add_oidc(Reload& reload, Api& api, const config::ServeConfig& config, TokenChecks& checks) {
  const std::stop_token stop = reload.stopping();
  struct InForce {
    config::JwtConfig oidc;
    config::OidcRoles roles;
  };
  const auto now = std::make_shared<InForce>(InForce{config.oidc, config.oidc_roles});
  std::vector<std::string> keys;
  for (const char* name : {"jwks_file", "jwks_url", "ca_file", "issuers", "audiences", "algorithms",
                           "leeway", "refresh_min", "refresh_max", "role_claim", "admin", "auditor",
                           "writer", "scope_claim", "name_claim"}) {
    keys.push_back(std::string("oidc.") + name);
  }
  reload.add(std::move(keys),
             [&api, &checks, now, stop](const config::ServeConfig& next) -> Result<Commit> {
               if (next.oidc == now->oidc && next.oidc_roles == now->roles) return Commit([] {});
               TALLY_TRY(const auto verifier,
                         with_context(checks.make(next.oidc, true, TokenChecks::First::now, stop),
                                      "oidc"));
               return Commit([&api, now, verifier, oidc = next.oidc, roles = next.oidc_roles] {
                 api.use_oidc(verifier, roles);
                 *now = {oidc, roles};
               });
             });
}

/// What proxies do with TLS, who sends their requests, and what paths are.
void add_proxies(Reload& reload, net::Loop& loop, proxy::Server& server,
                 const config::ServeConfig& config, TokenChecks& checks,
                 const redact::KeyedDigest& digest) {
  std::vector<std::string> keys = recorder_settings();
  for (const char* name : {"policy",
                           "policy_file",
                           "policy.rules",
                           "proxies[].tls.certificate",
                           "proxies[].tls.key",
                           "proxies[].tls.client_crl",
                           "proxies[].upstream_tls.ca_file",
                           "proxies[].upstream_tls.certificate",
                           "proxies[].upstream_tls.key",
                           "proxies[].upstream_tls.server_name",
                           "proxies[].forwarded",
                           "proxies[].upgrade_paths",
                           "proxies[].timeouts.connect",
                           "proxies[].timeouts.tls_handshake",
                           "proxies[].timeouts.request_header",
                           "proxies[].timeouts.request_body",
                           "proxies[].timeouts.response_header",
                           "proxies[].timeouts.response_body",
                           "proxies[].timeouts.client_idle",
                           "proxies[].timeouts.upstream_idle",
                           "limits.body",
                           "limits.bodies",
                           "limits.header",
                           "limits.connections",
                           "limits.upstream_connections"}) {
    keys.emplace_back(name);
  }
  // Keys that stay need not be there: an issuer that cannot be reached since the start is no reason
  // to take no other setting.
  const auto jwts = std::make_shared<std::vector<config::JwtConfig>>();
  for (const config::ProxyConfig& proxy : config.proxies) jwts->push_back(proxy.jwt);
  reload.add(std::move(keys),
             [&loop, &server, &config, &checks, jwts, &digest,
              stop = reload.stopping()](const config::ServeConfig& next) -> Result<Commit> {
               for (std::size_t i = 0; i < config.proxies.size() && i < next.proxies.size(); ++i) {
                 const config::ProxyConfig& now = config.proxies[i];
                 const bool same = now.listen == next.proxies[i].listen;
                 if (same && now.tls.enabled() != next.proxies[i].tls.enabled()) {
                   return other_protocol("proxies[" + std::to_string(i) + "].tls.certificate");
                 }
               }
               const auto renew = [&](const config::ProxyConfig& proxy) {
                 const auto place = static_cast<std::size_t>(&proxy - next.proxies.data());
                 const bool stay = (*jwts)[place] == proxy.jwt;
                 return prepare_recorder(proxy, checks, digest,
                                         stay ? TokenChecks::First::later : TokenChecks::First::now,
                                         stop);
               };
               TALLY_TRY(auto commit, server.prepare(next, renew));
               std::vector<config::JwtConfig> then = *jwts;
               for (std::size_t i = 0; i < then.size() && i < next.proxies.size(); ++i) {
                 const config::ProxyConfig& now = config.proxies[i];
                 const config::ProxyConfig& proxy = next.proxies[i];
                 const bool same = now.listen == proxy.listen && now.upstream == proxy.upstream;
                 if (same) then[i] = proxy.jwt;
               }
               return Commit([&loop, commit = std::move(commit), jwts, then = std::move(then)] {
                 *jwts = then;
                 loop.post(commit);
               });
             });
}

}  // namespace

void add_reload_parts(Reload& reload, net::Loop& loop, proxy::Server& server, Api& api,
                      const config::ServeConfig& config, TokenChecks& checks,
                      const redact::KeyedDigest& digest) {
  // Keys that the settings before had: whoever used them has let go by now.
  reload.add({}, [&checks](const config::ServeConfig&) -> Result<Commit> {
    checks.drop_unused();
    return Commit([] {});
  });
  reload.add({"log_format"}, [](const config::ServeConfig& next) -> Result<Commit> {
    return Commit([format = next.log_format] { set_log_format(format); });
  });
  reload.add({"drain_timeout"}, [&api](const config::ServeConfig& next) -> Result<Commit> {
    return Commit([&api, timeout = next.drain_timeout] { api.use_drain_timeout(timeout); });
  });
  add_api(reload, api, config.api_tls.enabled());
  add_oidc(reload, api, config, checks);
  add_proxies(reload, loop, server, config, checks, digest);
}

}  // namespace tally::server
