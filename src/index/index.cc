// SPDX-License-Identifier: Apache-2.0
#include "index/index.h"

#include <algorithm>
#include <array>

namespace tally::index {
namespace {

/// How long one look of keep_up() waits; a stop ends it earlier.
constexpr std::chrono::seconds kLook{10};

constexpr std::array kSplitKeys{Key::event,  Key::type,     Key::action, Key::result,
                                Key::status, Key::severity, Key::level};
constexpr std::array kFacetKeys{Key::event,      Key::type,     Key::action, Key::result,
                                Key::status,     Key::severity, Key::level,  Key::actor,
                                Key::actor_type, Key::ip,       Key::tool,   Key::resource,
                                Key::prompt,     Key::server,   Key::client, Key::target_type};

tl::unexpected<Error> refuse(const std::string& why) { return fail(Errc::invalid_argument, why); }

Result<void> check_filter(const Filter& filter) {
  std::size_t terms = 0;
  for (const Expression& expression : filter.all) terms += expression.terms.size();
  if (terms <= 2 * kExpressionTermsMax) return {};
  return refuse("filter: more than " + std::to_string(2 * kExpressionTermsMax) + " conditions");
}

/// Without free text: what an index alone can count.
Filter without_text(const Filter& filter) {
  Filter out = filter;
  for (Expression& expression : out.all) {
    std::erase_if(expression.terms, [](const Term& term) { return term.key == Key::text; });
  }
  return out;
}

}  // namespace

std::optional<std::uint64_t> count_without_lines(const Index& index, const Filter& filter) {
  const auto total = index.count(without_text(filter), {std::chrono::milliseconds(0)});
  if (!total || total->relation != Total::Relation::exact) return std::nullopt;
  return total->value;
}

Result<void> check_query(const Query& query) {
  TALLY_TRY_VOID(check_filter(query.filter));
  if (query.limit < 1 || query.limit > kPageEntriesMax) {
    return refuse("limit: must be 1 to " + std::to_string(kPageEntriesMax));
  }
  if (query.offset > kPageOffsetMax) {
    return refuse("offset: at most " + std::to_string(kPageOffsetMax) +
                  "; follow the cursors of the pages to get further");
  }
  if (query.offset != 0 && query.cursor) return refuse("offset: not together with a cursor");
  return {};
}

Result<void> check_query(const HistogramQuery& query) {
  TALLY_TRY_VOID(check_filter(query.filter));
  if (query.bucket <= 0) return refuse("bucket: must be longer than nothing");
  // Beyond the years that timestamps can have, numbers would wrap.
  constexpr std::int64_t kYears = std::int64_t{400'000'000'000'000'000};
  if (query.time.low < -kYears || query.time.high > kYears || query.time.low > query.time.high) {
    return refuse("time: must be a range, its start before its end");
  }
  if ((query.time.high - query.time.low) / query.bucket >=
      static_cast<std::int64_t>(kHistogramBucketsMax) - 1) {
    return refuse("bucket: too short for the range; at most " +
                  std::to_string(kHistogramBucketsMax) + " bars");
  }
  if (query.split && std::ranges::find(kSplitKeys, *query.split) == kSplitKeys.end()) {
    return refuse("split: must be event, type, action, result, status, severity or level");
  }
  return {};
}

Result<void> check_query(const FacetQuery& query) {
  TALLY_TRY_VOID(check_filter(query.filter));
  if (query.limit < 1 || query.limit > kFacetValuesMax) {
    return refuse("limit: must be 1 to " + std::to_string(kFacetValuesMax));
  }
  for (const Key key : query.keys) {
    if (std::ranges::find(kFacetKeys, key) == kFacetKeys.end()) {
      return refuse("facets: this key has no list of values");
    }
  }
  return {};
}

Result<void> check_query(const StatisticsQuery& query) {
  TALLY_TRY_VOID(check_query(HistogramQuery{query.filter, query.time, query.bucket, {}, {}}));
  FacetQuery facets{query.filter, {}, query.limit, {}};
  for (const StatisticsKey& each : query.keys) facets.keys.push_back(each.key);
  return check_query(facets);
}

Result<void> keep_up(Index& index, follow::Follower& follower, const std::stop_token& stop,
                     const std::function<void(std::uint64_t size)>& applied) {
  while (!stop.stop_requested()) {
    auto batch = follower.next(stop, kLook);
    if (!batch) {
      // The log may be readable again in a moment: a segment being replaced, a full table of files.
      if (batch.error().code == Errc::mismatch) return tl::unexpected(batch.error());
      follow::Bell pause;
      pause.wait(pause.rung(), stop, kFollowInterval);
      continue;
    }
    if ((*batch)->lines.empty()) continue;
    TALLY_TRY_VOID(index.apply(**batch));
    if (applied) applied((*batch)->after.next.value());
    follower.give_back(std::move(*batch));
  }
  return {};
}

}  // namespace tally::index
