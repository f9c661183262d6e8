// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/statistics.h"

#include "index/measured_values.h"
#include "index/outcomes.h"
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

/// Calls `visit` with each position of `posting` that is in `of`.
template <class Visitor>
void each_in(const Posting& posting, const Bitmap& of, Visitor&& visit) {
  if (posting.bits == nullptr) {
    for (const std::uint32_t at : posting.list) {
      if (of.test(at)) visit(at);
    }
    return;
  }
  Bitmap both = *posting.bits;
  both &= of;
  both.each([&](std::uint32_t at) {
    visit(at);
    return true;
  });
}

/// What statistics are collected into, partition after partition.
class Summary {
 public:
  Summary(const StatisticsQuery& query, Statistics& out)
      : bars_query_{query.filter, query.time, query.bucket, Key::result, query.limits}, out_(out) {
    out_.histogram.buckets = empty_buckets(bars_query_);
    bars_.emplace(bars_query_, out_.histogram);
    for (const StatisticsKey& wish : query.keys) keys_.emplace_back(wish);
  }

  Result<void> take(const Partition& partition, const Bitmap& matching) {
    out_.entries += matching.count();
    TALLY_TRY_VOID(bars_->take(partition, matching));
    TALLY_TRY_VOID(take_words(partition, matching));
    TALLY_TRY(numbers_, partition.numbers(Number::duration));
    matching.each([&](std::uint32_t at) {
      if (numbers_[at] != kNoNumber) durations_.add(numbers_[at]);
      return true;
    });
    for (std::size_t i = 0; i < kColumns; ++i) {
      TALLY_TRY_VOID(take_column(partition, matching, static_cast<Column>(i)));
    }
    return {};
  }

  void finish(const StatisticsQuery& query, bool complete) {
    bars_->finish();
    for (const MeasuredValues& key : keys_) {
      out_.keys.push_back(key.finish(query.limit, complete));
    }
    out_.durations = durations_.summary(complete);
    out_.histogram.complete = out_.complete = complete;
  }

 private:
  /// Counts by words, and which entries failed.
  Result<void> take_words(const Partition& partition, const Bitmap& matching) {
    failed_.clear();
    TALLY_TRY_VOID(partition.each_value(
        Column::kind, [&](const Value& value, std::uint32_t ref) -> Result<void> {
          const std::string event = facet_text(value, Key::event);
          const std::string type = facet_text(value, Key::type);
          const std::string action = facet_text(value, Key::action);
          const std::string result = facet_text(value, Key::result);
          const OutcomeWords words{event, type, action, result};
          const bool failed = failed_outcome(result);
          const bool login = failed_login(words);
          const bool change = configuration_change(words);
          if (!failed && !login && !change) return {};
          TALLY_TRY(const Posting posting, partition.posting(Column::kind, ref));
          const std::uint32_t count = posting.count_in(matching);
          if (login) out_.failed_logins += count;
          if (change) out_.configuration_changes += count;
          if (failed && count > 0) posting.add_to(failed_);
          return {};
        }));
    failed_ &= matching;
    out_.failed += failed_.count();
    return {};
  }

  /// Values of all keys that stand in one column.
  Result<void> take_column(const Partition& partition, const Bitmap& matching, Column column) {
    std::vector<MeasuredValues*> keys;
    bool wants_failed = false;
    for (MeasuredValues& key : keys_) {
      if (*column_of(key.wish().key) != column) continue;
      keys.push_back(&key);
      wants_failed = wants_failed || key.wish().failed;
    }
    if (keys.empty()) return {};
    return partition.each_value(column, [&](const Value& value, std::uint32_t ref) -> Result<void> {
      TALLY_TRY(const Posting posting, partition.posting(column, ref));
      const std::uint32_t count = posting.count_in(matching);
      if (count == 0) return {};
      const std::uint32_t failed = wants_failed ? posting.count_in(failed_) : 0;
      for (MeasuredValues* const key : keys) {
        const std::string text = facet_text(value, key->wish().key);
        key->add(text, count, failed);
        if (key->wish().durations) measure(*key, text, posting, matching);
      }
      return {};
    });
  }

  /// Latencies of one value; nothing is kept for a value that has none.
  void measure(MeasuredValues& key, const std::string& text, const Posting& posting,
               const Bitmap& matching) {
    std::optional<Quantiles*> own;
    each_in(posting, matching, [&](std::uint32_t at) {
      if (numbers_[at] == kNoNumber) return;
      if (!own) own = key.durations(text);
      if (*own != nullptr) (*own)->add(numbers_[at]);
    });
  }

  HistogramQuery bars_query_;
  Statistics& out_;
  std::optional<Bars> bars_;
  std::vector<MeasuredValues> keys_;
  Quantiles durations_;
  Bitmap failed_;                      // of the partition that is being taken, as the next
  std::vector<std::int64_t> numbers_;  // duration of each position
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

Result<Statistics> statistics_of(Search& search, const StatisticsQuery& query) {
  Statistics out;
  out.size = search.size();
  Summary summary(query, out);
  TALLY_TRY(const bool complete, search.each_matching(
                                     [&](const Partition& partition, const Bitmap& matching) {
                                       return summary.take(partition, matching);
                                     },
                                     true));
  summary.finish(query, complete);
  return out;
}

}  // namespace tally::index::sqlite
