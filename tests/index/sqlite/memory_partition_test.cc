// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/memory_partition.h"

#include "index/sqlite/partition_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tally::index::sqlite {
namespace {

class MemoryPartitionTest : public PartitionFixture {};

TEST_F(MemoryPartitionTest, PositionsAreInOrderOfTimeWhateverCameInBetween) {
  Events events(4);
  std::vector<Position> expected;
  for (std::uint32_t i = 0; i < 500; ++i) {
    std::string line;
    log::append_line(line, LeafIndex{kFirst + i}, events.next());
    memory_->add(line);
    event::EventView view;
    std::string storage;
    ASSERT_TRUE(view.parse(line));
    const auto time = parse_time(view.text(event::Field::timestamp, storage));
    expected.push_back({time ? time->time_since_epoch().count() : kNoTime, kFirst + i});
    if (i % 7 != 0) continue;
    const auto pinned = memory_->pin();
    std::vector<Position> places;
    ASSERT_TRUE(memory_->places(0, memory_->rows(), places));
    auto sorted = expected;
    std::ranges::sort(sorted);
    ASSERT_EQ(places, sorted);
    EXPECT_EQ(memory_->time_min(), sorted.front().time);
    EXPECT_EQ(memory_->time_max(), sorted.back().time);
    const std::int64_t middle = sorted[sorted.size() / 2].time;
    EXPECT_EQ(*memory_->lower_bound(middle),
              std::ranges::lower_bound(sorted, middle, {}, &Position::time) - sorted.begin());
  }
}

TEST_F(MemoryPartitionTest, TimesAreThoseOfTheFullParserInWhateverFormAndOrder) {
  const std::vector<std::string> times = {
      "2026-11-21T19:00:00.000001Z",     "2026-11-21T19:00:00.999999Z",
      "2026-11-21T19:00:01.5Z",          "2026-11-21T19:00:00.000002Z",
      "2026-11-21t19:00:00.000003Z",     "2026-11-21T19:00:00.00000xZ",
      "2026-11-21T19:00:60.000000Z",     "2026-11-21T19:00:60.500000Z",
      "2026-13-21T19:00:00.500000Z",     "2026-11-21T19:00:00.1234567Z",
      "2026-11-21T19:00:00.12345+01:00", "2026-11-21T19:00:00.000004Z",
      "1970-01-01T00:00:00.000000Z",     "1969-12-31T23:59:59.000000Z",
      "2026-11-21T19:00:00.000005z"};
  MemoryPartition mixed(kSeed, 0, 64);
  std::vector<std::int64_t> expected;
  for (const std::string& text : times) {
    mixed.add(R"({"seq":0,"timestamp":")" + text + R"(","event_name":"x"})");
    const auto time = parse_time(text);
    expected.push_back(time ? time->time_since_epoch().count() : kNoTime);
  }
  const auto pinned = mixed.pin();
  std::vector<Position> places;
  ASSERT_TRUE(mixed.places(0, mixed.rows(), places));
  for (const Position& place : places) EXPECT_EQ(place.time, expected[place.seq]) << place.seq;
}

TEST_F(MemoryPartitionTest, IsFullWhenItIsTold) {
  MemoryPartition small(kSeed, 0, 2);
  small.add("{\"seq\":0}");
  EXPECT_FALSE(small.full());
  small.add("no event");
  EXPECT_TRUE(small.full());
  Bitmap broken;
  const auto pinned = small.pin();
  ASSERT_TRUE(small.add_unreadable(broken));
  EXPECT_EQ(broken.count(), 1U);
}

TEST_F(MemoryPartitionTest, ValuesThatRepeatAndLinesThatAreNoneStandAtTheirRows) {
  MemoryPartition mixed(kSeed, 0, 8);
  const auto line = [](std::string_view actor) {
    return R"({"seq":0,"timestamp":"2026-11-21T19:00:00Z","event_name":"x","actor_id":")" +
           std::string(actor) + "\"}";
  };
  mixed.add("no event");
  for (const std::string_view actor : {"a", "a", "b", "a"}) mixed.add(line(actor));
  mixed.add("no event");
  mixed.add(line("a"));
  ASSERT_EQ(mixed.value_count(Column::actor), 2U);
  EXPECT_EQ(mixed.value_rows(Column::actor, 0), (std::vector<std::uint32_t>{1, 2, 4, 6}));
  EXPECT_EQ(mixed.value_rows(Column::actor, 1), (std::vector<std::uint32_t>{3}));
  EXPECT_EQ(mixed.unreadable(), (std::vector<std::uint32_t>{0, 5}));
}

}  // namespace
}  // namespace tally::index::sqlite
