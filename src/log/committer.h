// SPDX-License-Identifier: Apache-2.0
// One commit after another: lines to the segment, sync, hashes to the tree, head, sync. The heart
// of the log; used by one thread (docs/format/log.md, "Commit").
#pragma once

#include "base/limits.h"
#include "base/result.h"
#include "log/entry.h"
#include "log/head.h"
#include "log/keyring.h"
#include "log/layout.h"
#include "log/lock_file.h"
#include "log/log_info.h"
#include "log/padding.h"
#include "log/recovery.h"
#include "log/tree_files.h"
#include "merkle/compact_range.h"
#include "merkle/tree_hasher.h"
#include "storage/file_system.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tally::log {

/// Appends batches under the commit lock. Owns its open files. Not thread-safe. After a failed sync
/// it is poisoned: every later call returns Errc::poisoned, and only a new process (or object) that
/// recovers may go on.
class Committer {
 public:
  struct Sizes {
    std::uint64_t segment_bytes = kSegmentBytesDefault;  ///< a segment of this size is rolled
    std::size_t piece_bytes = kWritePieceBytes;    ///< of a batch, written while the next is hashed
    std::size_t room_bytes = kRoomBytes;           ///< left at least when a segment grows
    std::uint64_t room_commits = kRoomCommits;     ///< of this commit's size, for which it is
    std::uint64_t room_after = kRoomAfterCommits;  ///< commits of this object
  };
  /// Opens an existing log; recovers at the first lock. `keys` must outlive the object.
  [[nodiscard]] static Result<std::unique_ptr<Committer>> open(storage::FileSystem& fs,
                                                               const Layout& layout,
                                                               const Keys& keys, Sizes sizes);

  /// Waits for the commit lock without limit and makes sure that what is known of the log is true.
  /// On failure the lock is not held. `acquired` is called in between, when the wait is over and a
  /// recovery may begin; false gives up (Errc::closed).
  [[nodiscard]] Result<void> lock(const std::function<bool()>& acquired = {});
  /// The same without waiting; false when others hold or want the lock.
  [[nodiscard]] Result<bool> try_lock();
  void unlock();

  /// Commits 1 to kCommitEntriesMax entries as one batch; durable on success, and on failure none
  /// of them is in the log. Lock held, and given up on the way: once the head is written the next
  /// process writes its lines while this one syncs the head. So one commit for each lock, and
  /// unlock() is still to be called. Errors: disk_full and io (nothing kept, may be tried again),
  /// timeout (the commit before does not end within kHeadWait, or before `hurry` says that nobody
  /// waits any more: the same), sync_failed (poisoned).
  [[nodiscard]] Result<std::vector<Appended>> commit(std::span<const EntryText> entries,
                                                     const std::function<bool()>& hurry = {});

  /// Cuts the room behind the committed lines, so that the file is nothing but lines when nobody
  /// writes. Lock held.
  [[nodiscard]] Result<void> cut_room();

  [[nodiscard]] const LogInfo& info() const { return info_; }
  /// What the last recovery did; given once.
  [[nodiscard]] std::optional<RecoveryReport> take_recovery_report();
  /// Who is in the way, for the text of a timeout. May be called by another thread: uses files of
  /// its own.
  [[nodiscard]] static std::string lock_holder(storage::FileSystem& fs, const Layout& layout);
  [[nodiscard]] bool poisoned() const { return poisoned_; }
  /// Whether another process had committed between the last two locks. Then others wait in line,
  /// and try_lock() could slip in between the one whose turn it is and its waking up.
  [[nodiscard]] bool others_commit() const { return others_commit_; }

 private:
  Committer(storage::FileSystem& fs, const Layout& layout, LogInfo info, const Keys& keys,
            Sizes sizes, LockFile lock);

  Result<void> after_lock();
  Result<void> check_same_log();
  Error without_lock(Error why) const;
  Result<bool> adopt_head();
  Result<bool> open_head();
  Result<bool> catch_up(const Head& head);
  Result<void> recover_now();
  Result<bool> open_segment(const Head& head);

  struct Batch;
  Result<std::optional<std::vector<Appended>>> try_commit(std::span<const EntryText> entries,
                                                          const std::function<bool()>& hurry);
  Result<bool> head_is_durable(const std::function<bool()>& hurry);
  Result<void> lock_head(std::chrono::milliseconds limit, const std::function<bool()>& hurry);
  void number_and_hash(const EntryText& entry, Batch& batch);
  Result<void> write_segment(std::span<const EntryText> entries, Batch& batch, bool roll);
  Result<void> write_lines(storage::File& file, std::uint64_t offset, std::uint64_t file_bytes,
                           std::span<const EntryText> entries, Batch& batch);
  void leave_room(storage::File& file, std::uint64_t end, const Batch& batch);
  Result<void> close_segment();
  Result<void> write_head(const Head& head);
  Result<void> write_new_segment(std::span<const EntryText> entries, Batch& batch, LeafIndex first);
  Result<void> take_back_head(std::size_t slot);
  Result<std::unique_ptr<storage::File>> create_segment(LeafIndex first);
  tl::unexpected<Error> undo(Error cause, std::optional<LeafIndex> new_segment);
  Result<void> take_back(std::optional<LeafIndex> new_segment);
  tl::unexpected<Error> poison(Error cause);
  Error poison_error() const;

  storage::FileSystem& fs_;
  Layout layout_;
  LogInfo info_;
  const Keys& keys_;
  HeadKey head_key_;
  Sizes sizes_;
  LockFile lock_;
  std::uint64_t info_inode_ = 0;

  merkle::TreeHasher hasher_;
  TreeFiles tree_;
  TreeReader tree_reader_;
  std::unique_ptr<storage::File> head_file_;
  std::uint64_t head_inode_ = 0;
  std::string head_bytes_;  ///< both slots as last seen or written
  std::size_t slot_ = 0;    ///< where head_ stands
  std::optional<Head> head_;
  merkle::CompactRange range_{TreeSize{0}};
  std::unique_ptr<storage::File> segment_;
  std::uint64_t segment_inode_ = 0;
  std::uint64_t segment_file_bytes_ = 0;  ///< with its room; as the commit lock was taken
  std::optional<LeafIndex> segment_first_;

  std::string lines_;  ///< of a batch; kept, because new memory for each would be the most of it
  std::optional<RecoveryReport> report_;
  std::uint64_t commits_ = 0;  ///< since the disk was last full
  bool poisoned_ = false;
  bool others_commit_ = false;
};

}  // namespace tally::log
