// SPDX-License-Identifier: Apache-2.0
// tallystick catalog: every event name and what it means.
#include "event/catalog.h"

#include "cli/command.h"
#include "cli/option_set.h"

namespace tally::cli {

int catalog_command(Invocation& call) {
  std::string format = "markdown";
  bool json = false;
  OptionSet options("catalog", "[FLAGS]",
                    "Prints the catalogue of events: names, types, actions, MCP methods and what "
                    "stands in details.");
  options.text("--format", format, "FORMAT", "markdown (default) or json");
  options.flag("--json", json, "the same as --format json");
  if (const auto ended = take_flags(options, call)) return *ended;
  if (json) format = "json";
  if (format != "markdown" && format != "json") {
    return call.refuse("--format: must be markdown or json, not \"" + format + "\"");
  }
  call.console.print(format == "json" ? event::catalog_json() : event::catalog_markdown());
  return kOk;
}

}  // namespace tally::cli
