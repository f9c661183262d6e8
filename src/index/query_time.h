// SPDX-License-Identifier: Apache-2.0
// Times and durations as people write them in queries.
#pragma once

#include "base/clock.h"
#include "index/expression.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tally::index {

/// What a time text covers, in microseconds since 1970: a date its whole day, "10:30" its minute, a
/// full time with six digits one microsecond. Relative times (now, -1h, now-15m) are one instant
/// and marked.
struct TimeSpan {
  Range micros;
  bool relative = false;
};
[[nodiscard]] std::optional<TimeSpan> parse_time_span(std::string_view text, WallTime now);

/// "250", "250ms", "1.5s", "2h": microseconds, not negative; milliseconds where there is no unit.
[[nodiscard]] std::optional<std::int64_t> parse_duration(std::string_view text);

}  // namespace tally::index
