// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/plan.h"

#include "index/random_queries.h"
#include "index/sqlite/partition_fixture.h"

#include <gtest/gtest.h>

namespace tally::index::sqlite {
namespace {

class PlanTest : public PartitionFixture {};

TEST_F(PlanTest, CandidatesAreWhatMatchesAndOnlyThatWhenExact) {
  fill(7, 1'200);
  RandomQueries random(8);
  int exact = 0;
  for (int i = 0; i < 150; ++i) {
    const Filter filter = random.filter();
    const std::string what = random.take_shown();
    const Plan plan(filter, kSeed);
    exact += plan.exact() ? 1 : 0;
    for (const Partition* partition : both()) {
      const auto pinned = partition->pin();
      const auto found = plan.candidates(*partition);
      ASSERT_TRUE(found) << what;
      std::vector<Position> places;
      ASSERT_TRUE(partition->places(0, partition->rows(), places));
      for (std::uint32_t at = 0; at < places.size(); ++at) {
        const bool match = FilterMatcher(filter).matches(lines_[places[at].seq - kFirst]);
        if (plan.exact()) {
          ASSERT_EQ(found->test(at), match) << what << lines_[places[at].seq - kFirst];
        } else {
          ASSERT_TRUE(found->test(at) || !match) << what << lines_[places[at].seq - kFirst];
        }
      }
    }
  }
  EXPECT_GT(exact, 50);
}

/// Counts what is read of a partition.
class CountingPartition final : public Partition {
 public:
  explicit CountingPartition(const Partition& inner) : inner_(inner) {}
  [[nodiscard]] std::unique_lock<std::mutex> pin() const override { return inner_.pin(); }
  [[nodiscard]] std::uint64_t first() const override { return inner_.first(); }
  [[nodiscard]] std::uint32_t rows() const override { return inner_.rows(); }
  [[nodiscard]] std::int64_t time_min() const override { return inner_.time_min(); }
  [[nodiscard]] std::int64_t time_max() const override { return inner_.time_max(); }
  [[nodiscard]] Result<void> add_term(std::uint64_t hash, Bitmap& out) const override {
    read_ += "term ";
    return inner_.add_term(hash, out);
  }
  [[nodiscard]] Result<void> add_id(IdField field, std::uint64_t hash, Bitmap& out) const override {
    read_ += "id ";
    return inner_.add_id(field, hash, out);
  }
  [[nodiscard]] Result<void> add_absent(IdField field, Bitmap& out) const override {
    return inner_.add_absent(field, out);
  }
  [[nodiscard]] Result<void> add_unreadable(Bitmap& out) const override {
    return inner_.add_unreadable(out);
  }
  [[nodiscard]] Result<void> add_seqs(std::uint32_t low, std::uint32_t high,
                                      Bitmap& out) const override {
    return inner_.add_seqs(low, high, out);
  }
  [[nodiscard]] Result<void> each_value(Column column, const ValueVisitor& visit) const override {
    read_ += "values ";
    return inner_.each_value(column, visit);
  }
  [[nodiscard]] Result<Posting> posting(Column column, std::uint32_t ref) const override {
    return inner_.posting(column, ref);
  }
  [[nodiscard]] Result<std::uint32_t> lower_bound(std::int64_t time) const override {
    read_ += "time ";
    return inner_.lower_bound(time);
  }
  [[nodiscard]] Result<void> places(std::uint32_t begin, std::uint32_t end,
                                    std::vector<Position>& out) const override {
    return inner_.places(begin, end, out);
  }
  [[nodiscard]] Result<std::vector<std::int64_t>> numbers(Number which) const override {
    read_ += "numbers ";
    return inner_.numbers(which);
  }
  [[nodiscard]] std::string take_read() const { return std::exchange(read_, {}); }

 private:
  const Partition& inner_;
  mutable std::string read_;
};

TEST_F(PlanTest, WhatLeavesNothingIsAskedFirst) {
  fill(7, 1'200);
  const CountingPartition partition(*stored_);
  const auto read = [&](const std::string& text) {
    const Plan plan({.all = {*parse_expression(text, {})}, .servers = {}}, kSeed);
    EXPECT_TRUE(plan.candidates(partition)->empty()) << text;
    return partition.take_read();
  };
  EXPECT_EQ(read("result:success request:none"), "id ");
  EXPECT_EQ(read("result:success actor:none"), "term ");
  EXPECT_EQ(read("severity>=info duration>1ms actor:none tool:r*"), "term ");
  EXPECT_EQ(read("actor:alice id:none trace:none -result:success"), "id ");
  EXPECT_EQ(read("result:success time<2001-01-01"), "time time ");
}

TEST_F(PlanTest, OnlyFreeTextAndPatternsOfIdsNeedTheLines) {
  for (const char* text : {"", "actor:a", "actor:a*", "-tool:x session:y", "time>now duration>1s",
                           "request:*", "flow:\"\"", "recorded>now severity>=error level:low"}) {
    EXPECT_TRUE(Plan({.all = {*parse_expression(text, {})}, .servers = {}}, kSeed).exact()) << text;
  }
  for (const char* text : {"free", "actor:a -free", "session:h*", "id:*x", "time:\"\""}) {
    EXPECT_FALSE(Plan({.all = {*parse_expression(text, {})}, .servers = {}}, kSeed).exact())
        << text;
  }
}

}  // namespace
}  // namespace tally::index::sqlite
