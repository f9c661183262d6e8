// SPDX-License-Identifier: Apache-2.0
// Verifies some entries of a running server's log: they are fetched and hashed, and the server's
// hashes of everything else lead from them to the root that was signed (c2sp.org/tlog-tiles).
#pragma once

#include "base/clock.h"
#include "base/limits.h"
#include "base/result.h"
#include "log/verifier.h"
#include "merkle/checkpoint.h"
#include "remote/client.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tally::remote {

/// What a server names for a time: the entries from the first to the last one of it.
struct NamedSpan {
  log::EntrySpan entries;
  std::optional<WallTime> start{};  ///< the time that was asked for: from here on
  std::optional<WallTime> end{};    ///< and before this; nullopt: open
};

/// The entries of a time as the server finds them; they may be none. Waits up to `patience` while
/// it looks. Errors: as Client::get(); malformed when an answer is not what the API gives; timeout.
[[nodiscard]] Result<NamedSpan> span_of_times(Client& client, const std::optional<WallTime>& start,
                                              const std::optional<WallTime>& end,
                                              std::chrono::milliseconds patience = kSpanPatience);

/// Checkpoints kept elsewhere that were verified, with their names.
using OutsideCheckpoints = std::vector<std::pair<std::string, merkle::VerifiedCheckpoint>>;

/// Checks the entries of `named`, cut to what `signed_one` covers, which become `report.span`:
/// their lines, their numbers, and that they and the tree around them give its root. That the trees
/// of `outside` are begins of the same one is checked from their hashes. Errors: as Client::get();
/// malformed when what comes is no tile, and when nothing is wrong but the first or the last entry
/// that was named is not of the time. That is all that can be told: entries do not stand in the
/// order of their times, so others of that time may stand before the first or behind the last.
[[nodiscard]] Result<void> check_span(Client& client, const merkle::Checkpoint& signed_one,
                                      const OutsideCheckpoints& outside, const NamedSpan& named,
                                      log::VerifyReport& report, log::ProblemList& problems,
                                      const log::VerifyProgress& progress);

}  // namespace tally::remote
