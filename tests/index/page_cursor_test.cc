// SPDX-License-Identifier: Apache-2.0
#include "index/page_cursor.h"

#include <gtest/gtest.h>

#include <set>

namespace tally::index {
namespace {

PageCursor example() {
  Filter filter;
  filter.all.push_back({{exact_term(Key::actor, "alice")}});
  return {.position = {-5, 41},
          .backwards = true,
          .now = WallTime(std::chrono::microseconds(1'795'287'600'123'456)),
          .digest = digest_of(filter, Order::newest_first, "0123456789abcdef")};
}

TEST(PageCursor, IsReadBack) {
  PageCursor cursor = example();
  EXPECT_EQ(*parse_page_cursor(format_page_cursor(cursor)), cursor);
  cursor.position = {kNoTime, UINT64_MAX};
  cursor.backwards = false;
  EXPECT_EQ(*parse_page_cursor(format_page_cursor(cursor)), cursor);
  EXPECT_EQ(format_page_cursor(cursor).find_first_of("+/="), std::string::npos);
}

TEST(PageCursor, NothingElseIsOne) {
  const std::string text = format_page_cursor(example());
  for (std::size_t n = 0; n < text.size(); ++n) {
    EXPECT_EQ(parse_page_cursor(text.substr(0, n)).error().code, Errc::invalid_argument) << n;
  }
  EXPECT_FALSE(parse_page_cursor(text + "A"));
  EXPECT_FALSE(parse_page_cursor(text + "AAAA"));
  EXPECT_FALSE(parse_page_cursor("!" + text.substr(1)));
  EXPECT_FALSE(parse_page_cursor("Ag" + text.substr(2)));  // version 2
  std::string changed = text;
  changed.back() = '/';
  EXPECT_FALSE(parse_page_cursor(changed));
}

TEST(PageCursor, OnlyFitsItsLogFilterAndOrder) {
  Filter alice;
  alice.all.push_back({{exact_term(Key::actor, "alice")}});
  std::set<FilterDigest> all{
      digest_of(alice, Order::newest_first, "a"), digest_of(alice, Order::oldest_first, "a"),
      digest_of(alice, Order::newest_first, "b"), digest_of({}, Order::newest_first, "a")};
  EXPECT_EQ(all.size(), 4U);
  PageCursor cursor = example();
  EXPECT_TRUE(check_page_cursor(cursor, cursor.digest));
  EXPECT_EQ(check_page_cursor(cursor, *all.begin()).error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace tally::index
