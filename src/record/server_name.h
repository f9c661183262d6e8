// SPDX-License-Identifier: Apache-2.0
// A name for a server that has not said its own.
#pragma once

#include <span>
#include <string>

namespace tally::record {

/// The package that npx, bunx, pnpx or uvx is told to run, without its version; else the base name
/// of the command; "server" for an empty command.
std::string server_name_from_command(std::span<const std::string> command);

}  // namespace tally::record
