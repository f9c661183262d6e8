// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/page_search.h"

#include "index/sqlite/search_fixture.h"

#include <gtest/gtest.h>

namespace tally::index::sqlite {
namespace {

class PageSearchTest : public SearchFixture {
 protected:
  Page page(const std::string& text, const Query& query) {
    Search found = search(text);
    auto page = find_page(found, query, FilterDigest{});
    EXPECT_TRUE(page) << page.error().detail;
    return std::move(*page);
  }
};

TEST_F(PageSearchTest, PagesGoBothWaysAcrossPartitions) {
  fill(350);
  Query query;
  query.limit = 7;
  std::vector<std::uint64_t> seen;
  std::vector<Page> pages;
  for (;;) {
    pages.push_back(page("actor:rare", query));
    EXPECT_EQ(pages.back().total.value, 35U);
    for (const auto& item : pages.back().items) seen.push_back(item.position.seq);
    if (!pages.back().next) break;
    query.cursor = pages.back().next;
  }
  ASSERT_EQ(pages.size(), 5U);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], 340 - 10 * i);
  EXPECT_FALSE(pages.front().prev);
  for (std::size_t i = pages.size() - 1; i > 0; --i) {
    query.cursor = pages[i].prev;
    ASSERT_TRUE(query.cursor);
    const Page back = page("actor:rare", query);
    EXPECT_EQ(back.items.front().position, pages[i - 1].items.front().position);
    EXPECT_EQ(back.items.size(), 7U);
    EXPECT_EQ(back.prev.has_value(), i > 1);
    EXPECT_TRUE(back.next);
  }
}

TEST_F(PageSearchTest, PagesGoThroughTheBlocksOfAPartition) {
  fill(5'300, 2'600);  // two stored partitions of three blocks, and one in memory
  for (const Order order : {Order::newest_first, Order::oldest_first}) {
    Query query;
    query.order = order;
    query.limit = 90;
    query.offset = 45;
    std::vector<std::uint64_t> seen;
    for (bool more = true; more;) {
      const Page found = page("actor:rare result:success", query);
      EXPECT_EQ(found.total, (Total{530, Total::Relation::exact}));
      for (const auto& item : found.items) seen.push_back(item.position.seq);
      query.cursor = found.next;
      query.offset = 0;
      more = found.next.has_value();
    }
    ASSERT_EQ(seen.size(), 485U);
    for (std::size_t i = 0; i < seen.size(); ++i) {
      ASSERT_EQ(seen[i], order == Order::newest_first ? 5'290 - 10 * (i + 45) : 10 * (i + 45));
    }
  }
}

TEST_F(PageSearchTest, OffsetsSkipAndTheirPagesHaveOnesBefore) {
  fill(350);
  Query query;
  query.limit = 2;
  query.offset = 34;
  const Page last = page("actor:rare", query);
  ASSERT_EQ(last.items.size(), 1U);
  EXPECT_EQ(last.items.front().position.seq, 0U);
  EXPECT_FALSE(last.next);
  EXPECT_TRUE(last.prev);
  query.offset = 300;
  EXPECT_TRUE(page("actor:rare", query).items.empty());
}

}  // namespace
}  // namespace tally::index::sqlite
