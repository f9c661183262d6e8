// SPDX-License-Identifier: Apache-2.0
// Signing checkpoints, off the commit path: what is signed was made durable and hashed a second
// time, as read back from disk (docs/format/log.md, "Checkpoints"). One flipped bit once killed a
// public log for ever.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "log/head.h"
#include "log/keyring.h"
#include "log/layout.h"
#include "log/lock_file.h"
#include "log/log_info.h"
#include "log/tree_files.h"
#include "merkle/checkpoint.h"
#include "merkle/compact_range.h"
#include "merkle/tree_hasher.h"
#include "storage/file_system.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace tally::log {

/// Why a checkpoint is made; decides whether it is kept in LOG/checkpoints.
enum class PublishReason { interval, request, close };

/// Publishes checkpoints of one log. Not thread-safe; has descriptors (and so locks) of its own,
/// apart from a Committer's. `keys` must outlive it.
class Publisher {
 public:
  [[nodiscard]] static Result<Publisher> open(storage::FileSystem& fs, const Layout& layout,
                                              const Keys& keys, const Clock& clock);

  /// Signs the log as it is committed now, if that is more than was signed; returns the newest
  /// signed checkpoint. PublishReason::interval leaves it to whoever else has signed since the last
  /// look: of several processes that share a log, one reads back what all of them wrote. nullopt
  /// when another process is publishing and `wait` ended. Errors: corrupt (disk and head disagree:
  /// nothing was signed; raise audit-log-integrity-failure and stop writing), sync_failed (final,
  /// as for the Committer), poisoned (somebody's sync failed and nobody has recovered since: what
  /// is committed may not be on the device), io.
  [[nodiscard]] Result<std::optional<merkle::VerifiedCheckpoint>> publish(
      PublishReason reason, std::chrono::milliseconds wait);

 private:
  Publisher(storage::FileSystem& fs, const Layout& layout, LogInfo info, const Keys& keys,
            const Clock& clock, LockFile lock);
  Result<merkle::VerifiedCheckpoint> publish_locked(PublishReason reason);
  Result<void> check_no_failed_sync();
  Result<std::optional<Head>> committed_head(TreeSize signed_size);
  Result<void> verify_start(const merkle::VerifiedCheckpoint& last);
  Result<void> sync_everything(TreeSize from, const Head& head);
  Result<void> rehash(const Head& head);
  /// Finishes what an interrupted publish left undone, and keeps the last checkpoint when the
  /// reason asks for it.
  Result<void> restate(PublishReason reason, const merkle::VerifiedCheckpoint& last,
                       const Head& head);
  Result<bool> worth_keeping(PublishReason reason, const Head& head);
  Result<merkle::VerifiedCheckpoint> sign(PublishReason reason, const Head& head);

  storage::FileSystem& fs_;
  Layout layout_;
  LogInfo info_;
  const Keys& keys_;
  const Clock& clock_;
  LockFile lock_;
  merkle::TreeHasher hasher_;
  TreeReader tree_;
  /// The tree that was last verified here: recomputed from lines, root equal to a signed one.
  merkle::CompactRange verified_{TreeSize{0}};
  std::optional<TreeSize> seen_;  ///< what was signed when this one last looked
  std::optional<LeafIndex> kept_segment_;
  MonoTime kept_at_{};
};

}  // namespace tally::log
