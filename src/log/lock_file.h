// SPDX-License-Identifier: Apache-2.0
// Who may write: byte-range locks on LOG/lock, fair through a turnstile, with the holder's pid for people and the
// mark that a failed sync leaves (docs/format/log.md, "lock").
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/ordinal.h"
#include "base/result.h"
#include "log/layout.h"
#include "storage/file_system.h"

namespace tally::log {

/// Left behind by a writer whose sync failed.
struct FailedMark {
  std::string boot_id;
  TreeSize size;
};

/// One open description of LOG/lock. Locks belong to this object: a thread that must not share a lock with another
/// opens its own. Not thread-safe.
class LockFile {
 public:
  /// Opens or creates LOG/lock.
  [[nodiscard]] static Result<LockFile> open(storage::FileSystem& fs, const Layout& layout);

  /// Turnstile, commit lock, release turnstile: waits without limit, in order of arrival.
  [[nodiscard]] Result<void> lock_commit();
  /// The same without waiting; false when another process is writing or waiting to.
  [[nodiscard]] Result<bool> try_lock_commit();
  /// For short reads next to writers; false when a writer is in the way.
  [[nodiscard]] Result<bool> try_lock_commit_shared();
  void unlock_commit();

  [[nodiscard]] Result<bool> try_lock_publisher();
  void unlock_publisher();

  /// Notes this process as holder; costs a read when it was the last one too.
  void note_holder();
  /// "held by pid 123 (stopped)" for the error text of a wait that ended; empty when nobody is noted.
  [[nodiscard]] std::string holder();

  [[nodiscard]] std::optional<FailedMark> failed_mark();
  void set_failed_mark(const FailedMark& mark);
  [[nodiscard]] Result<void> clear_failed_mark();

  /// Whether LOG/lock is still this file; a lock on a replaced file protects nothing.
  [[nodiscard]] Result<bool> is_current(storage::FileSystem& fs, const Layout& layout);

 private:
  explicit LockFile(std::unique_ptr<storage::File> file) : file_(std::move(file)) {}
  std::unique_ptr<storage::File> file_;
};

/// Polls `attempt` until it gives true or `limit` is over (then false), with short growing pauses.
[[nodiscard]] Result<bool> wait_until(std::chrono::milliseconds limit,
                                      const std::function<Result<bool>()>& attempt);

}  // namespace tally::log
