// SPDX-License-Identifier: Apache-2.0
// What a recorder asks of the log: the tools that a server listed before this process began.
// Somebody else looks, because record does no I/O.
#pragma once

#include "mcp/tool_table.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tally::record {

struct Party;

/// The last complete list of the tools of `server`, asked for by `actor_id`, that another instance
/// than `instance` recorded. One who was checked is compared with what that one was served, not
/// with what somebody was who only used the name; of those who were not checked, `doubt` is the
/// same.
struct DefinitionLookup {
  std::string server;    ///< target_id of the record
  std::string actor_id;  ///< the same principal: others may be served other tools
  std::string instance;
  std::string actor_type{"user"};      ///< as in the record
  std::string issuer;                  ///< details.auth.issuer; empty: none
  std::string principal;               ///< identity::Principal::key; empty: the only one
  bool verified = false;               ///< somebody checked that it is that principal
  std::string doubt;                   ///< details.auth.reason: why nobody could; empty: none
  std::shared_ptr<const Party> party;  ///< who asked for the list; null: the only one
};

struct EarlierDefinitions {
  std::vector<mcp::EarlierDefinition> definitions;
  bool complete = true;   ///< false: there were more than the record lists
  std::uint64_t seq = 0;  ///< of the record that the list ends with
  std::string timestamp;  ///< as it stands there
};

}  // namespace tally::record
