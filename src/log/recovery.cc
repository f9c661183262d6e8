// SPDX-License-Identifier: Apache-2.0
#include "log/recovery.h"

#include "base/limits.h"
#include "crypto/hash.h"
#include "log/checkpoint_files.h"
#include "log/failed_sync.h"
#include "log/padding.h"
#include "log/rehash.h"
#include "log/tree_files.h"

#include <algorithm>

namespace tally::log {
namespace {

/// The newest slot, if it was written with our key.
Result<std::pair<Head, std::size_t>> trusted_head(storage::FileSystem& fs, const Layout& layout,
                                                  const Keys& keys) {
  TALLY_TRY(auto file, fs.open(layout.head(), storage::OpenMode::read));
  TALLY_TRY(const HeadSlots slots, read_head_slots(*file));
  const auto newest = slots.newest();
  if (!newest) {
    return fail(Errc::corrupt,
                layout.head() +
                    ": no valid slot; the log was damaged from outside. Run tallystick "
                    "verify, and restore head from a copy");
  }
  const HeadKey key = keys.for_heads();
  if (!is_authentic(*slots.slots[*newest], key)) {
    return fail(Errc::mismatch,
                layout.head() +
                    ": not written with this log's head key; somebody else wrote it, or "
                    "--keys names another log's folder");
  }
  return std::pair(slots.slots[*newest]->head, *newest);
}

class Recovery {
 public:
  Recovery(storage::FileSystem& fs, const Layout& layout, const LogInfo& info, const Keys& keys,
           LockFile& lock)
      : fs_(fs),
        layout_(layout),
        keys_(keys),
        lock_(lock),
        digest_bytes_(crypto::digest_bytes(info.hash)),
        hasher_(info.hash),
        tree_(fs, layout, digest_bytes_) {
    cut_hash_.begin();
  }

  Result<Recovered> run() {
    TALLY_TRY(auto trusted, trusted_head(fs_, layout_, keys_));
    const auto [head, slot] = trusted;
    TALLY_TRY(const auto signed_tree, last_signed(fs_, layout_, keys_.signer.verifier()));
    if (head.size < signed_tree.size()) {
      return fail(Errc::corrupt, layout_.head() + ": says " + std::to_string(head.size.value()) +
                                     " entries, but a checkpoint over " +
                                     std::to_string(signed_tree.size().value()) +
                                     " was signed; an older copy of the log was put here");
    }
    TALLY_TRY(auto range, check(head, signed_tree));
    // Everything was checked; only now is anything changed. First what makes the names durable that
    // a creator who died at the very end left unsynced.
    TALLY_TRY_VOID(fs_.sync_directory(layout_.directory()));
    TALLY_TRY_VOID(remove_segments_behind(head));
    TALLY_TRY_VOID(cut_segment(head));
    TALLY_TRY_VOID(write_tree(head));
    TALLY_TRY_VOID(after_failed_sync(head, slot, signed_tree.size()));
    TALLY_TRY_VOID(settle_head(head, slot));
    if (report_.bytes_cut != 0) report_.cut_sha256 = cut_hash_.finish_as<struct CutTag>().to_hex();
    return Recovered{head, slot, std::move(range), report_};
  }

 private:
  /// Recomputes the head's root from the last checkpoint on.
  Result<merkle::CompactRange> check(const Head& head,
                                     const merkle::VerifiedCheckpoint& signed_tree) {
    TreeReader reader(fs_, layout_, digest_bytes_);
    auto start = merkle::range_from_tiles(hasher_, reader, signed_tree.size());
    const bool tree_good = start && start->root(hasher_) == signed_tree.root();
    if (!tree_good && signed_tree.size() != TreeSize{0}) {
      // tree/L is derived: damaged below the checkpoint, it is derived again, if the lines give the
      // signed root.
      report_.tree_rebuilt = true;
      TALLY_TRY(auto whole, rehash_all(head, signed_tree));
      return compare_root(head, std::move(whole));
    }
    merkle::CompactRange range = std::move(*start);
    from_ = range.end();
    TALLY_TRY_VOID(rehash_lines(fs_, layout_, head, hasher_, range, collect()));
    return compare_root(head, std::move(range));
  }

  /// Collects recomputed hashes for tree/L.
  RehashVisitor collect() {
    return {[this](const merkle::LeafHash& leaf) { batch_.add_leaf(leaf); },
            [this](unsigned height, std::uint64_t, const merkle::NodeHash& hash) {
              batch_.add(height, hash);
            }};
  }

  /// Every line from the first on, keeping nothing: a log can be larger than memory.
  Result<merkle::CompactRange> rehash_all(const Head& head,
                                          const merkle::VerifiedCheckpoint& signed_tree) {
    merkle::CompactRange range{TreeSize{0}};
    bool signed_root_seen = false;
    const RehashVisitor visitor{[&](const merkle::LeafHash&) {
                                  // Called before the leaf is added: the range is the tree before
                                  // it.
                                  if (range.end() == signed_tree.size())
                                    signed_root_seen = range.root(hasher_) == signed_tree.root();
                                },
                                [](unsigned, std::uint64_t, const merkle::NodeHash&) {}};
    TALLY_TRY_VOID(rehash_lines(fs_, layout_, head, hasher_, range, visitor));
    if (range.end() == signed_tree.size())
      signed_root_seen = range.root(hasher_) == signed_tree.root();
    if (!signed_root_seen) {
      return fail(Errc::corrupt,
                  layout_.segments() + ": the lines before entry " +
                      std::to_string(signed_tree.size().value()) +
                      " do not give the signed root; nothing was changed, run tallystick verify");
    }
    return range;
  }

  Result<merkle::CompactRange> compare_root(const Head& head, merkle::CompactRange range) {
    if (range.root(hasher_) == head.root) return range;
    // Name the entry: tree/0 was written by whoever committed the line that is now another one.
    TreeReader reader(fs_, layout_, digest_bytes_);
    const std::string& leaves = batch_.levels().empty() ? std::string() : batch_.levels()[0];
    const auto stored = reader.read_bytes(0, from_.value(), leaves.size() / digest_bytes_);
    std::string where =
        "entries " + std::to_string(from_.value()) + " to " + std::to_string(head.size.value() - 1);
    if (stored && *stored != leaves) {
      const auto at = std::ranges::mismatch(*stored, leaves).in1 - stored->begin();
      where =
          "entry " + std::to_string(from_.value() + static_cast<std::uint64_t>(at) / digest_bytes_);
    }
    return fail(Errc::corrupt,
                layout_.segments() + ": " + where +
                    " differs from what was committed; nothing was changed, run tallystick verify");
  }

  /// A segment that begins behind the head's was made for a batch that never committed.
  Result<void> remove_segments_behind(const Head& head) {
    TALLY_TRY(const auto segments, list_segments(fs_, layout_));
    for (const LeafIndex first : segments) {
      if (first <= head.segment) continue;
      TALLY_TRY(auto file, fs_.open(layout_.segment(first), storage::OpenMode::write));
      TALLY_TRY(const std::uint64_t end, content_end(*file, 0));
      TALLY_TRY_VOID(report_cut(*file, 0, end));
      TALLY_TRY_VOID(fs_.remove(layout_.segment(first)));
      TALLY_TRY_VOID(fs_.sync_directory(layout_.segments()));
      ++report_.segments_removed;
    }
    return {};
  }

  Result<void> cut_segment(const Head& head) {
    auto opened = fs_.open(layout_.segment(head.segment), storage::OpenMode::write);
    if (!opened && opened.error().code == Errc::not_found) {
      return fail(Errc::corrupt, layout_.segment(head.segment) + ": missing; entry " +
                                     std::to_string(head.segment.value()) +
                                     " and later ones were in it");
    }
    TALLY_TRY(auto file, std::move(opened));
    TALLY_TRY(const auto info, file->info());
    if (info.size < head.segment_bytes) {
      return fail(Errc::corrupt, layout_.segment(head.segment) + ": ends at byte " +
                                     std::to_string(info.size) + ", committed are " +
                                     std::to_string(head.segment_bytes));
    }
    TALLY_TRY(const std::uint64_t end, content_end(*file, head.segment_bytes));
    if (end == head.segment_bytes) return {};  // nothing, or the room that a writer left
    TALLY_TRY_VOID(report_cut(*file, head.segment_bytes, end));
    TALLY_TRY_VOID(file->truncate(head.segment_bytes));
    return file->sync();
  }

  /// Counts what is about to be removed between two offsets.
  Result<void> report_cut(storage::File& file, std::uint64_t offset, std::uint64_t end) {
    std::string block(256 * kKiB, '\0');
    while (offset < end) {
      const auto want =
          static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), end - offset));
      TALLY_TRY(const std::size_t n,
                file.read_at(offset, {reinterpret_cast<std::byte*>(block.data()), want}));
      if (n == 0) break;
      const std::string_view read = std::string_view(block).substr(0, n);
      report_.bytes_cut += n;
      report_.lines_cut += static_cast<std::uint64_t>(std::ranges::count(read, '\n'));
      cut_hash_.update(as_bytes(read));
      offset += n;
    }
    return {};
  }

  /// Writes the recomputed hashes over whatever stands there, and cuts what is too long.
  Result<void> write_tree(const Head& head) {
    TALLY_TRY(const auto folder, fs_.stat(layout_.tree()));
    if (!folder) {
      TALLY_TRY_VOID(fs_.make_directory(layout_.tree()));
      TALLY_TRY_VOID(fs_.sync_directory(layout_.directory()));
    }
    if (report_.tree_rebuilt) TALLY_TRY_VOID(derive_tree(head));
    if (!tail_matches_tree()) {
      report_.tree_rebuilt = true;
      TALLY_TRY_VOID(tree_.append(from_, batch_));
    }
    return tree_.truncate(head.size);
  }

  bool tail_matches_tree() {
    TreeReader reader(fs_, layout_, digest_bytes_);
    unsigned level = 0;
    for (const std::string& computed : batch_.levels()) {
      if (!computed.empty()) {
        const auto stored = reader.read_bytes(level, merkle::hashes_at_level(level, from_),
                                              computed.size() / digest_bytes_);
        if (!stored || *stored != computed) return false;
      }
      ++level;
    }
    return true;
  }

  /// All of tree/L again, written in pieces.
  Result<void> derive_tree(const Head& head) {
    constexpr std::uint64_t kPieceEntries = 65'536;
    merkle::CompactRange range{TreeSize{0}};
    Result<void> written;
    const auto flush = [&] {
      if (written) written = tree_.append(from_, batch_);
      batch_.clear();
      from_ = range.end();
    };
    const RehashVisitor visitor{[&](const merkle::LeafHash& leaf) {
                                  if (range.end().value() % kPieceEntries == 0) flush();
                                  batch_.add_leaf(leaf);
                                },
                                [&](unsigned height, std::uint64_t, const merkle::NodeHash& hash) {
                                  batch_.add(height, hash);
                                }};
    TALLY_TRY_VOID(rehash_lines(fs_, layout_, head, hasher_, range, visitor));
    flush();
    return written;
  }

  /// Whoever wrote this head may have died before its sync, or before it could say that the sync
  /// failed: the same bytes once more, synced, make it durable for certain, so that readers may see
  /// it and the other slot may be overwritten. That other one a power cut may have torn. Harmless,
  /// but verification cannot tell it from a change: it gets what the good one has.
  Result<void> settle_head(const Head& head, std::size_t slot) {
    TALLY_TRY(auto file, fs_.open(layout_.head(), storage::OpenMode::write));
    TALLY_TRY(const HeadSlots slots, read_head_slots(*file));
    const HeadKey key = keys_.for_heads();
    TALLY_TRY_VOID(write_head_slot(*file, slot, head, key));
    TALLY_TRY_VOID(file->sync());
    if (slots.slots[1 - slot]) return {};
    TALLY_TRY_VOID(write_head_slot(*file, 1 - slot, head, key));
    return file->sync();
  }

  /// After a failed sync in this boot, pages count as clean although the device does not have them.
  /// What is in the cache was just found to be what was committed; writing the same bytes again
  /// makes the pages dirty, and the next sync honest. Same bytes at the same place: a crash in
  /// between harms nothing.
  Result<void> after_failed_sync(const Head& head, std::size_t slot, TreeSize signed_size) {
    TALLY_TRY(const auto failed, lock_.failed_mark());
    if (!failed) return {};
    // Which boot it was may be unknown; writing once more what is there is never wrong.
    const auto boot = fs_.boot_id();
    if (!boot || failed->boot_id.empty() || failed->boot_id == *boot) {
      TALLY_TRY_VOID(rewrite_lines(fs_, layout_, head, signed_size));
      TALLY_TRY_VOID(rewrite_head(fs_, layout_, keys_.for_heads(), head, slot));
      TALLY_TRY_VOID(tree_.append(from_, batch_));
      TALLY_TRY_VOID(tree_.sync());
      report_.lines_rewritten = head.size.value() - signed_size.value();
    }
    return lock_.clear_failed_mark();
  }

  storage::FileSystem& fs_;
  const Layout& layout_;
  const Keys& keys_;
  LockFile& lock_;
  std::size_t digest_bytes_;
  merkle::TreeHasher hasher_;
  TreeFiles tree_;
  TreeBatch batch_;
  TreeSize from_{0};
  RecoveryReport report_;
  crypto::Hasher cut_hash_{crypto::HashAlgorithm::sha256};
};

}  // namespace

Result<Recovered> recover(storage::FileSystem& fs, const Layout& layout, const LogInfo& info,
                          const Keys& keys, LockFile& lock) {
  return Recovery(fs, layout, info, keys, lock).run();
}

}  // namespace tally::log
