// SPDX-License-Identifier: Apache-2.0
#include "log/committer.h"

#include "base/check.h"
#include "base/encoding.h"

#include <algorithm>
#include <utility>

namespace tally::log {

/// What one batch adds.
struct Committer::Batch {
  std::string& lines;         ///< those that are not written yet
  std::uint64_t written = 0;  ///< bytes of lines in the segment
  std::vector<Appended> appended{};
  TreeBatch tree{};
  merkle::CompactRange range{TreeSize{0}};
};

Committer::Committer(storage::FileSystem& fs, const Layout& layout, LogInfo info, const Keys& keys,
                     Sizes sizes, LockFile lock)
    : fs_(fs),
      layout_(layout),
      info_(std::move(info)),
      keys_(keys),
      head_key_(keys.for_heads()),
      sizes_(sizes),
      lock_(std::move(lock)),
      hasher_(info_.hash),
      tree_(fs, layout, crypto::digest_bytes(info_.hash)),
      tree_reader_(fs, layout, crypto::digest_bytes(info_.hash)) {}

Result<std::unique_ptr<Committer>> Committer::open(storage::FileSystem& fs, const Layout& layout,
                                                   const Keys& keys, Sizes sizes) {
  TALLY_TRY(auto info, read_log_info(fs, layout));
  if (keys.signer.name() != info.origin) {
    return fail(Errc::mismatch, layout.directory() + ": the key is for " + keys.signer.name() +
                                    ", the log is " + info.origin +
                                    "; give its own folder with --keys DIR");
  }
  TALLY_TRY(auto lock, LockFile::open(fs, layout));
  TALLY_TRY(const auto file, fs.stat(layout.info()));
  std::unique_ptr<Committer> out(
      new Committer(fs, layout, std::move(info), keys, sizes, std::move(lock)));
  out->info_inode_ = file ? file->inode : 0;
  return out;
}

Result<void> Committer::lock(const std::function<bool()>& acquired) {
  if (poisoned_) return tl::unexpected(poison_error());
  if (auto locked = lock_.lock_commit(); !locked)
    return tl::unexpected(without_lock(std::move(locked).error()));
  auto ready = acquired && !acquired() ? fail(Errc::closed, "the log was closed") : after_lock();
  if (!ready) unlock();
  return ready;
}

Result<bool> Committer::try_lock() {
  if (poisoned_) return tl::unexpected(poison_error());
  auto locked = lock_.try_lock_commit();
  if (!locked) return tl::unexpected(without_lock(std::move(locked).error()));
  if (!*locked) return false;
  if (auto ready = after_lock(); !ready) {
    unlock();
    return tl::unexpected(std::move(ready).error());
  }
  return true;
}

void Committer::unlock() { lock_.unlock_commit(); }

Error Committer::without_lock(Error why) const {
  const auto there = fs_.stat(layout_.info());
  if (!there || *there) return why;
  return {Errc::not_found, layout_.directory() + ": the log is gone; it was moved or deleted"};
}

/// Another process may have committed, died half-way, replaced files, or failed a sync since we
/// last held the lock.
Result<void> Committer::after_lock() {
  TALLY_TRY(const auto failed, lock_.begin_holding());
  TALLY_TRY_VOID(check_same_log());
  if (!head_ || failed) return recover_now();
  TALLY_TRY(const bool known, adopt_head());
  if (!known) return recover_now();
  return {};
}

Result<void> Committer::check_same_log() {
  TALLY_TRY(const auto there, fs_.stat(layout_.info()));
  if (there && there->inode == info_inode_) return {};
  if (there) {
    TALLY_TRY(const LogInfo now, read_log_info(fs_, layout_));
    if (now == info_) {
      info_inode_ = there->inode;
      head_.reset();  // a copy was put in our place: trust nothing that was known
      head_file_.reset();
      segment_.reset();
      return {};
    }
  }
  return fail(Errc::not_found,
              layout_.directory() + ": the log was removed or replaced by another one; restart");
}

/// Takes over what others committed; false when recovery must look at it.
Result<bool> Committer::adopt_head() {
  TALLY_TRY(const bool there, open_head());
  if (!there) return false;
  TALLY_TRY(std::string bytes, read_head_bytes(*head_file_));
  if (bytes.size() != kHeadSlotBytes * kHeadSlots) return false;
  others_commit_ = bytes != head_bytes_;
  if (others_commit_) {
    const HeadSlots slots = decode_head_slots(bytes);
    const auto newest = slots.newest();
    if (!newest || !is_authentic(*slots.slots[*newest], head_key_)) return false;
    const Head& head = slots.slots[*newest]->head;
    if (head.size < head_->size) {
      return fail(Errc::corrupt, layout_.head() + ": went back from " +
                                     std::to_string(head_->size.value()) + " to " +
                                     std::to_string(head.size.value()) +
                                     " entries; an older copy was put here");
    }
    TALLY_TRY(const bool caught_up, catch_up(head));
    if (!caught_up) return false;
    head_ = head;
    slot_ = *newest;
    head_bytes_ = std::move(bytes);
  }
  return open_segment(*head_);
}

/// The file that has the name now: a commit to one that was replaced would be lost.
Result<bool> Committer::open_head() {
  TALLY_TRY(const auto named, fs_.stat(layout_.head()));
  if (!named) return false;
  if (head_file_ && named->inode == head_inode_) return true;
  TALLY_TRY(head_file_, fs_.open(layout_.head(), storage::OpenMode::write));
  TALLY_TRY(const auto info, head_file_->info());
  head_inode_ = info.inode;
  return true;
}

/// Extends the frontier by what others appended, from their hashes; the root tells whether they are
/// right.
Result<bool> Committer::catch_up(const Head& head) {
  constexpr std::uint64_t kFewLeaves = 2048;
  const std::uint64_t from = range_.end().value();
  const std::uint64_t count = head.size.value() - from;
  if (count <= kFewLeaves) {
    const auto bytes =
        count == 0 ? Result<std::string>(std::string()) : tree_reader_.read_bytes(0, from, count);
    if (!bytes) return false;
    const std::size_t h = crypto::digest_bytes(info_.hash);
    for (std::uint64_t i = 0; i < count; ++i) {
      range_.append(hasher_, merkle::NodeHash::from_bytes(as_bytes(*bytes).subspan(i * h, h)));
    }
  } else {
    auto range = merkle::range_from_tiles(hasher_, tree_reader_, head.size);
    if (!range) return false;
    range_ = std::move(*range);
  }
  if (range_.root(hasher_) == head.root) return true;
  head_.reset();  // the frontier is spoilt; recovery computes it anew
  return false;
}

/// False when the segment is shorter than committed, when something else than room stands behind
/// the committed lines, or when the next one is already there: somebody died in the middle.
Result<bool> Committer::open_segment(const Head& head) {
  TALLY_TRY(const auto named, fs_.stat(layout_.segment(head.segment)));
  if (!named || named->size < head.segment_bytes) return false;
  if (next_index(head.size) != head.segment) {
    TALLY_TRY(const auto orphan, fs_.stat(layout_.segment(next_index(head.size))));
    if (orphan) return false;
  }
  if (!segment_ || segment_first_ != head.segment || segment_inode_ != named->inode) {
    TALLY_TRY(segment_, fs_.open(layout_.segment(head.segment), storage::OpenMode::write));
    segment_first_ = head.segment;
    segment_inode_ = named->inode;
  }
  segment_file_bytes_ = named->size;
  if (named->size == head.segment_bytes) return true;
  return is_padding_at(*segment_, head.segment_bytes);
}

Result<void> Committer::recover_now() {
  TALLY_TRY_VOID(lock_head(kLockWait, {}));
  tree_.reopen();
  tree_reader_.reopen();
  TALLY_TRY(Recovered recovered, recover(fs_, layout_, info_, keys_, lock_));
  head_ = recovered.head;
  slot_ = recovered.slot;
  range_ = std::move(recovered.range);
  if (recovered.report.anything()) report_ = recovered.report;
  head_file_.reset();
  TALLY_TRY(const bool there, open_head());
  if (!there) return fail(Errc::corrupt, layout_.head() + ": disappeared while it was recovered");
  TALLY_TRY(head_bytes_, read_head_bytes(*head_file_));
  if (head_bytes_.size() != kHeadSlotBytes * kHeadSlots)
    return fail(Errc::corrupt, layout_.head() + ": too short");
  TALLY_TRY(const bool segment, open_segment(*head_));
  if (!segment)
    return fail(Errc::corrupt,
                layout_.segment(head_->segment) + ": changed while it was recovered");
  return {};
}

void Committer::number_and_hash(const EntryText& entry, Batch& batch) {
  const LeafIndex seq = next_index(batch.range.end());
  const std::size_t start = batch.lines.size();
  append_line(batch.lines, seq, entry.object());
  const merkle::LeafHash leaf = hasher_.leaf(std::string_view(batch.lines).substr(start));
  batch.lines += '\n';
  batch.appended.push_back({seq, leaf});
  batch.tree.add_leaf(leaf);
  batch.range.append(hasher_, merkle::as_node(leaf),
                     [&](unsigned height, std::uint64_t, const merkle::NodeHash& hash) {
                       batch.tree.add(height, hash);
                     });
}

Result<std::vector<Appended>> Committer::commit(std::span<const EntryText> entries,
                                                const std::function<bool()>& hurry) {
  TALLY_CHECK(head_ && !entries.empty() && entries.size() <= kCommitEntriesMax);
  if (poisoned_) return tl::unexpected(poison_error());
  for (;;) {
    TALLY_TRY(auto appended, try_commit(entries, hurry));
    if (appended) return std::move(*appended);
    // The lines stand behind a head whose sync failed: what that head says has to be made durable
    // first.
    TALLY_TRY_VOID(recover_now());
  }
}

/// nullopt, with nothing of the batch kept, when a sync of another process failed in the meantime.
Result<std::optional<std::vector<Appended>>> Committer::try_commit(
    std::span<const EntryText> entries, const std::function<bool()>& hurry) {
  if (!segment_) {  // a failed batch had rolled; its segment is gone again
    TALLY_TRY(const bool open, open_segment(*head_));
    if (!open) TALLY_TRY_VOID(recover_now());
  }
  const bool roll = head_->segment_bytes > 0 && head_->segment_bytes >= sizes_.segment_bytes;
  Head next = *head_;
  next.commit += 1;
  if (roll) next = Head{next.commit, next.size, next.root, next_index(head_->size), 0};

  lines_.clear();
  Batch batch{.lines = lines_};
  batch.range = range_;
  TALLY_TRY_VOID(write_segment(entries, batch, roll));
  next.size = batch.range.end();
  next.root = batch.range.root(hasher_);
  next.segment_bytes += batch.written;
  lock_.admit_next();
  const std::optional<LeafIndex> created = roll ? std::optional(next.segment) : std::nullopt;
  const auto sound = head_is_durable(hurry);
  if (!sound) return undo(sound.error(), created);
  if (!*sound) {
    TALLY_TRY_VOID(take_back(created));
    return std::nullopt;
  }
  if (auto done = tree_.append(head_->size, batch.tree); !done)
    return undo(std::move(done).error(), created);
  if (auto done = write_head(next); !done) return undo(std::move(done).error(), created);
  lock_.admit_commit();
  if (auto done = head_file_->sync(); !done) return poison(std::move(done).error());
  head_ = next;
  ++commits_;
  slot_ = 1 - slot_;
  range_ = std::move(batch.range);
  return std::optional(std::move(batch.appended));
}

/// The head that this batch follows may have been written but not synced when we read it. Only
/// when it is durable may the other slot, the last one that certainly is, be overwritten. False
/// when its sync failed.
Result<bool> Committer::head_is_durable(const std::function<bool()>& hurry) {
  TALLY_TRY_VOID(lock_head(kHeadWait, hurry));
  TALLY_TRY(const auto failed, lock_.failed_mark());
  return !failed;
}

Result<void> Committer::lock_head(std::chrono::milliseconds limit,
                                  const std::function<bool()>& hurry) {
  TALLY_TRY(const bool locked, lock_.lock_head(limit, hurry));
  if (locked) return {};
  const std::string holder = lock_.blame_predecessor();
  return fail(Errc::timeout, layout_.lock() + ": the commit before this one does not end" +
                                 (holder.empty() ? "" : ", " + holder));
}

/// Lines into the segment, durable.
Result<void> Committer::write_segment(std::span<const EntryText> entries, Batch& batch, bool roll) {
  if (roll) {
    if (auto closed = close_segment(); !closed)
      return undo(std::move(closed).error(), std::nullopt);
    return write_new_segment(entries, batch, next_index(head_->size));
  }
  auto done = write_lines(*segment_, head_->segment_bytes, segment_file_bytes_, entries, batch);
  if (!done) return undo(std::move(done).error(), std::nullopt);
  return {};
}

/// Readers take a segment that is not the head's as it is: it must be nothing but lines before any
/// head says so. Also when there is no room now: whoever cut it, or took a batch back, has left
/// that unsynced.
Result<void> Committer::close_segment() {
  TALLY_TRY_VOID(cut_room());
  return segment_->sync();
}

Result<void> Committer::cut_room() {
  if (!segment_ || segment_file_bytes_ == head_->segment_bytes) return {};
  TALLY_TRY_VOID(segment_->truncate(head_->segment_bytes));
  segment_file_bytes_ = head_->segment_bytes;
  return {};
}

Result<void> Committer::write_new_segment(std::span<const EntryText> entries, Batch& batch,
                                          LeafIndex first) {
  TALLY_TRY(auto file, create_segment(first));
  auto done = write_lines(*file, 0, 0, entries, batch);
  if (done) done = fs_.sync_directory(layout_.segments());
  const auto info =
      done ? file->info() : Result<storage::FileInfo>(tl::unexpected(std::move(done).error()));
  if (!info) return undo(info.error(), first);
  segment_ = std::move(file);
  segment_first_ = first;
  segment_inode_ = info->inode;
  return {};
}

/// Piece by piece, so that the device takes one while the next is hashed. Durable on success.
Result<void> Committer::write_lines(storage::File& file, std::uint64_t offset,
                                    std::uint64_t file_bytes, std::span<const EntryText> entries,
                                    Batch& batch) {
  batch.appended.reserve(entries.size());
  batch.lines.reserve(sizes_.piece_bytes + kEntryBytesMax);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    number_and_hash(entries[i], batch);
    const bool last = i + 1 == entries.size();
    if (!last && batch.lines.size() < sizes_.piece_bytes) continue;
    const std::uint64_t at = offset + batch.written;
    TALLY_TRY_VOID(file.write_at(at, as_bytes(batch.lines)));
    if (!last) file.begin_writeback(at, batch.lines.size());
    batch.written += batch.lines.size();
    batch.lines.clear();
  }
  const std::uint64_t end = offset + batch.written;
  if (end > file_bytes) leave_room(file, end, batch);
  return file.sync();
}

/// A file that grows makes a sync write the file system's journal as well, which takes as long
/// again and waits for what others do to the file system. So when it has to grow, it grows for many
/// commits at once.
void Committer::leave_room(storage::File& file, std::uint64_t end, const Batch& batch) {
  if (commits_ < sizes_.room_after || batch.written > kRoomCommitBytesMax) return;
  const std::uint64_t wanted =
      std::min<std::uint64_t>(sizes_.room_commits * batch.written, kRoomBytesMax);
  const std::string room(std::max<std::uint64_t>(wanted, sizes_.room_bytes), kPadding);
  if (file.write_at(end, as_bytes(room))) return;
  // The lines fit and are all that matters; what is left of the disk is better kept for them.
  commits_ = 0;
  static_cast<void>(file.truncate(end));
}

Result<std::unique_ptr<storage::File>> Committer::create_segment(LeafIndex first) {
  auto file = fs_.open(layout_.segment(first), storage::OpenMode::create_new);
  if (file || file.error().code != Errc::already_exists) return file;
  // Somebody died between creating it and committing to it; recovery removes and reports it.
  TALLY_TRY_VOID(recover_now());
  return fs_.open(layout_.segment(first), storage::OpenMode::create_new);
}

Result<void> Committer::write_head(const Head& head) {
  const std::size_t slot = 1 - slot_;
  const std::string bytes = encode_head_slot(head, head_key_);
  if (auto written = head_file_->write_at(slot * kHeadSlotBytes, as_bytes(bytes)); !written) {
    if (!take_back_head(slot)) written.error().code = Errc::sync_failed;
    return written;
  }
  head_bytes_.replace(slot * kHeadSlotBytes, kHeadSlotBytes, bytes);
  return {};
}

/// A slot that was written in full but reported as failed must not become the commit mark. Synced,
/// because it may have reached the device already, and the next batch will put other lines where it
/// points.
Result<void> Committer::take_back_head(std::size_t slot) {
  const std::string_view old =
      std::string_view(head_bytes_).substr(slot * kHeadSlotBytes, kHeadSlotBytes);
  TALLY_TRY_VOID(head_file_->write_at(slot * kHeadSlotBytes, as_bytes(old)));
  return head_file_->sync();
}

/// A failed sync is final. After any other failure nothing of the batch stays.
tl::unexpected<Error> Committer::undo(Error cause, std::optional<LeafIndex> new_segment) {
  commits_ = 0;
  if (cause.code == Errc::sync_failed) return poison(std::move(cause));
  if (auto undone = take_back(new_segment); !undone) return poison(std::move(cause));
  return tl::unexpected(std::move(cause));
}

/// Nothing of a batch that was not committed may stay: a later, shorter one would leave its end
/// behind the committed bytes.
Result<void> Committer::take_back(std::optional<LeafIndex> new_segment) {
  if (new_segment) {
    segment_.reset();
    segment_first_.reset();
    TALLY_TRY_VOID(fs_.remove(layout_.segment(*new_segment)));
  } else {
    TALLY_TRY_VOID(segment_->truncate(head_->segment_bytes));
    segment_file_bytes_ = head_->segment_bytes;
  }
  return tree_.truncate(head_->size);
}

tl::unexpected<Error> Committer::poison(Error cause) {
  poisoned_ = true;
  lock_.set_failed_mark(head_->size);
  cause.detail += "; this process can write no more entries, restart it once the disk is sound";
  return tl::unexpected(std::move(cause));
}

Error Committer::poison_error() const {
  return {Errc::poisoned, layout_.directory() +
                              ": an earlier write failed for good; restart once the disk is sound"};
}

std::optional<RecoveryReport> Committer::take_recovery_report() {
  return std::exchange(report_, std::nullopt);
}

std::string Committer::lock_holder(storage::FileSystem& fs, const Layout& layout) {
  auto lock = LockFile::open_for_reading(fs, layout);
  return lock ? lock->holder() : std::string();
}

}  // namespace tally::log
