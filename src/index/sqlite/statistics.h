// SPDX-License-Identifier: Apache-2.0
// Counts of what matches: totals, bars, values, latencies.
#pragma once

#include "index/index.h"
#include "index/sqlite/search.h"

namespace tally::index::sqlite {

[[nodiscard]] Result<Total> count_matching(Search& search);
/// The filter of `search` must include the range.
[[nodiscard]] Result<Histogram> histogram_of(Search& search, const HistogramQuery& query);
[[nodiscard]] Result<Facets> facets_of(Search& search, const FacetQuery& query);
[[nodiscard]] Result<Durations> durations_of(Search& search);
/// The filter of `search` must include the range.
[[nodiscard]] Result<Statistics> statistics_of(Search& search, const StatisticsQuery& query);

}  // namespace tally::index::sqlite
