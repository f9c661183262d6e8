// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/store_partition.h"

#include "index/sqlite/partition_fixture.h"

#include <gtest/gtest.h>

namespace tally::index::sqlite {
namespace {

class StorePartitionTest : public PartitionFixture {};

TEST_F(StorePartitionTest, EntriesInOrderNeedNoSecondOrder) {
  for (int i = 0; i < 100; ++i) {
    memory_->add("{\"seq\":" + std::to_string(kFirst + static_cast<std::uint64_t>(i)) +
                 ",\"timestamp\":\"2026-11-21T19:00:00." + std::to_string(100'000 + i) + "Z\"}");
  }
  ASSERT_TRUE(store_partition(*memory_, path_, {kSeed, "log", "root"}));
  const auto stored = *StoredPartition::open(path_, kSeed, kFirst, cache_);
  EXPECT_TRUE(stored->head().seqs.empty());
  EXPECT_TRUE(stored->head().recorded.empty());
  EXPECT_TRUE(stored->head().durations.empty());
  EXPECT_EQ(stored->head().log_id, "log");
  std::vector<Position> places;
  ASSERT_TRUE(stored->places(99, 100, places));
  EXPECT_EQ(places.at(0).seq, kFirst + 99);
}

TEST_F(StorePartitionTest, AValueOfNearlyAllEntriesTakesABitmapAndStaysSmall) {
  for (int i = 0; i < 50'000; ++i) {
    memory_->add(i % 2 == 0 ? R"({"actor_id":"a"})" : R"({"actor_id":"b"})");
  }
  ASSERT_TRUE(store_partition(*memory_, path_, {kSeed, "log", "root"}));
  EXPECT_LT(std::filesystem::file_size(path_), 50'000U * 16);
  const auto stored = *StoredPartition::open(path_, kSeed, kFirst, cache_);
  Bitmap out;
  ASSERT_TRUE(stored->add_term(term_hash(kSeed, static_cast<std::uint8_t>(Key::actor), "A"), out));
  EXPECT_EQ(out.count(), 25'000U);
  EXPECT_TRUE(out.test(49'998));
  EXPECT_FALSE(out.test(49'999));
}

TEST_F(StorePartitionTest, AFolderThatIsMissingIsAnError) {
  EXPECT_FALSE(store_partition(*memory_, directory_ / "no/file", {kSeed, "log", "root"}));
}

}  // namespace
}  // namespace tally::index::sqlite
