// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/statistics.h"

#include "index/quantiles.h"
#include "index/tally_buckets.h"

#include <algorithm>
#include <map>

namespace tally::index::sqlite {
namespace {

/// What a query asks of one partition's bars.
class Bars {
 public:
  Bars(const HistogramQuery& query, Histogram& out) : query_(query), out_(out) {
    parts_.resize(out.buckets.size());
  }

  Result<void> take(const Partition& partition, const Bitmap& matching) {
    if (!query_.split) return count(partition, matching, "");
    std::map<std::string, Bitmap> sets;
    TALLY_TRY_VOID(partition.each_value(
        Column::kind, [&](const Value& value, std::uint32_t ref) -> Result<void> {
          TALLY_TRY(const Posting posting, partition.posting(Column::kind, ref));
          posting.add_to(sets[facet_text(value, *query_.split)]);
          return {};
        }));
    for (auto& [text, set] : sets) {
      set &= matching;
      if (!set.empty()) TALLY_TRY_VOID(count(partition, set, text));
    }
    return {};
  }

  void finish() {
    if (!query_.split) return;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      for (const auto& [text, count] : parts_[i]) out_.buckets[i].parts.push_back({text, count});
    }
  }

 private:
  Result<void> count(const Partition& partition, const Bitmap& set, const std::string& text) {
    if (out_.buckets.empty()) return {};
    const std::int64_t first = out_.buckets.front().start;
    const auto index_of = [&](std::int64_t time) {
      const std::int64_t inside = std::clamp(time, query_.time.low, query_.time.high);
      return static_cast<std::size_t>((bucket_start(inside, query_.bucket) - first) /
                                      query_.bucket);
    };
    const std::size_t last = index_of(partition.time_max());
    std::size_t bar = index_of(partition.time_min());
    TALLY_TRY(std::uint32_t begin, partition.lower_bound(out_.buckets[bar].start));
    for (; bar <= last; ++bar) {
      TALLY_TRY(const std::uint32_t end,
                partition.lower_bound(out_.buckets[bar].start + query_.bucket));
      const std::uint32_t sum = set.count(begin, end);
      begin = end;
      if (sum == 0) continue;
      out_.buckets[bar].count += sum;
      if (query_.split) parts_[bar][text] += sum;
    }
    return {};
  }

  const HistogramQuery& query_;
  Histogram& out_;
  std::vector<std::map<std::string, std::uint64_t>> parts_;
};

}  // namespace

Result<Total> count_matching(Search& search) {
  Total total;
  TALLY_TRY(const bool complete,
            search.each_matching([&](const Partition&, const Bitmap& matching) -> Result<void> {
              total.value += matching.count();
              return {};
            }));
  if (!complete) total.relation = Total::Relation::at_least;
  return total;
}

Result<Histogram> histogram_of(Search& search, const HistogramQuery& query) {
  Histogram out;
  out.buckets = empty_buckets(query);
  Bars bars(query, out);
  TALLY_TRY(out.complete,
            search.each_matching([&](const Partition& partition, const Bitmap& matching) {
              return bars.take(partition, matching);
            }));
  bars.finish();
  return out;
}

Result<Facets> facets_of(Search& search, const FacetQuery& query) {
  Facets out;
  std::vector<FacetCounter> counters(query.keys.size());
  const auto count_key = [&](const Partition& partition, const Bitmap& matching, std::size_t i) {
    const Key key = query.keys[i];
    const Column column = *column_of(key);
    return partition.each_value(column, [&](const Value& value, std::uint32_t ref) -> Result<void> {
      TALLY_TRY(const Posting posting, partition.posting(column, ref));
      const std::uint32_t count = posting.count_in(matching);
      if (count > 0) counters[i].add(facet_text(value, key), count);
      return {};
    });
  };
  TALLY_TRY(out.complete, search.each_matching([&](const Partition& partition,
                                                   const Bitmap& matching) -> Result<void> {
    out.entries += matching.count();
    for (std::size_t i = 0; i < query.keys.size(); ++i) {
      TALLY_TRY_VOID(count_key(partition, matching, i));
    }
    return {};
  }));
  for (std::size_t i = 0; i < query.keys.size(); ++i) {
    out.keys.push_back(counters[i].finish(query.keys[i], query.limit));
  }
  return out;
}

Result<Durations> durations_of(Search& search) {
  Quantiles quantiles;
  TALLY_TRY(const bool complete, search.each_matching([&](const Partition& partition,
                                                          const Bitmap& matching) -> Result<void> {
    TALLY_TRY(const auto numbers, partition.numbers(Number::duration));
    matching.each([&](std::uint32_t at) {
      if (numbers[at] != kNoNumber) quantiles.add(numbers[at]);
      return true;
    });
    return {};
  }));
  return quantiles.summary(complete);
}

}  // namespace tally::index::sqlite
