// SPDX-License-Identifier: Apache-2.0
// Rows of the table of audited paths as people write them, with the place of every mistake.
#pragma once

#include "rest/path_rule.h"
#include "yaml/read.h"

#include <string>
#include <string_view>
#include <vector>

namespace tally::rest {

/// Reads `paths:` of a proxy. `what` names the list in messages, `file` goes into PathRule::place.
/// Rows with mistakes are left out. Warns of rows that another one with the same path and methods
/// makes useless. The format is described in docs/configuration.md, "Audited paths".
[[nodiscard]] std::vector<PathRule> read_paths(const yaml::Node& list, std::string_view what,
                                               std::string_view file, yaml::Problems& problems);

}  // namespace tally::rest
