// SPDX-License-Identifier: Apache-2.0
// What of the settings of a proxy its recorder has: who sends requests, and what their paths are.
#pragma once

#include "config/serve_config.h"
#include "record/http_recorder.h"
#include "redact/keyed_digest.h"
#include "server/token_checks.h"

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace tally::server {

/// host[:port] of `public_url`; empty: none is given.
[[nodiscard]] std::string public_host(const config::ProxyConfig& proxy);

/// Tells who sends requests to this proxy. `digest` must outlive it. Errors: keys and secrets that
/// cannot be read; `first` and `stop` as TokenChecks::make().
[[nodiscard]] Result<identity::Identifier> make_identifier(
    const config::ProxyConfig& proxy, TokenChecks& checks, const redact::KeyedDigest& digest,
    TokenChecks::First first = TokenChecks::First::later, const std::stop_token& stop = {});

/// Puts the settings of a proxy into a recorder that runs: one call, that cannot fail.
using RecorderChange = std::function<void(record::HttpRecorder&)>;
/// Reads all that `proxy` names and makes what the recorder needs of it; changes nothing yet.
/// Errors: as make_identifier(), and those of the key set's first fetch where `first` is now: for
/// keys that replace others.
[[nodiscard]] Result<RecorderChange> prepare_recorder(
    const config::ProxyConfig& proxy, TokenChecks& checks, const redact::KeyedDigest& digest,
    TokenChecks::First first = TokenChecks::First::now, const std::stop_token& stop = {});
/// Names of the settings that prepare_recorder() puts into force ("proxies[].jwt.issuers").
[[nodiscard]] std::vector<std::string> recorder_settings();

}  // namespace tally::server
