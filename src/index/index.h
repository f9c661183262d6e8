// SPDX-License-Identifier: Apache-2.0
// Asking the log through an index. Engines differ in speed, never in answers: each gives exactly
// what applying the filter to every line would give (tests/index/engine_suite.h).
#pragma once

#include "base/clock.h"
#include "base/limits.h"
#include "base/result.h"
#include "follow/follower.h"
#include "index/filter.h"
#include "index/page_cursor.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tally::index {

/// What bounds a search that must read lines (free text; wildcards in ids). What the index answers
/// alone does not look at it.
struct SearchLimits {
  std::chrono::milliseconds time = kSearchTime;
};

struct Query {
  Filter filter;
  Order order = Order::newest_first;
  std::size_t limit = 100;           ///< 1 to kPageEntriesMax
  std::uint64_t offset = 0;          ///< at most kPageOffsetMax, and 0 with a cursor
  std::optional<PageCursor> cursor;  ///< as next or prev of a page with the same filter and order
  WallTime now{};                    ///< stands in the cursors of this page (PageCursor::now)
  bool total = true;                 ///< whether to count beyond the page, for kTotalTime at most
  SearchLimits limits;
};

/// A number of entries; at_least when not all could be looked at in time.
struct Total {
  enum class Relation : std::uint8_t { exact, at_least };
  std::uint64_t value = 0;
  Relation relation = Relation::exact;
  friend bool operator==(const Total&, const Total&) = default;
};

struct PageItem {
  Position position;
  std::string line;  ///< from the log, without LF
};

struct Page {
  std::vector<PageItem> items;     ///< in the order asked for, also those of a `prev` page
  std::optional<PageCursor> next;  ///< absent when nothing follows
  std::optional<PageCursor> prev;  ///< absent on the first page
  Total total;                     ///< of the whole filter, not of what is left
  /// Set when the time ended before the page was full: nothing between the last item and here
  /// matches; `next` goes on from here.
  std::optional<Position> searched_down_to;
  std::uint64_t size = 0;  ///< entries of the log that were taken into account
};

struct HistogramQuery {
  Filter filter;
  Range time{0, 0};          ///< closed, in microseconds
  std::int64_t bucket = 0;   ///< microseconds, > 0; buckets begin at multiples of it
  std::optional<Key> split;  ///< event, type, action, result, status, severity or level
  SearchLimits limits;
};

struct HistogramPart {
  std::string value;  ///< of the split key; "" where the entry has none
  std::uint64_t count;
  friend bool operator==(const HistogramPart&, const HistogramPart&) = default;
};
struct HistogramBucket {
  std::int64_t start;  ///< a multiple of the width; the first and last are cut by the range
  std::uint64_t count;
  std::vector<HistogramPart> parts;  ///< with a split: by value, without those that are 0
  friend bool operator==(const HistogramBucket&, const HistogramBucket&) = default;
};
struct Histogram {
  std::vector<HistogramBucket> buckets;  ///< every one that touches the range, also the empty ones
  bool complete = true;                  ///< false: lower bounds, the time was over
};

struct FacetQuery {
  Filter filter;
  /// event, type, action, result, status, severity, level, actor, actor_type, ip, tool, resource,
  /// prompt, server, client, target_type.
  std::vector<Key> keys;
  std::size_t limit = 20;  ///< values of each key; at most kFacetValuesMax
  SearchLimits limits;
};

struct FacetValue {
  std::string text;
  std::uint64_t count;
  friend bool operator==(const FacetValue&, const FacetValue&) = default;
};
/// Values as they are written, most frequent first, then by text. An entry without the field, or
/// with an empty one, has no value; tool, resource and prompt are target_name, else what follows
/// the first '/' of target_id; server is server_of().
struct Facet {
  Key key;
  std::vector<FacetValue> values;
  std::uint64_t others = 0;    ///< entries with a value that is not listed
  std::uint64_t distinct = 0;  ///< different values, at least
};
struct Facets {
  std::vector<Facet> keys;    ///< as asked
  std::uint64_t entries = 0;  ///< that match the filter
  bool complete = true;       ///< false: lower bounds
};

/// Latencies of the entries that match and have a duration. Quantiles are exact to 1 part in 32.
struct Durations {
  std::uint64_t count = 0;
  std::int64_t p50 = 0, p90 = 0, p95 = 0, p99 = 0, max = 0;  ///< microseconds
  bool complete = true;
};

/// One key of StatisticsQuery, and what is wanted of its values beside their counts.
struct StatisticsKey {
  Key key;
  bool failed = false;     ///< how many of them failed
  bool durations = false;  ///< their latencies, of at most kMeasuredValuesMax values
};

/// Everything a summary needs of the same entries at the same moment, in one pass over them. Counts
/// outcomes: set filter.outcomes_only.
struct StatisticsQuery {
  Filter filter;            ///< the range must be among its conditions too
  Range time{0, 0};         ///< as HistogramQuery
  std::int64_t bucket = 0;  ///< as HistogramQuery; bars are split by result
  std::vector<StatisticsKey> keys;
  std::size_t limit = 10;  ///< values of each key
  SearchLimits limits;     ///< unlike in other queries, of everything
};

struct MeasuredValue {
  FacetValue value;
  std::optional<std::uint64_t> failed;
  std::optional<Durations> durations;
};
struct MeasuredFacet {
  Key key;
  std::vector<MeasuredValue> values;  ///< as Facet
  std::uint64_t others = 0;
  std::uint64_t distinct = 0;
  bool all_known = true;  ///< false: `distinct` is a lower bound, and what is missing in `values`
                          ///< may be more frequent than what is there
};
struct Statistics {
  std::uint64_t entries = 0;
  std::uint64_t failed = 0;                 ///< failed_outcome() (index/outcomes.h)
  std::uint64_t failed_logins = 0;          ///< failed_login()
  std::uint64_t configuration_changes = 0;  ///< configuration_change()
  Histogram histogram;
  std::vector<MeasuredFacet> keys;  ///< as asked
  Durations durations;
  std::uint64_t size = 0;  ///< entries of the log that were taken into account
  bool complete = true;    ///< false: all numbers are lower bounds; the newest entries were counted
};

struct IndexStatus {
  std::string engine;            ///< sqlite, scan
  std::uint64_t size = 0;        ///< entries of the log that answers take into account
  std::uint64_t stored = 0;      ///< of these on disk; the rest is in memory
  std::uint64_t partitions = 0;  ///< files, or what the engine has instead
  std::uint64_t bytes = 0;       ///< on disk
  std::string problem;           ///< why the index cannot be kept or read at present; "" if it can
};

/// Queries are const and may be asked by any number of threads while one thread applies batches;
/// each sees the log up to one size. Memory of a query is bounded by its limits, not by the log.
/// Errors of queries: invalid_argument for a query that makes no sense (limits, keys, a cursor of
/// something else), io and corrupt when the log itself cannot be read. A broken index is no error:
/// the engine answers from the log, and says so in status().
class Index {
 public:
  virtual ~Index() = default;

  /// Where the follower that feeds this index must begin: behind what the index holds already.
  [[nodiscard]] virtual follow::Cursor cursor() const = 0;
  /// Takes in lines that begin where cursor() is; one thread. They are found when it returns.
  /// Errors: mismatch when they do not fit; problems with storing are no errors (see status()).
  [[nodiscard]] virtual Result<void> apply(const follow::Batch& batch) = 0;

  [[nodiscard]] virtual Result<Page> find(const Query& query) const = 0;
  [[nodiscard]] virtual Result<Total> count(const Filter& filter,
                                            const SearchLimits& limits) const = 0;
  [[nodiscard]] virtual Result<Histogram> histogram(const HistogramQuery& query) const = 0;
  [[nodiscard]] virtual Result<Facets> facets(const FacetQuery& query) const = 0;
  [[nodiscard]] virtual Result<Durations> durations(const Filter& filter,
                                                    const SearchLimits& limits) const = 0;
  [[nodiscard]] virtual Result<Statistics> statistics(const StatisticsQuery& query) const = 0;
  [[nodiscard]] virtual IndexStatus status() const = 0;
};

/// The check that every engine makes first. Errors: invalid_argument.
[[nodiscard]] Result<void> check_query(const Query& query);
[[nodiscard]] Result<void> check_query(const HistogramQuery& query);
[[nodiscard]] Result<void> check_query(const FacetQuery& query);
[[nodiscard]] Result<void> check_query(const StatisticsQuery& query);

/// How many entries match at most, as far as the index can say without reading a line (free text is
/// left out); nullopt when it cannot.
[[nodiscard]] std::optional<std::uint64_t> count_without_lines(const Index& index,
                                                               const Filter& filter);

/// Feeds an index until `stop`: waits for growth, applies batches, and tells `applied` (may be
/// empty) after each, on its thread. For a thread of its own. Errors: mismatch when the log is
/// another one now; the index must be opened anew.
[[nodiscard]] Result<void> keep_up(Index& index, follow::Follower& follower,
                                   const std::stop_token& stop,
                                   const std::function<void(std::uint64_t size)>& applied = {});

}  // namespace tally::index
