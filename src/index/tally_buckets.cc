// SPDX-License-Identifier: Apache-2.0
#include "index/tally_buckets.h"

#include <algorithm>

namespace tally::index {

std::int64_t bucket_start(std::int64_t time, std::int64_t width) {
  const std::int64_t rest = time % width;
  return time - (rest < 0 ? rest + width : rest);
}

std::vector<HistogramBucket> empty_buckets(const HistogramQuery& query) {
  std::vector<HistogramBucket> out;
  for (std::int64_t start = bucket_start(query.time.low, query.bucket); start <= query.time.high;
       start += query.bucket) {
    out.push_back({start, 0, {}});
  }
  return out;
}

void FacetCounter::add(std::string_view text, std::uint64_t count) {
  if (text.empty() || count == 0) return;
  total_ += count;
  if (counts_.size() >= kFacetDistinctMax && !counts_.contains(std::string(text))) return;
  counts_[std::string(text)] += count;
}

Facet FacetCounter::finish(Key key, std::size_t limit) const {
  Facet out{.key = key, .values = {}, .others = total_, .distinct = counts_.size()};
  for (const auto& [text, count] : counts_) out.values.push_back({text, count});
  const auto more = [](const FacetValue& a, const FacetValue& b) {
    return a.count != b.count ? a.count > b.count : a.text < b.text;
  };
  const std::size_t shown = std::min(limit, out.values.size());
  std::ranges::partial_sort(out.values, out.values.begin() + static_cast<std::ptrdiff_t>(shown),
                            more);
  out.values.resize(shown);
  for (const FacetValue& value : out.values) out.others -= value.count;
  return out;
}

}  // namespace tally::index
