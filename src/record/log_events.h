// SPDX-License-Identifier: Apache-2.0
// Events about the log itself, for whoever opens one to write.
#pragma once

#include "base/random.h"
#include "event/event.h"

#include <cstdint>
#include <string>

namespace tally::record {

/// What recovery found behind the last commit (log::RecoveryReport says the same; this folder does
/// not know the log).
struct RecoveryFacts {
  std::uint64_t bytes_cut = 0;
  std::uint64_t lines_cut = 0;
  std::string cut_sha256 = {};  ///< hex; empty when nothing was cut
  std::uint64_t segments_removed = 0;
  std::uint64_t lines_rewritten = 0;
  bool tree_rebuilt = false;
};

/// audit-log-recovered: what an interrupted writer left and what was done about it.
[[nodiscard]] event::Event recovery_event(const RecoveryFacts& facts, const std::string& instance,
                                          const std::string& source, UuidSource& uuids,
                                          WallTime now);

/// audit-disabled: this process relays without recording, because it was told to.
[[nodiscard]] event::Event disabled_event(const std::string& instance, const std::string& source,
                                          UuidSource& uuids, WallTime now);

}  // namespace tally::record
