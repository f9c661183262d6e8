// SPDX-License-Identifier: Apache-2.0
#include "server/stats_json.h"

#include "base/json.h"

#include <gtest/gtest.h>

namespace tally::server {
namespace {

using index::Key;

class StatsJsonTest : public ::testing::Test {
 protected:
  StatsJsonTest() {
    query_.time = {1'795'287'600'000'000, 1'795'287'659'999'999};
    query_.bucket = 60'000'000;
    for (const index::StatisticsKey& wish : kStatsKeys) {
      statistics_.keys.push_back({.key = wish.key, .values = {}});
    }
    statistics_.histogram.buckets = {
        {query_.time.low, 7, {{"", 1}, {"failure", 2}, {"success", 4}}}};
    statistics_.entries = 7;
    statistics_.failed = 2;
    statistics_.size = 9;
  }
  index::MeasuredFacet& facet(Key key) {
    for (index::MeasuredFacet& each : statistics_.keys) {
      if (each.key == key) return each;
    }
    std::abort();
  }
  std::string json(std::size_t top = 10) {
    std::string out = stats_json(query_, statistics_, top);
    json::Document document;
    EXPECT_TRUE(document.parse(out, {})) << out;
    return out;
  }
  static void expect_part(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n in " << text;
  }
  index::StatisticsQuery query_;
  index::Statistics statistics_;
};

TEST_F(StatsJsonTest, SaysWhatItIsAbout) {
  const std::string text = json();
  expect_part(text, R"({"from":"2026-11-21T19:00:00.000000Z","to":"2026-11-21T19:01:00.000000Z")");
  expect_part(text,
              R"("head":{"size":9},"relation":"exact","total":{"value":7,"relation":"exact"})");
  expect_part(text, R"("failed":2,"error_rate":0.2857)");
  expect_part(text, R"("latency":null)");
  expect_part(
      text,
      R"("interval_ms":60000,"histogram":[{"start":"2026-11-21T19:00:00.000000Z","count":7,"results":{"failure":2,"success":4}}])");
}

TEST_F(StatsJsonTest, ListsAreCutAndSayWhatIsLeft) {
  index::Durations took;
  took.count = 3;
  took.p50 = 1'500;
  took.max = 20'000;
  facet(Key::tool) = {.key = Key::tool,
                      .values = {{{"a\"b", 4}, 1, took}, {{"c", 2}, 0, {}}},
                      .others = 1,
                      .distinct = 3};
  const std::string text = json(1);
  expect_part(
      text,
      R"("top_tools":[{"tool":"a\"b","count":4,"failed":1,"error_rate":0.2500,"latency":{"count":3,"p50_ms":1.5,)");
  expect_part(
      text,
      R"("tool":{"values":[{"value":"a\"b","count":4}],"others":3,"distinct":{"value":3,"relation":"exact"}})");
  EXPECT_EQ(text.find("\"c\""), std::string::npos);
}

TEST_F(StatsJsonTest, LowerBoundsAreMarked) {
  statistics_.entries = 0;
  statistics_.complete = false;
  const std::string text = json();
  expect_part(text, R"("relation":"at_least","total":{"value":0,"relation":"at_least"})");
  expect_part(text, R"("error_rate":null)");
  expect_part(text, R"("active_actors":{"value":0,"relation":"at_least"})");
  statistics_.complete = true;
  facet(Key::actor).all_known = false;
  expect_part(json(), R"("active_actors":{"value":0,"relation":"at_least"})");
}

}  // namespace
}  // namespace tally::server
