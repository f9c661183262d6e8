// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/sqlite_index.h"

#include "index/line_source.h"
#include "index/sqlite/folder.h"
#include "index/sqlite/page_search.h"
#include "index/sqlite/partition_set.h"
#include "index/sqlite/statistics.h"

#include <mutex>
#include <vector>

namespace tally::index::sqlite {
namespace {

/// Stored partitions may turn out to be broken one after the other; a disk that breaks what was
/// just written ends it.
constexpr int kAttempts = 16;
/// Line sources kept for the next queries.
constexpr std::size_t kLineSources = 8;

class SqliteIndex final : public Index {
 public:
  SqliteIndex(storage::FileSystem& fs, std::string directory, std::unique_ptr<PartitionSet> set)
      : fs_(&fs), directory_(std::move(directory)), set_(std::move(set)) {}

  [[nodiscard]] follow::Cursor cursor() const override { return set_->cursor(); }

  [[nodiscard]] Result<void> apply(const follow::Batch& batch) override {
    return set_->add(batch.lines, batch.after);
  }

  [[nodiscard]] Result<Page> find(const Query& query) const override {
    TALLY_TRY_VOID(check_query(query));
    const FilterDigest digest = digest_of(query.filter, query.order, set_->info().id);
    if (query.cursor) TALLY_TRY_VOID(check_page_cursor(*query.cursor, digest));
    return ask<Page>(query.filter, query.limits,
                     [&](Search& search) { return find_page(search, query, digest); });
  }

  [[nodiscard]] Result<Total> count(const Filter& filter,
                                    const SearchLimits& limits) const override {
    return ask<Total>(filter, limits, [](Search& search) { return count_matching(search); });
  }

  [[nodiscard]] Result<Histogram> histogram(const HistogramQuery& query) const override {
    TALLY_TRY_VOID(check_query(query));
    Filter filter = query.filter;
    filter.all.push_back(Expression{{time_term(query.time)}});
    return ask<Histogram>(filter, query.limits,
                          [&](Search& search) { return histogram_of(search, query); });
  }

  [[nodiscard]] Result<Facets> facets(const FacetQuery& query) const override {
    TALLY_TRY_VOID(check_query(query));
    return ask<Facets>(query.filter, query.limits,
                       [&](Search& search) { return facets_of(search, query); });
  }

  [[nodiscard]] Result<Durations> durations(const Filter& filter,
                                            const SearchLimits& limits) const override {
    return ask<Durations>(filter, limits, [](Search& search) { return durations_of(search); });
  }

  [[nodiscard]] Result<Statistics> statistics(const StatisticsQuery& query) const override {
    TALLY_TRY_VOID(check_query(query));
    return ask<Statistics>(query.filter, query.limits,
                           [&](Search& search) { return statistics_of(search, query); });
  }

  [[nodiscard]] IndexStatus status() const override { return set_->status(); }

 private:
  template <class T, class Ask>
  [[nodiscard]] Result<T> ask(const Filter& filter, const SearchLimits& limits, Ask&& run) const {
    for (int attempt = 0;; ++attempt) {
      TALLY_TRY(auto parts, set_->parts());
      TALLY_TRY(auto lines, take_lines());
      Search search(std::move(parts), filter, set_->seed(), *lines, limits.time);
      auto answer = run(search);
      give_back(std::move(lines));
      const bool broken = !answer && answer.error().code == Errc::corrupt;
      if (!broken || attempt == kAttempts || !set_->discard_broken()) return answer;
    }
  }

  [[nodiscard]] Result<std::unique_ptr<LineSource>> take_lines() const {
    {
      const std::lock_guard lock(mutex_);
      if (!sources_.empty()) {
        auto source = std::move(sources_.back());
        sources_.pop_back();
        return source;
      }
    }
    TALLY_TRY(auto source, LineSource::open(*fs_, directory_));
    return std::make_unique<LineSource>(std::move(source));
  }

  void give_back(std::unique_ptr<LineSource> source) const {
    const std::lock_guard lock(mutex_);
    if (sources_.size() < kLineSources) sources_.push_back(std::move(source));
  }

  storage::FileSystem* fs_;
  std::string directory_;
  std::unique_ptr<PartitionSet> set_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<LineSource>> sources_;
};

}  // namespace

Result<std::unique_ptr<Index>> open(storage::FileSystem& fs, const std::string& log_directory,
                                    OpenOptions options) {
  TALLY_TRY(auto set, PartitionSet::open(fs, log_directory, std::move(options)));
  return std::make_unique<SqliteIndex>(fs, log_directory, std::move(set));
}

Result<void> remove_stored(storage::FileSystem& fs, const std::string& log_directory) {
  Folder folder(fs, log_directory);
  TALLY_TRY_VOID(folder.lock());
  return folder.clear();
}

}  // namespace tally::index::sqlite
