// SPDX-License-Identifier: Apache-2.0
// What is known about the server's process besides what happens: who runs what, where.
#pragma once

#include "wrap/auditor.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tally::wrap {

/// Everything of ProcessInfo but `pid` and `started`. `program` is the file that will be executed,
/// or empty. Reads environment, working directory and user database of this process.
[[nodiscard]] ProcessInfo describe_process(const std::vector<std::string>& command,
                                           const std::string& program);

/// Names of an environment (NAME=VALUE, ended by a null pointer), sorted, each once. An entry
/// without
/// '=' is left out: it might be a value.
[[nodiscard]] std::vector<std::string> environment_names(const char* const* environment);

}  // namespace tally::wrap
