// SPDX-License-Identifier: Apache-2.0
#include "index/index.h"

#include "index/index_fixture.h"
#include "index/scan_index.h"

#include <gtest/gtest.h>

#include <thread>

namespace tally::index {
namespace {

TEST(IndexQueries, LimitsOfPages) {
  Query query;
  EXPECT_TRUE(check_query(query));
  query.limit = kPageEntriesMax;
  query.offset = kPageOffsetMax;
  EXPECT_TRUE(check_query(query));
  query.offset += 1;
  EXPECT_EQ(check_query(query).error().code, Errc::invalid_argument);
  query = {};
  query.limit = kPageEntriesMax + 1;
  EXPECT_FALSE(check_query(query));
  query = {};
  query.cursor = PageCursor{};
  EXPECT_TRUE(check_query(query));
  query.offset = 1;
  EXPECT_FALSE(check_query(query));
  query = {};
  query.filter.all.push_back({});
  for (std::size_t i = 0; i <= 2 * kExpressionTermsMax; ++i) {
    query.filter.all.back().terms.push_back(exact_term(Key::actor, "a"));
  }
  EXPECT_FALSE(check_query(query));
}

class CountWithoutLines : public IndexFixture {};

TEST_F(CountWithoutLines, LeavesFreeTextOut) {
  Events events(5);
  append(events, 200);
  auto scanning = *open_scan_index(fs_, log_);
  feed(*scanning);
  const auto filter = [](const std::string& text) {
    Filter out;
    out.all.push_back(*parse_expression(text, {}));
    return out;
  };
  const auto alice = count_without_lines(*scanning, filter("actor:alice"));
  ASSERT_TRUE(alice);
  EXPECT_GT(*alice, 0U);
  EXPECT_EQ(count_without_lines(*scanning, filter("actor:alice nowhere")), alice);
  EXPECT_EQ(count_without_lines(*scanning, {}), 200U);
}

TEST(IndexQueries, LimitsOfHistograms) {
  HistogramQuery query;
  query.bucket = 10;
  query.time = {0, 9};
  EXPECT_TRUE(check_query(query));
  query.time = {0, -1};
  EXPECT_FALSE(check_query(query));
  query.time = {INT64_MIN, 0};
  EXPECT_FALSE(check_query(query));
  query.time = {0, 10 * static_cast<std::int64_t>(kHistogramBucketsMax)};
  EXPECT_FALSE(check_query(query));
  query.time = {0, 9};
  query.bucket = 0;
  EXPECT_FALSE(check_query(query));
  query.bucket = 10;
  query.split = Key::result;
  EXPECT_TRUE(check_query(query));
  query.split = Key::actor;
  EXPECT_FALSE(check_query(query));
}

TEST(IndexQueries, LimitsOfFacets) {
  FacetQuery query;
  query.keys = {Key::actor, Key::tool};
  EXPECT_TRUE(check_query(query));
  query.limit = kFacetValuesMax + 1;
  EXPECT_FALSE(check_query(query));
  query.limit = 1;
  query.keys = {Key::time};
  EXPECT_FALSE(check_query(query));
}

class KeepUpTest : public IndexFixture {};

TEST_F(KeepUpTest, AnIndexIsFedUntilItIsStopped) {
  Events events(1);
  append(events, 40);
  auto index = *open_scan_index(fs_, log_);
  auto follower = follow::Follower::open(fs_, log_, index->cursor());
  ASSERT_TRUE(follower);
  std::stop_source stop;
  Result<void> ended;
  std::jthread feeding([&] { ended = keep_up(*index, *follower, stop.get_token()); });
  while (index->status().size < 40) std::this_thread::yield();
  stop.request_stop();
  feeding.join();
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace tally::index
