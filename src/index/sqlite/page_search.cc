// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/page_search.h"

#include "base/limits.h"
#include "index/sqlite/partition_head.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <queue>

namespace tally::index::sqlite {
namespace {

constexpr std::uint64_t kLastSeq = std::numeric_limits<std::uint64_t>::max();

/// How the entries of a page are compared.
struct Sorting {
  bool by_seq;
  bool falling;

  [[nodiscard]] Position key(Position place) const {
    return by_seq ? Position{0, place.seq} : place;
  }
  /// Whether `a` comes before `b`.
  [[nodiscard]] bool before(const Position& a, const Position& b) const {
    return falling ? key(b) < key(a) : key(a) < key(b);
  }
};

/// One partition in the merge: at first only a bound for what it may give.
struct Lane {
  const Part* part = nullptr;
  bool read = false;
  Position next{};               ///< or a bound that nothing in the partition comes before
  std::vector<Position> places;  ///< candidates, in order
  std::size_t taken = 0;
};

class PageSearch {
 public:
  PageSearch(Search& search, const Query& query, const FilterDigest& digest)
      : search_(search),
        query_(query),
        digest_(digest),
        backwards_(query.cursor && query.cursor->backwards),
        sorting_{query.order == Order::newest_by_seq || query.order == Order::oldest_by_seq,
                 (query.order == Order::newest_first || query.order == Order::newest_by_seq) !=
                     backwards_} {}

  Result<Page> run() {
    start_lanes();
    TALLY_TRY_VOID(merge());
    page_.size = search_.size();
    set_cursors();
    if (query_.total) TALLY_TRY_VOID(set_total());
    return std::move(page_);
  }

 private:
  void start_lanes() {
    lanes_.reserve(search_.parts().size());
    counts_.resize(search_.parts().size());
    for (const Part& part : search_.parts()) {
      if (part.rows == 0) continue;
      const std::uint64_t last = part.first + part.rows - 1;
      const Position low = sorting_.by_seq ? Position{0, part.first} : Position{part.time_min, 0};
      const Position high = sorting_.by_seq ? Position{0, last} : Position{part.time_max, kLastSeq};
      const Position& farthest = sorting_.falling ? low : high;
      if (query_.cursor && !sorting_.before(query_.cursor->position, farthest)) continue;
      lanes_.push_back({&part, false, sorting_.falling ? high : low, {}, 0});
    }
  }

  /// The places of a partition's candidates beyond the cursor, in order, as many as a page can use.
  Result<void> read(Lane& lane) {
    const auto pinned = lane.part->partition->pin();
    TALLY_TRY(const Bitmap found, search_.candidates(*lane.part));
    lane.read = true;
    counts_[static_cast<std::size_t>(lane.part - search_.parts().data())] = found.count();
    if (found.empty()) return {};
    const bool all = sorting_.by_seq || !search_.plan().exact();
    const std::size_t taken = page_.items.size() + skipped_;
    const std::size_t wanted = all ? kPartitionRows : query_.limit + 1 + query_.offset - taken;
    TALLY_TRY_VOID(read_places(lane, found, wanted));
    if (sorting_.by_seq) {
      const auto before = [this](const Position& a, const Position& b) {
        return sorting_.before(a, b);
      };
      std::ranges::sort(lane.places, before);
    }
    return {};
  }

  Result<void> read_places(Lane& lane, const Bitmap& found, std::size_t wanted) {
    const Partition& partition = *lane.part->partition;
    std::vector<Position> block;
    std::uint32_t block_at = kPartitionRows;  // position of block[0]
    Result<void> problem;
    const auto take = [&](std::uint32_t at) {
      if (block_at != at / kBlockRows * kBlockRows) {
        block.clear();
        block_at = at / kBlockRows * kBlockRows;
        // What is before `at` must be decoded anyway, what is behind it only if it comes next.
        const std::uint32_t end =
            sorting_.falling ? at + 1 : std::min(block_at + kBlockRows, partition.rows());
        problem = partition.places(block_at, end, block);
        if (!problem) return false;
      }
      const Position& place = block[at - block_at];
      const bool beyond = !query_.cursor || sorting_.before(query_.cursor->position, place);
      if (beyond) lane.places.push_back(place);
      return lane.places.size() < wanted;
    };
    TALLY_TRY(const Bitmap near, beyond_cursor(partition, found));
    if (sorting_.falling) {
      near.each_backwards(take);
    } else {
      near.each(take);
    }
    return problem;
  }

  /// Without most of what lies on the wrong side of the cursor.
  Result<Bitmap> beyond_cursor(const Partition& partition, const Bitmap& found) {
    if (!query_.cursor || sorting_.by_seq) return found;
    const std::int64_t time = query_.cursor->position.time;
    Bitmap side;
    if (sorting_.falling) {
      std::uint32_t end = partition.rows();
      if (time != INT64_MAX) {
        TALLY_TRY(end, partition.lower_bound(time + 1));
      }
      side.set_range(0, end);
    } else {
      TALLY_TRY(const std::uint32_t begin, partition.lower_bound(time));
      side.set_range(begin, partition.rows());
    }
    side &= found;
    return side;
  }

  Result<void> merge() {
    const auto later = [this](const Lane* a, const Lane* b) {
      return sorting_.before(b->next, a->next);
    };
    std::priority_queue<Lane*, std::vector<Lane*>, decltype(later)> queue(later);
    for (Lane& lane : lanes_) queue.push(&lane);
    while (!queue.empty() && !done_) {
      Lane* const lane = queue.top();
      queue.pop();
      if (!lane->read) {
        TALLY_TRY_VOID(read(*lane));
      } else {
        TALLY_TRY_VOID(take(lane->places[lane->taken++]));
      }
      if (lane->taken == lane->places.size()) continue;
      lane->next = lane->places[lane->taken];
      queue.push(lane);
    }
    if (backwards_) std::ranges::reverse(page_.items);
    return {};
  }

  /// A candidate, the next one in order.
  Result<void> take(const Position& place) {
    const bool exact = search_.plan().exact();
    if (page_.items.size() == query_.limit && exact) {
      more_ = done_ = true;
      return {};
    }
    if (exact && skipped_ < query_.offset) {
      ++skipped_;
      return {};
    }
    // At least one line is looked at, so that whoever goes on gets further.
    if (!exact && last_ && search_.time_is_over()) {
      page_.searched_down_to = last_;
      more_ = done_ = stopped_ = true;
      return {};
    }
    TALLY_TRY(const std::string_view line, search_.lines().line(place.seq));
    last_ = place;
    if (!search_.plan().matcher().matches(line)) return {};
    if (!exact && skipped_ < query_.offset) {
      ++skipped_;
      return {};
    }
    const bool fits = page_.items.empty() || bytes_ + line.size() <= kPageBytesMax;
    if (page_.items.size() == query_.limit || !fits) {
      more_ = done_ = true;
      return {};
    }
    bytes_ += line.size();
    page_.items.push_back({place, std::string(line)});
    return {};
  }

  PageCursor cursor_at(const Position& position, bool backwards) const {
    return {position, backwards, query_.now, digest_};
  }

  /// `more_` means: beyond the page, in the direction that was read.
  void set_cursors() {
    const bool first = !query_.cursor && query_.offset == 0;
    std::optional<Position> far;  // where reading ended
    std::optional<Position> near;
    if (!page_.items.empty()) {
      far = backwards_ ? page_.items.front().position : page_.items.back().position;
      near = backwards_ ? page_.items.back().position : page_.items.front().position;
    }
    if (stopped_) far = last_;
    auto& ahead = backwards_ ? page_.prev : page_.next;
    auto& behind = backwards_ ? page_.next : page_.prev;
    if (more_ && far) ahead = cursor_at(*far, backwards_);
    if (!first && near) behind = cursor_at(*near, !backwards_);
  }

  Result<void> set_total() {
    if (search_.plan().exact()) return count_all();
    page_.total.value = skipped_ + page_.items.size() + (more_ && !stopped_ ? 1 : 0);
    const bool whole = !more_ && !query_.cursor;
    page_.total.relation = whole ? Total::Relation::exact : Total::Relation::at_least;
    return {};
  }

  /// What the page has counted already, and the rest as far as the time for it goes.
  Result<void> count_all() {
    const auto until = std::chrono::steady_clock::now() + kTotalTime;
    for (std::size_t i = counts_.size(); i-- > 0;) {
      if (!counts_[i]) {
        if (std::chrono::steady_clock::now() >= until) {
          page_.total.relation = Total::Relation::at_least;
          continue;
        }
        const auto pinned = search_.parts()[i].partition->pin();
        TALLY_TRY(const Bitmap found, search_.candidates(search_.parts()[i]));
        counts_[i] = found.count();
      }
      page_.total.value += *counts_[i];
    }
    return {};
  }

  Search& search_;
  const Query& query_;
  const FilterDigest& digest_;
  bool backwards_;
  Sorting sorting_;
  std::vector<Lane> lanes_;
  std::vector<std::optional<std::uint32_t>> counts_;  // by part
  Page page_;
  std::size_t bytes_ = 0;
  std::uint64_t skipped_ = 0;
  std::optional<Position> last_;  // the last candidate that was looked at
  bool more_ = false;
  bool done_ = false;
  bool stopped_ = false;  // by the time
};

}  // namespace

Result<Page> find_page(Search& search, const Query& query, const FilterDigest& digest) {
  return PageSearch(search, query, digest).run();
}

}  // namespace tally::index::sqlite
