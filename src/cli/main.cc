// SPDX-License-Identifier: Apache-2.0
// The program. Exceptions end here: what can fail comes back as a Result, so only memory is left.
#include "cli/command.h"
#include "cli/run.h"

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
  try {
    return tally::cli::run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "tallystick: %s; what was acknowledged until now is in the log\n",
                 problem.what());
    return tally::cli::kUnusable;
  }
}
