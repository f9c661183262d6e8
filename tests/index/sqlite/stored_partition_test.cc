// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/stored_partition.h"

#include "index/sqlite/partition_fixture.h"

#include <gtest/gtest.h>

namespace tally::index::sqlite {
namespace {

class StoredPartitionTest : public PartitionFixture {
 protected:
  template <class Ask>
  void expect_same(Ask&& ask, const std::string& what) {
    const auto pinned = memory_->pin();
    Bitmap memory, stored;
    ASSERT_TRUE(ask(*memory_, memory)) << what;
    ASSERT_TRUE(ask(*stored_, stored)) << what;
    EXPECT_EQ(memory.words(), stored.words()) << what;
  }
  std::map<std::string, std::vector<std::uint64_t>> values(const Partition& partition,
                                                           Column column) {
    std::map<std::string, std::vector<std::uint64_t>> out;
    EXPECT_TRUE(partition.each_value(column, [&](const Value& value, std::uint32_t ref) {
      std::string text, storage;
      for (std::size_t part = 0; part < 8; ++part) {
        text += std::string(value.text(part, storage)) + (value.has(part) ? "|" : "-");
      }
      const auto posting = partition.posting(column, ref);
      EXPECT_TRUE(posting);
      Bitmap bits;
      posting->add_to(bits);
      EXPECT_EQ(bits.count(), posting->count);
      out[text].assign(bits.words().begin(), bits.words().end());
      return Result<void>();
    }));
    return out;
  }
};

TEST_F(StoredPartitionTest, AnswersLikeTheOneInMemory) {
  fill(5, 4'500);
  for (std::size_t i = 0; i < memory_->terms().size(); i += 13) {
    const auto hash = memory_->terms()[i].hash;
    expect_same([&](const Partition& p, Bitmap& out) { return p.add_term(hash, out); }, "term");
    if (HasFailure()) return;
  }
  for (std::size_t f = 0; f < kIdFields; ++f) {
    const auto field = static_cast<IdField>(f);
    for (std::size_t row = 0; row < memory_->rows(); row += 137) {
      const auto hash = memory_->ids(field)[row];
      if (hash == kNoHash) continue;
      expect_same([&](const Partition& p, Bitmap& out) { return p.add_id(field, hash, out); },
                  "id");
    }
    expect_same([&](const Partition& p, Bitmap& out) { return p.add_id(field, 12'345, out); },
                "absent id");
  }
  expect_same([&](const Partition& p, Bitmap& out) { return p.add_term(12'345, out); }, "absent");
  expect_same([&](const Partition& p, Bitmap& out) { return p.add_unreadable(out); }, "unreadable");
  expect_same([&](const Partition& p, Bitmap& out) { return p.add_seqs(77, 3'000, out); }, "seqs");
  for (std::size_t i = 0; i < kIdFields; ++i) {
    const auto field = static_cast<IdField>(i);
    expect_same([&](const Partition& p, Bitmap& out) { return p.add_absent(field, out); }, "none");
  }
  const auto pinned = memory_->pin();
  for (std::size_t i = 0; i < kColumns; ++i) {
    EXPECT_EQ(values(*memory_, static_cast<Column>(i)), values(*stored_, static_cast<Column>(i)));
  }
  std::vector<Position> memory, stored;
  ASSERT_TRUE(memory_->places(3, 4'498, memory));
  ASSERT_TRUE(stored_->places(3, 4'498, stored));
  EXPECT_EQ(memory, stored);
  for (const Number which : {Number::recorded, Number::duration}) {
    EXPECT_EQ(*memory_->numbers(which), *stored_->numbers(which));
  }
  for (std::size_t i = 0; i < memory.size(); i += 11) {
    for (const std::int64_t time : {memory[i].time, memory[i].time + 1}) {
      ASSERT_EQ(*memory_->lower_bound(time), *stored_->lower_bound(time)) << i;
    }
  }
  EXPECT_EQ(*stored_->lower_bound(INT64_MIN), 0U);
  EXPECT_EQ(*stored_->lower_bound(INT64_MAX), 4'500U);
}

TEST_F(StoredPartitionTest, AnotherNumberOrSeedIsRefused) {
  fill(6, 20);
  EXPECT_EQ(StoredPartition::open(path_, kSeed, kFirst + 1, cache_).error().code, Errc::corrupt);
  EXPECT_EQ(StoredPartition::open(path_, {1, 2}, kFirst, cache_).error().code, Errc::corrupt);
  EXPECT_FALSE(StoredPartition::open(path_ + "-not", kSeed, kFirst, cache_));
  EXPECT_EQ(stored_->head().root, "root");
}

}  // namespace
}  // namespace tally::index::sqlite
