// SPDX-License-Identifier: Apache-2.0
// What a writer does before it trusts a log it did not leave itself (docs/format/log.md,
// "Recovery"). Readers never recover and never cut.
#pragma once

#include "base/result.h"
#include "log/head.h"
#include "log/keyring.h"
#include "log/layout.h"
#include "log/lock_file.h"
#include "log/log_info.h"
#include "merkle/compact_range.h"
#include "storage/file_system.h"

#include <cstdint>
#include <string>

namespace tally::log {

/// What recovery found and did; for one event in the log and a message to the operator.
struct RecoveryReport {
  std::uint64_t bytes_cut = 0;  ///< uncommitted bytes behind the head, removed
  std::uint64_t lines_cut = 0;  ///< complete lines among them
  std::string cut_sha256;       ///< hex, of those bytes
  std::uint64_t segments_removed = 0;
  bool tree_rebuilt = false;  ///< tree/L did not match the lines and was derived again
  std::uint64_t lines_rewritten =
      0;  ///< after a failed sync in this boot: written again and synced
  [[nodiscard]] bool anything() const {
    return bytes_cut != 0 || segments_removed != 0 || tree_rebuilt || lines_rewritten != 0;
  }
};

struct Recovered {
  Head head;
  std::size_t slot;  ///< where that head stands
  merkle::CompactRange range;
  RecoveryReport report;
};

/// Commit lock held. After success: segments hold exactly the committed lines, tree/L exactly their
/// hashes, and the head's root was recomputed from the lines behind the last checkpoint. Errors:
/// corrupt (nothing was changed; names the entry), mismatch (other key), io.
[[nodiscard]] Result<Recovered> recover(storage::FileSystem& fs, const Layout& layout,
                                        const LogInfo& info, const Keys& keys, LockFile& lock);

}  // namespace tally::log
