// SPDX-License-Identifier: Apache-2.0
#include "server/reload_parts.h"

#include "base/own_log.h"
#include "net/tls_context.h"

#include <utility>

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

}  // namespace

void add_reload_parts(Reload& reload, net::Loop& loop, proxy::Server& server, Api& api,
                      const config::ServeConfig& config) {
  reload.add({"log_format"}, [](const config::ServeConfig& next) -> Result<Commit> {
    return Commit([format = next.log_format] { set_log_format(format); });
  });
  add_api(reload, api, config.api_tls.enabled());
  reload.add({"policy", "policy_file", "policy.rules", "proxies[].tls.certificate",
              "proxies[].tls.key", "proxies[].upstream_tls.ca_file",
              "proxies[].upstream_tls.certificate", "proxies[].upstream_tls.key"},
             [&loop, &server, &config](const config::ServeConfig& next) -> Result<Commit> {
               for (std::size_t i = 0; i < config.proxies.size() && i < next.proxies.size(); ++i) {
                 const config::ProxyConfig& now = config.proxies[i];
                 const bool same = now.listen == next.proxies[i].listen;
                 if (same && now.tls.enabled() != next.proxies[i].tls.enabled()) {
                   return other_protocol("proxies[" + std::to_string(i) + "].tls.certificate");
                 }
               }
               TALLY_TRY(auto commit, server.prepare(next));
               return Commit([&loop, commit = std::move(commit)] { loop.post(commit); });
             });
}

}  // namespace tally::server
