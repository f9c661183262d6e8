// SPDX-License-Identifier: Apache-2.0
#include "sink/walk.h"

#include "base/check.h"
#include "base/encoding.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace tally::sink {
namespace {

/// Hashes that are read at once.
constexpr std::uint64_t kHashesAtOnce = 1'024;
/// Entries of one question to the index: their lines are held in memory.
constexpr std::size_t kPageEntries = 64;
/// An entry that is fetched through the index costs about what so many cost in a row.
constexpr std::uint64_t kLinesInARow = 64;
/// Least number of entries that one question is about, and least time that it is given.
constexpr std::uint64_t kWindowMin = 4'096;
constexpr std::chrono::milliseconds kQuestionTime{10};
/// Lines between two looks at the clock.
constexpr std::uint64_t kLinesPerLook = 64;

index::Expression seq_range(std::uint64_t low, std::uint64_t end) {
  const index::Range range{static_cast<std::int64_t>(low), static_cast<std::int64_t>(end) - 1};
  index::Expression out;
  out.terms.push_back(
      {.key = index::Key::seq, .negated = false, .value = range, .position = 0, .bound = true});
  return out;
}

Error damaged(std::uint64_t seq) {
  return {Errc::corrupt, "entry " + std::to_string(seq) +
                             " is not the one that the tree has; run tallystick verify"};
}

}  // namespace

/// One call of next().
struct Walk::Piece {
  log::Reader& lines;
  log::TreeReader& tree;
  std::size_t bytes_end;
  MonoTime time_end;
  std::string& out;
  const Clock& clock;

  [[nodiscard]] bool full() const { return out.size() >= bytes_end || clock.mono() >= time_end; }
};

Walk::Walk(WalkPlan plan, std::unique_ptr<Exporter> exporter, const Clock& clock)
    : plan_(std::move(plan)),
      matcher_(plan_.filter),
      exporter_(std::move(exporter)),
      clock_(clock),
      hasher_(plan_.hash) {
  const std::uint64_t size = plan_.head.size.value();
  const index::Range range = matcher_.seq_range();
  const auto bounded = [size](std::int64_t value) {
    return value <= 0 ? 0 : std::min(size, static_cast<std::uint64_t>(value));
  };
  low_ = bounded(range.low);
  end_ = range.high == std::numeric_limits<std::int64_t>::max() ? size : bounded(range.high + 1);
  if (low_ > end_) low_ = end_;
  next_ = indexed_end_ = low_;
  if (plan_.index != nullptr && low_ < end_) use_index(*plan_.index);
}

void Walk::use_index(const index::Index& index) {
  const std::uint64_t known = std::min(index.status().size, end_);
  if (known <= low_) return;
  const auto matching = index::count_without_lines(index, plan_.filter);
  if (!matching || *matching > known / kLinesInARow) return;
  // About one page each: an engine looks at everything that a question is about.
  window_ = std::max(kWindowMin, known / std::max<std::uint64_t>(*matching, 1) * kPageEntries);
  indexed_end_ = known;
}

Result<std::string_view> Walk::stored(std::uint64_t seq, log::TreeReader& tree) {
  const std::size_t bytes = hasher_.digest_size();
  const bool here = seq >= hashes_first_ && seq - hashes_first_ < hashes_.size() / bytes;
  if (!here) {
    // Single entries far from each other need one or two hashes, not a block of them.
    const std::uint64_t most = next_ < indexed_end_ ? 2 : kHashesAtOnce;
    const std::uint64_t count = std::min(most, plan_.head.size.value() - seq);
    TALLY_TRY(hashes_, tree.read_bytes(0, seq, count));
    hashes_first_ = seq;
  }
  return std::string_view(hashes_).substr(static_cast<std::size_t>(seq - hashes_first_) * bytes,
                                          bytes);
}

Result<void> Walk::check(std::uint64_t seq, std::string_view line, log::TreeReader& tree) {
  TALLY_TRY(const std::string_view hash, stored(seq, tree));
  if (as_text(hasher_.leaf(line).bytes()) != hash) return tl::unexpected(damaged(seq));
  return {};
}

Result<void> Walk::hand_over(std::uint64_t seq, std::string_view line, log::TreeReader& tree,
                             std::string& out) {
  if (seq == 0) {
    previous_.clear();
  } else if (checksum_of_ == seq - 1) {
    previous_.swap(checksum_);
  } else {
    TALLY_TRY(const std::string_view hash, stored(seq - 1, tree));
    previous_ = to_hex(as_bytes(hash));
  }
  TALLY_TRY(const std::string_view hash, stored(seq, tree));
  checksum_ = to_hex(as_bytes(hash));
  checksum_of_ = seq;
  exporter_->entry(out, {seq, line, checksum_, previous_});
  ++entries_;
  return {};
}

Result<void> Walk::scan(Piece& piece) {
  Result<void> done;
  const auto visit = [&](LeafIndex at, std::string_view line) {
    const std::uint64_t seq = at.value();
    done = check(seq, line, piece.tree);
    if (done && matcher_.matches(line)) done = hand_over(seq, line, piece.tree, piece.out);
    next_ = seq + 1;
    if (!done || next_ >= end_ || piece.out.size() >= piece.bytes_end) return false;
    return next_ % kLinesPerLook != 0 || !piece.full();
  };
  TALLY_TRY_VOID(piece.lines.scan(plan_.head, LeafIndex(next_), visit));
  return done;
}

Result<void> Walk::fetch(Piece& piece) {
  const std::uint64_t window_end = window_ < indexed_end_ - next_ ? next_ + window_ : indexed_end_;
  index::Query query;
  query.filter = plan_.filter;
  query.filter.all.push_back(seq_range(next_, window_end));
  query.order = index::Order::oldest_by_seq;
  query.limit = kPageEntries;
  query.total = false;
  query.limits.time = kQuestionTime;
  TALLY_TRY(const index::Page page, plan_.index->find(query));
  if (page.size < indexed_end_) {  // it began anew: what is left is read from the log
    indexed_end_ = next_;
    return {};
  }
  for (const index::PageItem& item : page.items) {
    const std::uint64_t seq = item.position.seq;
    if (seq < next_ || seq >= window_end || !matcher_.matches(item.line)) {
      return fail(Errc::corrupt, "the index gave entry " + std::to_string(seq) +
                                     ", which was not asked for; run tallystick index rebuild");
    }
    if (seq > 0) TALLY_TRY_VOID(stored(seq - 1, piece.tree));  // one look for both hashes
    TALLY_TRY_VOID(check(seq, item.line, piece.tree));
    TALLY_TRY_VOID(hand_over(seq, item.line, piece.tree, piece.out));
    next_ = seq + 1;
  }
  if (!page.next) {
    next_ = window_end;
  } else if (page.searched_down_to) {
    next_ = std::max(next_, page.searched_down_to->seq + 1);
  }
  return {};
}

Result<bool> Walk::next(log::Reader& lines, log::TreeReader& tree, const WalkBudget& budget,
                        std::string& out) {
  TALLY_CHECK(!over_);
  over_ = true;  // unless it goes well
  Piece piece{lines, tree, out.size() + budget.bytes, clock_.mono() + budget.time, out, clock_};
  if (!std::exchange(begun_, true)) exporter_->begin(out);
  while (next_ < end_) {
    TALLY_TRY_VOID(next_ < indexed_end_ ? fetch(piece) : scan(piece));
    if (next_ < end_ && piece.full()) {
      over_ = false;
      return true;
    }
  }
  exporter_->end(out);
  return false;
}

}  // namespace tally::sink
