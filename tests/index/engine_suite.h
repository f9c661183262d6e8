// SPDX-License-Identifier: Apache-2.0
// What every engine of the index must do, whatever it stores where. A test program includes this
// and instantiates it with its engine.
#pragma once

#include "index/random_queries.h"
#include "index/scan_index.h"

#include <atomic>
#include <functional>
#include <thread>

namespace tally::index {

struct Engine {
  const char* name;
  int queries;  ///< compared at random
  std::function<std::unique_ptr<Index>(storage::FileSystem& fs, const std::string& log)> open;
};

class EngineTest : public IndexFixture, public ::testing::WithParamInterface<Engine> {
 protected:
  std::unique_ptr<Index> open_engine() { return GetParam().open(fs_, log_); }
  std::unique_ptr<Index> open_scan() {
    auto scan = open_scan_index(fs_, log_);
    EXPECT_TRUE(scan) << scan.error().detail;
    return std::move(*scan);
  }
  static Filter filter_of(const std::string& text) {
    auto parsed = parse_expression(text, {});
    EXPECT_TRUE(parsed) << parsed.error().detail;
    return {.all = {std::move(*parsed)}, .servers = {}, .outcomes_only = false};
  }
  static Query query_of(const std::string& text) {
    Query query;
    query.filter = filter_of(text);
    return query;
  }
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EngineTest);

TEST_P(EngineTest, AnEmptyLogHasNothing) {
  const auto index = open_engine();
  feed(*index);
  EXPECT_TRUE(index->find({})->items.empty());
  EXPECT_EQ(index->find({})->next, std::nullopt);
  EXPECT_EQ(*index->count({}, {}), Total{});
  EXPECT_EQ(index->status().size, 0U);
}

TEST_P(EngineTest, AnswersAsAScanDoes) {
  Events events(1);
  append(events, 2'300);
  const auto scan = open_scan();
  const auto index = open_engine();
  feed(*scan);
  feed(*index);
  EXPECT_EQ(index->cursor(), scan->cursor());
  compare_engines(*scan, *index, 11, GetParam().queries);
}

TEST_P(EngineTest, AnswersTheSameAfterARestart) {
  Events events(2);
  append(events, 1'500);
  feed(*open_engine());
  append(events, 300);
  const auto scan = open_scan();
  const auto index = open_engine();
  feed(*scan);
  feed(*index);
  compare_engines(*scan, *index, 12, GetParam().queries / 4);
}

TEST_P(EngineTest, AnswersWhileEntriesAreAppended) {
  Events events(3);
  append(events, 700);
  const auto scan = open_scan();
  const auto index = open_engine();
  feed(*index);
  std::atomic<bool> done = false;
  std::jthread writing([&] {
    for (int i = 0; i < 10; ++i) {
      append(events, 60);
      feed(*index, 25);
    }
    done = true;
  });
  RandomQueries random(13);
  int queries = 0;
  for (; !done || queries < GetParam().queries; ++queries) {
    Query query;
    query.filter = random.filter();
    const std::string what = random.take_shown();
    query.order = static_cast<Order>(random.events().below(4));
    query.limits.time = std::chrono::hours(1);
    const auto got = index->find(query);
    ASSERT_TRUE(got) << what << got.error().detail;
    feed(*scan);
    ASSERT_GE(scan->cursor().next.value(), got->size);
    const auto last = static_cast<std::int64_t>(got->size) - 1;
    query.filter.all.push_back({{{.key = Key::seq,
                                  .negated = false,
                                  .value = Range{0, last},
                                  .position = 0,
                                  .bound = true}}});
    ASSERT_EQ(seqs_of(*got), seqs_of(*scan->find(query))) << what << " at " << got->size;
  }
}

TEST_P(EngineTest, ACursorOfSomethingElseIsRefused) {
  Events events(4);
  append(events, 50);
  const auto index = open_engine();
  feed(*index);
  Query query = query_of("severity:*");
  query.limit = 5;
  const auto page = index->find(query);
  ASSERT_TRUE(page && page->next);
  query.cursor = page->next;
  EXPECT_TRUE(index->find(query));
  Query other = query;
  other.filter = filter_of("severity:info");
  EXPECT_EQ(index->find(other).error().code, Errc::invalid_argument);
  other = query;
  other.filter.servers.emplace();
  EXPECT_EQ(index->find(other).error().code, Errc::invalid_argument);
  other = query;
  other.order = Order::oldest_first;
  EXPECT_EQ(index->find(other).error().code, Errc::invalid_argument);
  other = query;
  other.cursor->digest = digest_of(query.filter, query.order, "0123456789abcdef");
  EXPECT_EQ(index->find(other).error().code, Errc::invalid_argument);
}

TEST_P(EngineTest, QueriesThatMakeNoSenseAreRefused) {
  const auto index = open_engine();
  Query query;
  query.limit = 0;
  EXPECT_EQ(index->find(query).error().code, Errc::invalid_argument);
  FacetQuery facets;
  facets.keys = {Key::session};
  EXPECT_EQ(index->facets(facets).error().code, Errc::invalid_argument);
  HistogramQuery bars;
  EXPECT_EQ(index->histogram(bars).error().code, Errc::invalid_argument);
}

TEST_P(EngineTest, LinesThatDoNotFitAreRefused) {
  Events events(5);
  append(events, 20);
  const auto index = open_engine();
  feed(*index);
  auto again = follow::Follower::open(fs_, log_, {});
  const auto batch = again->next({}, std::chrono::milliseconds(0));
  EXPECT_EQ(index->apply(**batch).error().code, Errc::mismatch);
}

}  // namespace tally::index
