// SPDX-License-Identifier: Apache-2.0
// The frames that histograms and facets of every engine are counted into.
#pragma once

#include "index/index.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tally::index {

/// Start of the bar that holds a time.
[[nodiscard]] std::int64_t bucket_start(std::int64_t time, std::int64_t width);
/// Every bar that touches the range, empty.
[[nodiscard]] std::vector<HistogramBucket> empty_buckets(const HistogramQuery& query);

/// Counts values of one key.
class FacetCounter {
 public:
  /// Empty texts count for nothing.
  void add(std::string_view text, std::uint64_t count);
  [[nodiscard]] Facet finish(Key key, std::size_t limit) const;

 private:
  std::unordered_map<std::string, std::uint64_t> counts_;
  std::uint64_t total_ = 0;
};

}  // namespace tally::index
