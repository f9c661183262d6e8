// SPDX-License-Identifier: Apache-2.0
// What a recorder asks of the log: the tools that a server listed before this process began.
// Somebody else looks, because record does no I/O.
#pragma once

#include "mcp/tool_table.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tally::record {

/// The last complete list of the tools of `server`, asked for by `actor_id`, that another instance
/// than `instance` recorded.
struct DefinitionLookup {
  std::string server;    ///< target_id of the record
  std::string actor_id;  ///< the same principal: others may be served other tools
  std::string instance;
};

struct EarlierDefinitions {
  std::vector<mcp::EarlierDefinition> definitions;
  bool complete = true;   ///< false: there were more than the record lists
  std::uint64_t seq = 0;  ///< of the record that the list ends with
  std::string timestamp;  ///< as it stands there
};

}  // namespace tally::record
