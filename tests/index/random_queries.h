// SPDX-License-Identifier: Apache-2.0
// Queries at random, and the comparison of two engines over all they can be asked.
#pragma once

#include "index/index.h"
#include "index/index_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace tally::index {

class RandomQueries {
 public:
  explicit RandomQueries(unsigned seed) : events_(seed) {}

  std::string expression() {
    std::string out;
    for (unsigned n = events_.below(4); n > 0; --n) out += (out.empty() ? "" : " ") + term();
    return out;
  }

  Filter filter() {
    Filter out;
    const unsigned parts = events_.below(3);
    for (unsigned i = 0; i < parts; ++i) {
      const std::string text = expression();
      auto parsed = parse_expression(text, {});
      EXPECT_TRUE(parsed) << text << ": " << parsed.error().detail;
      out.all.push_back(std::move(*parsed));
      shown_ += "(" + text + ")";
    }
    if (events_.below(6) == 0) {
      out.servers = {std::string(events_.one_of("files", "@scope/files", "git", "")), "@scope/git"};
      shown_ += " servers " + out.servers->front();
    }
    out.outcomes_only = events_.below(4) == 0;
    return out;
  }
  /// What the filters since the last call were, for messages.
  std::string take_shown() { return std::exchange(shown_, {}); }
  Events& events() { return events_; }

 private:
  std::string term() {
    std::string sign = events_.below(4) == 0 ? "-" : "";
    return sign +
           events_.one_of(
               "event:mcp-tool-execution", "event:mcp-*", "event:*", "event:\"\"", "type:mcp",
               "type:auth", "type:*", "action:view", "action:e*", "result:failure", "result:denied",
               "result:*", "status:failed", "status:initiated", "severity:info",
               "severity>=warning", "severity:\"\"", "severity<error", "severity:*", "level:high",
               "level>low", "actor:alice", "actor:ALICE", "actor:bob", "actor:a*", "actor:*",
               "actor:\"\"", "actor:*e*", "actor_type:service", "ip:198.51.100.7", "ip:198.51.*",
               "tool:read", "tool:\"\"", "tool:*", "tool:w*", "tool:files/read", "resource:b",
               "resource:a/b", "resource:*", "prompt:\"\"", "prompt:read", "target:read",
               "target:tool", "target:\"\"", "target:*", "target:@scope/*", "server:files",
               "server:git", "server:\"\"", "server:@scope/git", "server:*", "server:*it",
               "client:ide", "client:\"\"", "client:*", "client:c*", "target_type:tool",
               "target_name:read", "target_name:*", "session:hmac:k1:1", "session:*",
               "session:\"\"", "session:hmac:*", "request:r7", "request:7", "request:*",
               "request:\"\"", "request:R*", "trace:t5", "trace:*", "interaction:i3",
               "interaction:*", "flow:f1", "flow:\"\"", "id:e77", "id:*", "id:e1*", "seq:100..900",
               "seq>1500", "seq<40", "seq:*", "seq:77", "time>=2026-11-21T19:05:00Z",
               "time:2026-11-21", "time<2026-11-21T19:20:00Z",
               "time:2025-11-01..2026-11-21T20:00:00Z", "time:*", "time:\"\"",
               "recorded>=2026-11-21T19:05:00Z", "recorded:*", "recorded:\"\"",
               "recorded<2026-11-21T19:30:00Z", "duration>100ms", "duration<=2s", "duration:*",
               "duration:\"\"", "passwd", "denied", "\"no such\"", "/etc/p7", "p1*2", "alice");
  }

  Events events_;
  std::string shown_;
};

inline std::vector<std::uint64_t> seqs_of(const Page& page) {
  std::vector<std::uint64_t> out;
  for (const PageItem& item : page.items) out.push_back(item.position.seq);
  return out;
}

/// Follows the cursors of two engines to the end and back, and compares every page.
inline void compare_pages(const Index& expected, const Index& actual, Query query,
                          const std::string& what) {
  const SearchLimits patient{std::chrono::hours(1)};
  query.limits = patient;
  bool back = false;
  for (int pages = 0; pages < 60; ++pages) {
    const auto want = expected.find(query);
    const auto got = actual.find(query);
    ASSERT_TRUE(want) << what << want.error().detail;
    ASSERT_TRUE(got) << what << got.error().detail;
    ASSERT_EQ(seqs_of(*got), seqs_of(*want)) << what << " page " << pages << (back ? " back" : "");
    for (std::size_t i = 0; i < got->items.size(); ++i) {
      ASSERT_EQ(got->items[i].line, want->items[i].line) << what;
      ASSERT_EQ(got->items[i].position, want->items[i].position) << what;
    }
    ASSERT_EQ(got->next, want->next) << what << " page " << pages << (back ? " back" : "");
    ASSERT_EQ(got->prev, want->prev) << what << " page " << pages << (back ? " back" : "");
    if (got->total.relation == Total::Relation::exact) {
      ASSERT_EQ(got->total, want->total) << what;
    } else {
      ASSERT_LE(got->total.value, want->total.value) << what;
    }
    query.offset = 0;
    if (!back && !want->next) back = true;
    query.cursor = back ? want->prev : want->next;
    if (!query.cursor) return;
  }
}

inline void compare_statistics(const Index& expected, const Index& actual, RandomQueries& random,
                               const Filter& filter, const std::string& what) {
  const SearchLimits patient{std::chrono::hours(1)};
  const auto count = actual.count(filter, patient);
  ASSERT_TRUE(count) << what << count.error().detail;
  ASSERT_EQ(*count, *expected.count(filter, patient)) << what;

  constexpr std::int64_t kNow = 1'795'287'600'000'000;
  HistogramQuery bars{.filter = filter,
                      .time = {kNow - random.events().below(1'000'000'000),
                               kNow + random.events().below(2'000'000'000)},
                      .bucket = 1 + random.events().below(40) * 7'000'000 + 1'600'000,
                      .split = {},
                      .limits = patient};
  if (random.events().below(2) == 0) bars.split = Key::result;
  const auto histogram = actual.histogram(bars);
  ASSERT_TRUE(histogram) << what << histogram.error().detail;
  ASSERT_EQ(histogram->buckets, expected.histogram(bars)->buckets) << what;

  const FacetQuery lists{
      .filter = filter,
      .keys = {Key::event, Key::result, Key::severity, Key::actor, Key::actor_type, Key::ip,
               Key::tool, Key::resource, Key::prompt, Key::server, Key::client, Key::target_type},
      .limit = 3,
      .limits = patient};
  const auto facets = actual.facets(lists);
  ASSERT_TRUE(facets) << what << facets.error().detail;
  const auto want = expected.facets(lists);
  ASSERT_EQ(facets->entries, want->entries) << what;
  for (std::size_t i = 0; i < lists.keys.size(); ++i) {
    ASSERT_EQ(facets->keys[i].values, want->keys[i].values) << what << " facet " << i;
    ASSERT_EQ(facets->keys[i].others, want->keys[i].others) << what << " facet " << i;
    ASSERT_EQ(facets->keys[i].distinct, want->keys[i].distinct) << what << " facet " << i;
  }

  const auto latencies = actual.durations(filter, patient);
  ASSERT_TRUE(latencies) << what << latencies.error().detail;
  const auto expected_latencies = expected.durations(filter, patient);
  ASSERT_EQ(latencies->count, expected_latencies->count) << what;
  ASSERT_EQ(latencies->p50, expected_latencies->p50) << what;
  ASSERT_EQ(latencies->p99, expected_latencies->p99) << what;
  ASSERT_EQ(latencies->max, expected_latencies->max) << what;
}

/// Statistics of two engines, which must also agree with what the engine under test answers to each
/// question alone.
inline void compare_summaries(const Index& expected, const Index& actual, RandomQueries& random,
                              Filter filter, const std::string& what) {
  const SearchLimits patient{std::chrono::hours(1)};
  constexpr std::int64_t kNow = 1'795'287'600'000'000;
  StatisticsQuery query{.filter = std::move(filter),
                        .time = {kNow - random.events().below(1'000'000'000),
                                 kNow + random.events().below(2'000'000'000)},
                        .bucket = 60'000'000,
                        .keys = {{Key::tool, true, true},
                                 {Key::server, true, true},
                                 {Key::actor, true, false},
                                 {Key::result, false, false},
                                 {Key::event, false, true}},
                        .limit = 3,
                        .limits = patient};
  query.filter.all.push_back({{time_term(query.time)}});
  const auto got = actual.statistics(query);
  ASSERT_TRUE(got) << what << got.error().detail;
  const auto want = expected.statistics(query);
  ASSERT_TRUE(want) << what << want.error().detail;
  ASSERT_TRUE(got->complete) << what;
  ASSERT_EQ(got->size, want->size) << what;
  ASSERT_EQ(got->entries, want->entries) << what;
  ASSERT_EQ(got->entries, actual.count(query.filter, patient)->value) << what;
  ASSERT_EQ(got->failed, want->failed) << what;
  ASSERT_EQ(got->failed_logins, want->failed_logins) << what;
  ASSERT_EQ(got->configuration_changes, want->configuration_changes) << what;
  ASSERT_EQ(got->histogram.buckets, want->histogram.buckets) << what;
  ASSERT_EQ(got->durations.count, want->durations.count) << what;
  ASSERT_EQ(got->durations.p90, want->durations.p90) << what;
  FacetQuery facets{query.filter, {}, query.limit, patient};
  for (const StatisticsKey& key : query.keys) facets.keys.push_back(key.key);
  const auto listed = actual.facets(facets);
  ASSERT_TRUE(listed) << what;
  for (std::size_t i = 0; i < query.keys.size(); ++i) {
    const MeasuredFacet& facet = got->keys[i];
    const MeasuredFacet& other = want->keys[i];
    ASSERT_EQ(facet.others, other.others) << what << " key " << i;
    ASSERT_EQ(facet.distinct, other.distinct) << what << " key " << i;
    ASSERT_EQ(facet.values.size(), other.values.size()) << what << " key " << i;
    ASSERT_EQ(facet.values.size(), listed->keys[i].values.size()) << what << " key " << i;
    for (std::size_t j = 0; j < facet.values.size(); ++j) {
      const MeasuredValue& value = facet.values[j];
      ASSERT_EQ(value.value, other.values[j].value) << what << " key " << i;
      ASSERT_EQ(value.value, listed->keys[i].values[j]) << what << " key " << i;
      ASSERT_EQ(value.failed, other.values[j].failed) << what << " key " << i;
      ASSERT_EQ(value.failed.has_value(), query.keys[i].failed);
      ASSERT_EQ(value.durations.has_value(), other.values[j].durations.has_value()) << what;
      if (!value.durations) continue;
      ASSERT_EQ(value.durations->count, other.values[j].durations->count) << what << " key " << i;
      ASSERT_EQ(value.durations->p50, other.values[j].durations->p50) << what << " key " << i;
      ASSERT_EQ(value.durations->max, other.values[j].durations->max) << what << " key " << i;
    }
  }
}

inline void compare_engines(const Index& expected, const Index& actual, unsigned seed,
                            int queries) {
  RandomQueries random(seed);
  for (int i = 0; i < queries && !::testing::Test::HasFatalFailure(); ++i) {
    Query query;
    query.filter = random.filter();
    const std::string what = "query " + std::to_string(i) + " " + random.take_shown();
    query.order = static_cast<Order>(random.events().below(4));
    query.limit = 1 + random.events().below(200);
    query.offset = random.events().below(4) == 0 ? random.events().below(50) : 0;
    compare_pages(expected, actual, query, what);
    compare_statistics(expected, actual, random, query.filter, what);
    compare_summaries(expected, actual, random, query.filter, what);
  }
}

}  // namespace tally::index
