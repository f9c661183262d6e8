// SPDX-License-Identifier: Apache-2.0
#include "log/writer.h"

#include <gtest/gtest.h>

#include "log/log_fixture.h"

namespace tally::log {
namespace {

class WriterTest : public LogFixture {};

TEST_F(WriterTest, AppendedEntriesAreReadBackInOrderWithTheirNumbers) {
  auto writer = open();
  for (int i = 0; i < 10; ++i) {
    const auto appended = writer->append(entry(i));
    ASSERT_TRUE(appended) << appended.error().detail;
    EXPECT_EQ(appended->seq, LeafIndex(static_cast<std::uint64_t>(i)));
  }
  ASSERT_TRUE(writer->close());
  const auto lines = read_all();
  ASSERT_EQ(lines.size(), 10U);
  EXPECT_EQ(lines[3], R"({"seq":3,"timestamp":"2026-11-21T00:00:00.000000Z","n":3})");
}

TEST_F(WriterTest, CloseSignsWhatWasCommitted) {
  auto writer = open();
  ASSERT_TRUE(writer->append(entry(0)));
  ASSERT_TRUE(writer->close());
  EXPECT_EQ(signed_size(), TreeSize(1));
}

TEST_F(WriterTest, EnqueuedEntriesAreCommittedWithoutAWaiter) {
  auto writer = open();
  for (int i = 0; i < 5000; ++i) ASSERT_TRUE(writer->enqueue(entry(i), std::chrono::seconds(5)));
  ASSERT_TRUE(writer->checkpoint());
  EXPECT_EQ(signed_size(), TreeSize(5000));
  EXPECT_EQ(read_all().size(), 5000U);
}

TEST_F(WriterTest, TwoWritersInterleaveOnOneLog) {
  auto a = open();
  auto b = open();
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE((i % 3 == 0 ? a : b)->append(entry(i)));
  }
  ASSERT_TRUE(a->close());
  ASSERT_TRUE(b->close());
  EXPECT_EQ(read_all().size(), 100U);
  EXPECT_EQ(signed_size(), TreeSize(100));
}

TEST_F(WriterTest, RollsSegmentsAndKeepsACheckpointForEachClose) {
  WriterOptions options;
  options.segment_bytes = 1000;
  auto writer = open(options);
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(writer->append(entry(i)));
  ASSERT_TRUE(writer->close());
  EXPECT_GT(list_segments(fs_, Layout(directory_))->size(), 5U);
  EXPECT_EQ(read_all().size(), 200U);
}

}  // namespace
}  // namespace tally::log
