// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/partition_set.h"

#include "index/index_fixture.h"

#include <gtest/gtest.h>

namespace tally::index::sqlite {
namespace {

class PartitionSetTest : public IndexFixture {
 protected:
  std::unique_ptr<PartitionSet> open(Access access = Access::write) {
    auto set =
        PartitionSet::open(fs_, log_, {.access = access, .partition_rows = 100, .on_problem = {}});
    EXPECT_TRUE(set) << set.error().detail;
    return std::move(*set);
  }
  void feed_set(PartitionSet& set) {
    auto follower = follow::Follower::open(fs_, log_, set.cursor(), {.lines_max = 70});
    ASSERT_TRUE(follower) << follower.error().detail;
    for (;;) {
      const auto batch = follower->next({}, std::chrono::milliseconds(0));
      ASSERT_TRUE(batch);
      if ((*batch)->lines.empty()) return;
      ASSERT_TRUE(set.add((*batch)->lines, (*batch)->after));
    }
  }
};

TEST_F(PartitionSetTest, PartsFollowEachOtherWithoutAGap) {
  Events events(1);
  append(events, 350);
  for (const Access access : {Access::read, Access::write, Access::write}) {
    const auto set = open(access);
    feed_set(*set);
    const auto parts = set->parts();
    ASSERT_TRUE(parts);
    std::uint64_t next = 0;
    for (const Part& part : *parts) {
      EXPECT_EQ(part.first, next);
      next += part.rows;
    }
    EXPECT_EQ(next, 350U);
    EXPECT_EQ(set->cursor().next.value(), 350U);
    EXPECT_EQ(set->status().stored, access == Access::write ? 300U : 0U);
    EXPECT_FALSE(set->discard_broken());
  }
}

TEST_F(PartitionSetTest, LinesThatDoNotFollowAreRefused) {
  Events events(2);
  append(events, 10);
  const auto set = open();
  auto follower = follow::Follower::open(fs_, log_, {});
  const auto batch = follower->next({}, std::chrono::milliseconds(0));
  ASSERT_TRUE(set->add((*batch)->lines, (*batch)->after));
  EXPECT_EQ(set->add((*batch)->lines, (*batch)->after).error().code, Errc::mismatch);
}

TEST_F(PartitionSetTest, UnfinishedAndForeignFilesAreLeftOut) {
  Events events(3);
  append(events, 250);
  feed_set(*open());
  const Folder folder(fs_, log_);
  ASSERT_TRUE(storage::replace_file(fs_, folder.partition(150), "not at a multiple"));
  ASSERT_TRUE(storage::replace_file(fs_, folder.unfinished(200), "half"));
  ASSERT_TRUE(storage::replace_file(fs_, folder.partition(200), "beyond what is full"));
  const auto set = open();
  EXPECT_EQ(set->cursor().next.value(), 200U);
  EXPECT_EQ(*folder.partitions(), (std::vector<std::uint64_t>{0, 100}));
}

}  // namespace
}  // namespace tally::index::sqlite
