// SPDX-License-Identifier: Apache-2.0
// The whole table of audited paths of one proxy: what was configured, and what is built in.
#pragma once

#include "config/serve_config.h"

#include <string>
#include <vector>

namespace tally::config {

/// Rows of the proxy, those that win a tie first.
[[nodiscard]] std::vector<rest::PathRule> audited_paths(const ProxyConfig& proxy);

/// Its own rows as `config show` writes them.
[[nodiscard]] std::string paths_text(const ProxyConfig& proxy);

}  // namespace tally::config
