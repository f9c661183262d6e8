// SPDX-License-Identifier: Apache-2.0
#include "index/measured_values.h"

#include <algorithm>
#include <vector>

namespace tally::index {

void MeasuredValues::add(std::string_view text, std::uint64_t count, std::uint64_t failed) {
  if (text.empty() || count == 0) return;
  total_ += count;
  auto at = counts_.find(std::string(text));
  if (at == counts_.end()) {
    if (counts_.size() >= kFacetDistinctMax) {
      all_known_ = false;
      return;
    }
    at = counts_.emplace(text, Counts()).first;
  }
  at->second.count += count;
  at->second.failed += failed;
}

Quantiles* MeasuredValues::durations(std::string_view text) {
  if (!wish_.durations) return nullptr;
  const auto at = counts_.find(std::string(text));
  if (at == counts_.end()) return nullptr;
  Counts& counts = at->second;
  if (counts.durations == nullptr && measured_ < kMeasuredValuesMax) {
    ++measured_;
    counts.durations = std::make_unique<Quantiles>();
  }
  return counts.durations.get();
}

MeasuredFacet MeasuredValues::finish(std::size_t limit, bool complete) const {
  MeasuredFacet out{.key = wish_.key,
                    .values = {},
                    .others = total_,
                    .distinct = counts_.size(),
                    .all_known = all_known_};
  using Entry = std::pair<const std::string, Counts>;
  std::vector<const Entry*> order;
  order.reserve(counts_.size());
  for (const Entry& entry : counts_) order.push_back(&entry);
  const auto more = [](const Entry* a, const Entry* b) {
    return a->second.count != b->second.count ? a->second.count > b->second.count
                                              : a->first < b->first;
  };
  const std::size_t shown = std::min(limit, order.size());
  std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(shown), more);
  for (const Entry* entry : std::span(order).first(shown)) {
    const Counts& counts = entry->second;
    MeasuredValue value{.value = {entry->first, counts.count}, .failed = {}, .durations = {}};
    if (wish_.failed) value.failed = counts.failed;
    if (counts.durations != nullptr) value.durations = counts.durations->summary(complete);
    out.others -= counts.count;
    out.values.push_back(std::move(value));
  }
  return out;
}

}  // namespace tally::index
