// SPDX-License-Identifier: Apache-2.0
// The whole program but for main(): finds the command and runs it.
#pragma once

#include <string>
#include <vector>

namespace tally::cli {

/// `words` without the program's name. Returns the exit status. Standard input, output and error
/// are those of the process.
int run(const std::vector<std::string>& words);

}  // namespace tally::cli
