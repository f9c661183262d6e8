// SPDX-License-Identifier: Apache-2.0
#include "server/stats.h"

#include "base/limits.h"
#include "index/index.h"
#include "index/query_time.h"
#include "server/entry_filter.h"
#include "server/stats_json.h"

#include <array>
#include <utility>

namespace tally::server {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::array kWidths{kSecond / 1'000, kSecond / 100, kSecond / 10, kSecond,
                             5 * kSecond,     10 * kSecond,  30 * kSecond, kMinute,
                             5 * kMinute,     10 * kMinute,  30 * kMinute, kHour,
                             2 * kHour,       6 * kHour,     12 * kHour,   kDay,
                             7 * kDay,        30 * kDay,     365 * kDay};

/// The time that the numbers are about, closed at both ends: the last 7 days, or those before
/// end_time, up to now.
index::Range range_of(const Request& request, WallTime now) {
  const auto time = [&](std::string_view name) -> std::optional<std::int64_t> {
    const auto text = request.parameters.text(name);
    if (!text) return std::nullopt;
    return index::parse_time_argument(*text, now)->time_since_epoch().count();
  };
  const std::int64_t end = time("end_time").value_or(now.time_since_epoch().count());
  const std::int64_t age = std::chrono::microseconds(kUsualAge).count();
  return {time("start_time").value_or(end - age), end - 1};
}

/// The query of a request, or what is wrong with it.
std::variant<index::StatisticsQuery, Answer> query_for(const Reading& reading,
                                                       const Request& request) {
  index::StatisticsQuery query;
  const WallTime now = reading.clock.now();
  auto filter = entry_filter(request, now, reading.digest, kUsualAge);
  if (auto* const wrong = std::get_if<Answer>(&filter)) return std::move(*wrong);
  query.filter = std::move(std::get<index::Filter>(filter));
  query.filter.outcomes_only = true;
  query.time = range_of(request, now);
  if (query.time.high < query.time.low) {
    return parameter_problem("start_time", "must be in the past, or end_time behind it", 400);
  }
  query.filter.all.push_back({{index::time_term(query.time)}});
  const std::int64_t length = query.time.high - query.time.low + 1;
  query.bucket = usual_interval(length);
  if (const auto text = request.parameters.text("interval")) {
    const auto width = index::parse_duration(*text);
    if (!width || *width < kWidths.front()) {
      return parameter_problem("interval", "must be a time of at least 1ms: 30s, 5m, 1h, 1d");
    }
    if (length / *width >= static_cast<std::int64_t>(kHistogramBucketsMax) - 1) {
      return parameter_problem("interval", "too short for the range; at most " +
                                               std::to_string(kHistogramBucketsMax) + " bars");
    }
    query.bucket = *width;
  }
  query.keys.assign(kStatsKeys.begin(), kStatsKeys.end());
  query.limit = kStatsValuesMax;
  return query;
}

void answer(const Reading& reading, const Request& request, const Reply& reply,
            const index::StatisticsQuery& query) {
  const auto statistics = reading.index.statistics(query);
  if (!statistics) {
    answer_read(reading, request, reply, "stats", tl::unexpected(statistics.error()), 0);
    return;
  }
  const auto top = static_cast<std::size_t>(request.parameters.integer("top").value_or(10));
  // Numbers are no entries that were seen: polls stay alike, and fold.
  answer_read(reading, request, reply, "stats", json_answer(stats_json(query, *statistics, top)),
              0);
}

}  // namespace

std::int64_t usual_interval(std::int64_t length) {
  const auto fits = [length](std::int64_t width) {
    return length / width < static_cast<std::int64_t>(kHistogramBarsUsual);
  };
  for (const std::int64_t width : kWidths) {
    if (fits(width)) return width;
  }
  std::int64_t width = kWidths.back();
  while (!fits(width)) width *= 10;
  return width;
}

void answer_stats(const Reading& reading, const std::shared_ptr<Request>& request,
                  const Reply& reply) {
  auto query = query_for(reading, *request);
  if (auto* const wrong = std::get_if<Answer>(&query)) {
    reply.send(std::move(*wrong));
    return;
  }
  when_found(reading, request, reply,
             [&reading, request, reply, query = std::get<0>(std::move(query))] {
               answer(reading, *request, reply, query);
             });
}

}  // namespace tally::server
