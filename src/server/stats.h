// SPDX-License-Identifier: Apache-2.0
// GET /api/audit/stats: what happened in a time, in numbers.
#pragma once

#include "server/reading.h"

#include <cstdint>

namespace tally::server {

/// Totals, rates, latencies, bars and most frequent values of the entries that match, from the
/// index, over 7 days by default; on a worker. Interactions count once (contract 1: records with
/// status initiated are left out). Only entries of the token's servers, in every number. Takes
/// kSearchTime at most; then all numbers are lower bounds and say so.
void answer_stats(const Reading& reading, const std::shared_ptr<Request>& request,
                  const Reply& reply);

/// Width of the bars, in microseconds, when nobody chose one: the shortest usual width that gives
/// at most kHistogramBarsUsual of them. `length` > 0.
[[nodiscard]] std::int64_t usual_interval(std::int64_t length);

}  // namespace tally::server
