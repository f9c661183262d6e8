// SPDX-License-Identifier: Apache-2.0
// What of `serve` takes new settings without a restart: the policy, files of TLS, who sends
// requests, what paths are, the form of what it says.
#pragma once

#include "net/loop.h"
#include "proxy/server.h"
#include "server/api.h"
#include "server/reload.h"
#include "server/token_checks.h"

namespace tally::server {

/// All must outlive `reload`. `loop`: of the proxies. `config`: what the service started with;
/// `checks`: the verifiers of tokens that it has.
void add_reload_parts(Reload& reload, net::Loop& loop, proxy::Server& server, Api& api,
                      const config::ServeConfig& config, TokenChecks& checks,
                      const redact::KeyedDigest& digest);

}  // namespace tally::server
