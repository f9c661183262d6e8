// SPDX-License-Identifier: Apache-2.0
// Which file a command name means, found before anything is started: the record names it.
#pragma once

#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace tally::wrap {

/// The file that execvp() would execute: `command` itself when it has a slash, else the first
/// executable regular file of that name along `path` (the value of PATH; nullopt means the system's
/// default). An empty element of PATH is the working directory. Errors: not_found;
/// permission_denied for something that is there and cannot be executed.
[[nodiscard]] Result<std::string> find_program(std::string_view command,
                                               std::optional<std::string_view> path);

}  // namespace tally::wrap
