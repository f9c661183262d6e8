// SPDX-License-Identifier: Apache-2.0
// tallystick query --url: the entries that a server finds.
#pragma once

#include "base/result.h"
#include "cli/command.h"
#include "cli/entry_flags.h"
#include "cli/remote_flags.h"
#include "index/table.h"

#include <cstdint>

namespace tally::cli {

struct RemoteQuery {
  index::Format format;
  std::uint64_t limit;
  bool limit_given;
  bool oldest_first;
  bool count;  ///< only how many there are
};

/// Prints them as query does, in the server's order: by time, then by number. How many. Errors: as
/// RemoteFlags::connect() and remote::each_entry().
[[nodiscard]] Result<std::uint64_t> query_server(Invocation& call, const RemoteFlags& remote,
                                                 const EntryFlags& wanted,
                                                 const RemoteQuery& query);

}  // namespace tally::cli
