// SPDX-License-Identifier: Apache-2.0
#include "log/publisher.h"

#include "base/limits.h"
#include "log/checkpoint_files.h"
#include "log/head.h"
#include "log/rehash.h"

#include <span>

namespace tally::log {
namespace {

/// How long the publisher tries for a shared look at the head before it takes the older slot, which
/// is durable for certain unless its writer died; what is signed is synced first anyway.
constexpr std::chrono::milliseconds kHeadPatience{20};

}  // namespace

Publisher::Publisher(storage::FileSystem& fs, const Layout& layout, LogInfo info, const Keys& keys,
                     const Clock& clock, LockFile lock)
    : fs_(fs),
      layout_(layout),
      info_(std::move(info)),
      keys_(keys),
      clock_(clock),
      lock_(std::move(lock)),
      hasher_(info_.hash),
      tree_(fs, layout, crypto::digest_bytes(info_.hash)) {}

Result<Publisher> Publisher::open(storage::FileSystem& fs, const Layout& layout, const Keys& keys,
                                  const Clock& clock) {
  TALLY_TRY(auto info, read_log_info(fs, layout));
  TALLY_TRY(auto lock, LockFile::open(fs, layout));
  return Publisher(fs, layout, std::move(info), keys, clock, std::move(lock));
}

Result<std::optional<merkle::VerifiedCheckpoint>> Publisher::publish(
    PublishReason reason, std::chrono::milliseconds wait) {
  TALLY_TRY(const bool locked, wait_until(wait, [&] { return lock_.try_lock_publisher(); }));
  if (!locked) return std::optional<merkle::VerifiedCheckpoint>();
  auto published = publish_locked(reason);
  if (!published && published.error().code == Errc::sync_failed)
    lock_.set_failed_mark(verified_.end());
  lock_.unlock_publisher();
  TALLY_TRY(auto checkpoint, std::move(published));
  return std::optional(std::move(checkpoint));
}

/// A head or line whose sync failed looks as good as any, and syncing it once more would say that
/// all is well.
Result<void> Publisher::check_no_failed_sync() {
  TALLY_TRY(const auto failed, lock_.failed_mark());
  if (!failed) return {};
  return fail(Errc::poisoned, layout_.directory() +
                                  ": a sync failed; nothing is signed until the next commit, or a "
                                  "restart, has made the log durable again");
}

Result<merkle::VerifiedCheckpoint> Publisher::publish_locked(PublishReason reason) {
  TALLY_TRY_VOID(check_no_failed_sync());
  TALLY_TRY(auto last, last_signed(fs_, layout_, keys_.signer.verifier()));
  if (reason == PublishReason::interval && seen_ && last.size() > *seen_) {
    seen_ = last.size();
    return last;
  }
  seen_ = last.size();
  TALLY_TRY(const auto known, committed_head(last.size()));
  if (!known) return last;
  const Head head = *known;
  if (head.size < last.size()) {
    return fail(
        Errc::corrupt,
        layout_.head() + ": behind the last checkpoint; an older copy of the log was put here");
  }
  if (head.size == last.size() && head.root != last.root()) {
    return fail(Errc::corrupt, layout_.head() + ": another tree than the one that was signed");
  }
  if (head.size == last.size()) {
    TALLY_TRY_VOID(restate(reason, last, head));
    return last;
  }
  TALLY_TRY_VOID(verify_start(last));
  TALLY_TRY_VOID(sync_everything(last.size(), head));
  TALLY_TRY_VOID(rehash(head));
  return sign(reason, head);
}

/// A head that no power cut can take back; nullopt when a commit is under way and what may be read
/// beside it is older than what another process has signed meanwhile.
Result<std::optional<Head>> Publisher::committed_head(TreeSize signed_size) {
  TALLY_TRY(auto file, fs_.open(layout_.head(), storage::OpenMode::read));
  TALLY_TRY(const bool locked,
            wait_until(kHeadPatience, [&] { return lock_.try_lock_head_shared(); }));
  auto slots = read_head_slots(*file);
  if (locked) lock_.unlock_commit();
  if (!lock_.holds_publisher()) return fail(Errc::io, layout_.lock() + ": lost while signing");
  if (!slots) return tl::unexpected(std::move(slots).error());
  const auto index = locked ? slots->newest() : slots->certainly_durable();
  if (!index || !is_authentic(*slots->slots[*index], keys_.for_heads())) {
    return fail(Errc::corrupt, layout_.head() + ": no slot written with this log's key");
  }
  const Head& head = slots->slots[*index]->head;
  const auto newest = slots->newest();
  if (!locked && head.size < signed_size && slots->slots[*newest]->head.size >= signed_size) {
    return std::optional<Head>();
  }
  return std::optional(head);
}

/// Makes verified_ the tree of the last checkpoint.
Result<void> Publisher::verify_start(const merkle::VerifiedCheckpoint& last) {
  if (verified_.end() == last.size() && verified_.root(hasher_) == last.root()) return {};
  TALLY_TRY(auto range, merkle::range_from_tiles(hasher_, tree_, last.size()));
  if (range.root(hasher_) != last.root()) {
    return fail(Errc::corrupt, layout_.tree() + ": does not give the root of the last checkpoint");
  }
  verified_ = std::move(range);
  return {};
}

/// The head too: its writer may have died between writing and syncing it.
Result<void> Publisher::sync_everything(TreeSize from, const Head& head) {
  TALLY_TRY(const LinePosition at, locate_line(fs_, layout_, head, next_index(from)));
  TALLY_TRY(const auto segments, list_segments(fs_, layout_));
  for (const LeafIndex first : segments) {
    if (first < at.segment || first > head.segment) continue;
    TALLY_TRY(auto file, fs_.open(layout_.segment(first), storage::OpenMode::write));
    TALLY_TRY_VOID(file->sync());
  }
  TreeFiles tree(fs_, layout_, crypto::digest_bytes(info_.hash));
  TALLY_TRY_VOID(tree.sync());
  TALLY_TRY(auto file, fs_.open(layout_.head(), storage::OpenMode::write));
  return file->sync();
}

Result<void> Publisher::rehash(const Head& head) {
  merkle::CompactRange range = verified_;
  const TreeSize from = range.end();
  TreeComparison comparison(tree_, crypto::digest_bytes(info_.hash));
  TALLY_TRY_VOID(rehash_lines(fs_, layout_, head, hasher_, range, comparison.visitor()));
  if (range.root(hasher_) != head.root) {
    const std::string where = comparison.difference(from);
    return fail(Errc::corrupt, layout_.segments() + ": entries " + std::to_string(from.value()) +
                                   " to " + std::to_string(head.size.value() - 1) +
                                   " read back from disk are not what was committed" +
                                   (where.empty() ? "" : " (" + where + ")") + "; not signed");
  }
  if (const std::string where = comparison.difference(from); !where.empty()) {
    return fail(Errc::corrupt, layout_.tree() + ": " + where + "; not signed");
  }
  verified_ = std::move(range);
  return {};
}

Result<bool> Publisher::worth_keeping(PublishReason reason, const Head& head) {
  if (reason != PublishReason::interval) return true;
  if (!kept_segment_) {  // first time in this process: start counting, whoever kept the last one
    kept_segment_ = head.segment;
    kept_at_ = clock_.mono();
    return false;
  }
  return *kept_segment_ != head.segment || clock_.mono() - kept_at_ >= kCheckpointKeepInterval;
}

Result<void> Publisher::restate(PublishReason reason, const merkle::VerifiedCheckpoint& last,
                                const Head& head) {
  TALLY_TRY(const auto latest, read_checkpoint(fs_, layout_, keys_.signer.verifier()));
  if (latest.note() != last.note()) TALLY_TRY_VOID(write_checkpoint(fs_, layout_, last.note()));
  if (reason == PublishReason::interval) return {};
  TALLY_TRY_VOID(keep_checkpoint(fs_, layout_, last.note()));
  kept_segment_ = head.segment;
  kept_at_ = clock_.mono();
  return {};
}

Result<merkle::VerifiedCheckpoint> Publisher::sign(PublishReason reason, const Head& head) {
  const merkle::Checkpoint checkpoint{info_.origin, head.size, head.root, info_.hash};
  TALLY_TRY(const std::string note, merkle::sign_checkpoint(checkpoint, keys_.signer));
  const auto& key = keys_.signer.verifier();
  // A signature is the last thing that may be wrong: check it before anybody can see it.
  TALLY_TRY(auto verified, merkle::verify_checkpoint(note, std::span(&key, 1), info_.origin));
  TALLY_TRY(const auto now, last_signed(fs_, layout_, key));
  if (now.size() >= head.size) return now;
  TALLY_TRY(const bool keep, worth_keeping(reason, head));
  TALLY_TRY_VOID(check_no_failed_sync());  // by another process, while we read
  if (keep) {
    TALLY_TRY_VOID(keep_checkpoint(fs_, layout_, note));
    kept_segment_ = head.segment;
    kept_at_ = clock_.mono();
  }
  TALLY_TRY_VOID(write_checkpoint(fs_, layout_, note));
  seen_ = head.size;
  return verified;
}

}  // namespace tally::log
