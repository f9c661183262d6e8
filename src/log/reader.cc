// SPDX-License-Identifier: Apache-2.0
#include "log/reader.h"

#include "log/entry.h"
#include "log/rehash.h"
#include "log/segment_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace tally::log {
namespace {

/// How long a reader tries for a shared look; then the older slot is good enough.
constexpr std::chrono::milliseconds kPatience{10};

Error wrong_number(const Layout& layout, LeafIndex segment, LeafIndex expected) {
  return {Errc::corrupt, layout.segment(segment) + ": the line in the place of entry " +
                             std::to_string(expected.value()) +
                             " has another number; run tallystick verify"};
}

Error missing(const Layout& layout, LeafIndex seq, const Head& head) {
  return {Errc::corrupt, layout.segments() + ": entry " + std::to_string(seq.value()) +
                             " is missing, committed are " + std::to_string(head.size.value()) +
                             "; run tallystick verify"};
}

}  // namespace

Result<Reader> Reader::open(storage::FileSystem& fs, std::string directory) {
  Layout layout(std::move(directory));
  TALLY_TRY(auto info, read_log_info(fs, layout));
  Reader reader(fs, std::move(layout), std::move(info));
  return reader;
}

/// The newest slot may be read when no writer is between writing and syncing it, and no sync of it
/// failed.
Result<std::optional<HeadSlot>> Reader::durable_slot(storage::File& file) {
  const auto choose = [&](bool settled) -> Result<std::optional<HeadSlot>> {
    TALLY_TRY(HeadSlots slots, read_head_slots(file));
    const auto index = settled ? slots.newest() : slots.certainly_durable();
    return index ? std::move(slots.slots[*index]) : std::nullopt;
  };
  if (!lock_) {
    auto lock = LockFile::open_for_reading(*fs_, layout_);
    if (!lock) {
      return choose(lock.error().code == Errc::not_found);  // a copy: nobody writes it
    }
    lock_ = std::make_unique<LockFile>(std::move(*lock));
  }
  const auto locked = wait_until(kPatience, [&] { return lock_->try_lock_head_shared(); });
  if (!locked || !*locked) {
    TALLY_TRY(auto beside, choose(false));
    // What was durable once still is, although the slot that may be read beside a writer is older.
    if (beside && seen_ && beside->head.size < seen_->head.size) return seen_;
    return beside;
  }
  const auto failed = lock_->failed_mark();
  auto slot = choose(failed.has_value());
  // Nothing beyond what was acknowledged before the failure is sure to be on the device.
  if (failed && *failed && slot && *slot && (*slot)->head.size > (*failed)->size)
    slot = choose(false);
  lock_->unlock_commit();
  if (slot) seen_ = *slot;
  return slot;
}

Result<Head> Reader::head() {
  TALLY_TRY(auto file, fs_->open(layout_.head(), storage::OpenMode::read));
  TALLY_TRY(const auto slot, durable_slot(*file));
  if (!slot) return fail(Errc::corrupt, layout_.head() + ": no valid slot; run tallystick verify");
  return slot->head;
}

Result<std::uint64_t> Reader::committed_bytes(const Head& head, LeafIndex segment,
                                              storage::File& file) {
  if (segment == head.segment) return head.segment_bytes;
  TALLY_TRY(const auto info, file.info());
  return info.size;
}

/// Where entry `seq` stood, or was to come, when the last scan ended.
std::optional<Reader::Start> Reader::remembered(LeafIndex seq) const {
  if (!last_) return std::nullopt;
  if (seq == last_->seq) return Start{last_->segment, last_->offset, false};
  if (seq != last_->seq.next()) return std::nullopt;
  return Start{last_->segment, last_->offset + last_->bytes, false};
}

Result<void> Reader::scan(const Head& head, LeafIndex first, const Visitor& visit) {
  if (!contains(head.size, first)) return {};
  TALLY_TRY(const auto segments, list_segments(*fs_, layout_));
  LeafIndex next = first;
  if (const auto start = remembered(first)) {
    auto done = scan_from(head, segments, *start, next, visit);
    if (done || next != first) return done;
    // The log was cut or replaced since: nothing was given out, so look for the entry.
  }
  TALLY_TRY(const LinePosition at, locate_line(*fs_, layout_, head, segments, first));
  return scan_from(head, segments, {at.segment, at.offset, true}, next, visit);
}

/// Entries [next, head.size), of which the first is at `start`; `next` goes with them. At a place
/// that is only remembered a line must begin: an LF stands before it.
Result<void> Reader::scan_from(const Head& head, const std::vector<LeafIndex>& segments,
                               const Start& start, LeafIndex& next, const Visitor& visit) {
  for (const LeafIndex segment : segments) {
    if (segment < start.segment || segment > head.segment) continue;
    TALLY_TRY(auto file, fs_->open(layout_.segment(segment), storage::OpenMode::read));
    TALLY_TRY(const std::uint64_t bytes, committed_bytes(head, segment, *file));
    std::uint64_t begin = segment == start.segment ? start.offset : 0;
    bool before_it = !start.found && begin != 0;
    if (before_it) --begin;
    bool wrong = false;
    bool stopped = false;
    const auto each = [&](std::string_view line, std::uint64_t offset) {
      if (std::exchange(before_it, false)) {
        wrong = !line.empty();
        return !wrong;
      }
      wrong = seq_of_line(line) != next;
      if (wrong) return false;
      last_ = Visited{next, segment, offset, line.size() + 1};
      stopped = !visit(next, line);
      next = next.next();
      return !stopped;
    };
    TALLY_TRY_VOID(with_context(read_lines(*file, begin, bytes, each), layout_.segment(segment)));
    if (wrong) return tl::unexpected(wrong_number(layout_, segment, next));
    if (stopped) return {};
  }
  if (contains(head.size, next)) return tl::unexpected(missing(layout_, next, head));
  return {};
}

Result<void> Reader::scan_backward(const Head& head, TreeSize end, const Visitor& visit) {
  if (end > head.size) return fail(Errc::invalid_argument, "the log has fewer entries");
  if (end == TreeSize{0}) return {};
  std::uint64_t next = end.value();  // number behind the line that comes next
  TALLY_TRY(auto segments, list_segments(*fs_, layout_));
  TALLY_TRY(const LinePosition last,
            locate_line(*fs_, layout_, head, segments, LeafIndex{next - 1}));
  std::ranges::reverse(segments);
  for (const LeafIndex segment : segments) {
    if (segment > last.segment || segment > head.segment) continue;
    TALLY_TRY(auto file, fs_->open(layout_.segment(segment), storage::OpenMode::read));
    TALLY_TRY(std::uint64_t bytes, committed_bytes(head, segment, *file));
    if (segment == last.segment) {
      TALLY_TRY(const std::string line, read_line_at(*file, last.offset, bytes));
      bytes = last.offset + line.size() + 1;
    }
    bool wrong = false;
    bool stopped = false;
    const auto each = [&](std::string_view line, std::uint64_t) {
      wrong = next == 0 || seq_of_line(line) != LeafIndex{next - 1};
      if (wrong) return false;
      --next;
      stopped = !visit(LeafIndex{next}, line);
      return !stopped;
    };
    TALLY_TRY_VOID(
        with_context(read_lines_backward(*file, 0, bytes, each), layout_.segment(segment)));
    if (wrong)
      return tl::unexpected(wrong_number(layout_, segment, LeafIndex{next == 0 ? 0 : next - 1}));
    if (stopped) return {};
  }
  if (next != 0) return tl::unexpected(missing(layout_, LeafIndex{next - 1}, head));
  return {};
}

Result<std::string> Reader::line(const Head& head, LeafIndex seq) {
  if (!contains(head.size, seq)) {
    return fail(Errc::not_found, "no entry " + std::to_string(seq.value()) + "; the log has " +
                                     std::to_string(head.size.value()));
  }
  std::string out;
  TALLY_TRY_VOID(scan(head, seq, [&](LeafIndex, std::string_view line) {
    out = line;
    return false;
  }));
  return out;
}

}  // namespace tally::log
