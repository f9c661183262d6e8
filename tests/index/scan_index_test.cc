// SPDX-License-Identifier: Apache-2.0
#include "index/scan_index.h"

#include "index/engine_suite.h"

#include <gtest/gtest.h>

namespace tally::index {
namespace {

INSTANTIATE_TEST_SUITE_P(Scan, EngineTest,
                         ::testing::Values(Engine{
                             "scan", 4,
                             [](storage::FileSystem& fs, const std::string& log) {
                               return std::move(*open_scan_index(fs, log));
                             }}),
                         [](const auto& engine) { return engine.param.name; });

class ScanIndexTest : public IndexFixture {};

TEST_F(ScanIndexTest, AgreesWithTheFilterAppliedByHand) {
  Events events(6);
  append(events, 200);
  auto index = *open_scan_index(fs_, log_);
  feed(*index);
  Filter filter;
  filter.all.push_back({{exact_term(Key::actor, "Alice")}});
  filter.outcomes_only = true;
  const FilterMatcher matcher(filter);
  auto reader = *log::Reader::open(fs_, log_);
  std::uint64_t expected = 0;
  ASSERT_TRUE(reader.scan(*reader.head(), LeafIndex{0}, [&](LeafIndex, std::string_view line) {
    expected += matcher.matches(line) ? 1 : 0;
    return true;
  }));
  EXPECT_GT(expected, 0U);
  EXPECT_EQ(index->count(filter, {})->value, expected);
  Query query;
  query.filter = filter;
  query.limit = 1'000;
  const auto page = index->find(query);
  ASSERT_EQ(page->items.size(), expected);
  for (std::size_t i = 1; i < page->items.size(); ++i) {
    EXPECT_GT(page->items[i - 1].position, page->items[i].position);
  }
}

TEST_F(ScanIndexTest, NoLogIsAnError) {
  EXPECT_EQ(open_scan_index(fs_, log_ + "-not").error().code, Errc::not_found);
}

}  // namespace
}  // namespace tally::index
