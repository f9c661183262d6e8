// SPDX-License-Identifier: Apache-2.0
// Who may write: byte-range locks on LOG/lock, fair through a turnstile, with the holder's pid for
// people and the mark that a failed sync leaves (docs/format/log.md, "lock").
#pragma once

#include "base/ordinal.h"
#include "base/result.h"
#include "log/layout.h"
#include "storage/file_system.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tally::log {

/// Left behind by a writer whose sync failed.
struct FailedMark {
  std::string boot_id;  ///< empty when it was not known or the mark cannot be read
  TreeSize size;        ///< entries that were acknowledged before
};

/// One open description of LOG/lock. Locks belong to this object: a thread that must not share a
/// lock with another opens its own. A lock on a file that was replaced protects nothing, so the one
/// that is there now is opened instead. After an error this object holds no lock: what cannot be
/// released by name is released by closing. Not thread-safe.
class LockFile {
 public:
  /// Opens or creates LOG/lock.
  [[nodiscard]] static Result<LockFile> open(storage::FileSystem& fs, const Layout& layout);
  /// For shared locks only; makes nothing. not_found when there is none.
  [[nodiscard]] static Result<LockFile> open_for_reading(storage::FileSystem& fs,
                                                         const Layout& layout);

  /// Turnstile, then commit lock: waits without limit, in order of arrival.
  [[nodiscard]] Result<void> lock_commit();
  /// The same without waiting; false when another process is writing or waiting to.
  [[nodiscard]] Result<bool> try_lock_commit();
  /// Releases the turnstile; the commit lock stays. Best in the middle of a commit: whoever
  /// committed before has come back by then and waits in line, and the next one has the turnstile
  /// before this commit ends. Released at once or at the end, it is free while the next one in line
  /// wakes up, and the one before slips in: with four busy writers one wait in a hundred then took
  /// twice as long.
  void admit_next();
  /// The head lock: held from before the head is written until it is durable. Whoever has the
  /// commit lock takes it, so at most one process waits, for one sync of the one before. False when
  /// `limit` is over, or `hurry` says that nobody wants to wait any more.
  [[nodiscard]] Result<bool> lock_head(std::chrono::milliseconds limit,
                                       const std::function<bool()>& hurry = {});
  /// For short reads next to writers; false when a head is not durable yet.
  [[nodiscard]] Result<bool> try_lock_head_shared();
  /// Releases turnstile and commit lock; the head lock stays. The next one may write its lines now,
  /// but no head before this one is durable.
  void admit_commit();
  /// All three.
  void unlock_commit();

  [[nodiscard]] Result<bool> try_lock_publisher();
  void unlock_publisher();
  /// Whether the publisher lock is still ours: an error in between may have closed the file.
  [[nodiscard]] bool holds_publisher() const { return holds_publisher_; }

  /// Notes this process as holder; costs a read when it was the last one too.
  void note_holder();
  /// note_holder() and failed_mark() in one read: what comes first after every commit lock.
  [[nodiscard]] Result<std::optional<FailedMark>> begin_holding();
  /// "held by pid 123 (stopped)" for the error text of a wait that ended; empty when nobody is
  /// noted.
  [[nodiscard]] std::string holder();
  /// After lock_head() gave false: notes the holder before us again, for that is who is in the way,
  /// and describes it like holder().
  [[nodiscard]] std::string blame_predecessor();

  /// A mark that cannot be made sense of counts as one: it was written half, or on a failing
  /// device.
  [[nodiscard]] Result<std::optional<FailedMark>> failed_mark();
  /// Marks that a sync failed in this boot.
  void set_failed_mark(TreeSize size);
  [[nodiscard]] Result<void> clear_failed_mark();

 private:
  LockFile(storage::FileSystem& fs, std::string path, storage::OpenMode mode)
      : fs_(&fs), path_(std::move(path)), mode_(mode) {}
  Result<storage::File*> current();
  Result<bool> is_current();
  Result<bool> try_lock_current(std::uint64_t offset, storage::LockMode mode);
  void release(std::uint64_t offset);
  /// Gives up every lock, for certain.
  void close();
  void note_holder(std::string_view noted);
  void release_if(bool& held, std::uint64_t offset);

  storage::FileSystem* fs_;
  std::string path_;
  storage::OpenMode mode_;
  std::unique_ptr<storage::File> file_;
  std::uint64_t inode_ = 0;  // of file_
  std::string predecessor_;  // as noted
  bool holds_turnstile_ = false;
  bool holds_commit_ = false;
  bool holds_head_ = false;
  bool holds_publisher_ = false;
};

/// Polls `attempt` until it gives true or `limit` is over (then false), with pauses of an eighth of
/// the time waited so far.
[[nodiscard]] Result<bool> wait_until(std::chrono::milliseconds limit,
                                      const std::function<Result<bool>()>& attempt);

}  // namespace tally::log
