// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/search.h"

#include "index/sqlite/search_fixture.h"

#include <gtest/gtest.h>

namespace tally::index::sqlite {
namespace {

class SearchTest : public SearchFixture {
 protected:
  static std::pair<std::uint64_t, bool> count(Search search) {
    std::uint64_t sum = 0;
    const auto complete =
        search.each_matching([&](const Partition&, const Bitmap& matching) -> Result<void> {
          sum += matching.count();
          return {};
        });
    EXPECT_TRUE(complete);
    return {sum, *complete};
  }
};

TEST_F(SearchTest, FindsEachMatchOnceWithAndWithoutLines) {
  fill(350);
  EXPECT_EQ(search("").size(), 350U);
  EXPECT_EQ(count(search("")), std::pair(std::uint64_t{350}, true));
  EXPECT_EQ(count(search("actor:rare")), std::pair(std::uint64_t{35}, true));
  EXPECT_EQ(count(search("word17")), std::pair(std::uint64_t{11}, true));
  EXPECT_EQ(count(search("word17 actor:rare")), std::pair(std::uint64_t{1}, true));
  EXPECT_EQ(count(search("word7 actor:absent")), std::pair(std::uint64_t{0}, true));
}

TEST_F(SearchTest, TheTimeEndsTheReadingOfLinesOnly) {
  fill(350);
  const auto [sum, complete] = count(search("word17", std::chrono::milliseconds(0)));
  EXPECT_FALSE(complete);
  EXPECT_EQ(sum, 0U);
  EXPECT_EQ(count(search("actor:rare", std::chrono::milliseconds(0))),
            std::pair(std::uint64_t{35}, true));
}

TEST_F(SearchTest, EntriesThatCameLaterAreNotSeen) {
  fill(150);
  Search before = search("actor:*");
  auto texts = std::vector<log::EntryText>{
      *log::EntryText::from_object(R"({"timestamp":"2020-01-01T00:00:00Z","actor_id":"rare"})")};
  ASSERT_TRUE(writer_->append_all(std::move(texts)));
  auto follower = follow::Follower::open(fs_, log_, set_->cursor());
  const auto batch = follower->next({}, std::chrono::milliseconds(0));
  ASSERT_TRUE(set_->add((*batch)->lines, (*batch)->after));
  EXPECT_EQ(count(std::move(before)).first, 150U);
  EXPECT_EQ(count(search("actor:*")).first, 151U);
}

}  // namespace
}  // namespace tally::index::sqlite
