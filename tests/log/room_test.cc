// SPDX-License-Identifier: Apache-2.0
// The room that a committer leaves behind the lines of the open segment: when it is there, when it
// is gone, and that nobody takes it for anything else.
#include "log/log_fixture.h"
#include "log/padding.h"
#include "log/verifier.h"
#include "log/writing_process.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

class RoomTest : public ::testing::Test {
 protected:
  RoomTest() {
    EXPECT_TRUE(process_.start());
    EXPECT_TRUE(process_.append(1));
    EXPECT_EQ(room(), 0U) << "a process that makes one commit leaves none";
  }
  Head head() {
    const auto slots = *read_head_slots(**fs_.open(layout_.head(), storage::OpenMode::read));
    return slots.slots[*slots.newest()]->head;
  }
  std::string path() { return layout_.segment(head().segment); }
  /// Bytes behind the committed ones.
  std::size_t room() { return fs_.content(path())->size() - head().segment_bytes; }

  storage::SimulatedFileSystem fs_;
  Ledger ledger_{"/log"};
  Layout layout_{"/log"};
  WritingProcess process_{fs_, fs_, ledger_, 1 << 20};
};

TEST_F(RoomTest, ASegmentGrowsForManyCommitsAtOnce) {
  std::size_t grown = 0;
  std::size_t size = fs_.content(path())->size();
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(process_.append(1));
    const std::string text = *fs_.content(path());
    if (text.size() != size) ++grown;
    size = text.size();
    EXPECT_EQ(text.find_first_not_of(kPadding, head().segment_bytes), std::string::npos);
  }
  EXPECT_GE(grown, 2U);
  EXPECT_LE(grown, 20U);
  ledger_.expect_kept(fs_, process_.keys());
  expect_survives(fs_, ledger_, 3);
}

TEST_F(RoomTest, OthersUseItAndNobodyTakesItForLines) {
  ASSERT_TRUE(process_.append(1));
  const std::size_t size = fs_.content(path())->size();
  ASSERT_GT(room(), 0U);
  WritingProcess other(fs_, fs_, ledger_, 1 << 20);
  ASSERT_TRUE(other.start());
  EXPECT_EQ(other.committer().take_recovery_report(), std::nullopt);
  ASSERT_TRUE(other.append(1));
  EXPECT_EQ(fs_.content(path())->size(), size);
  ledger_.expect_kept(fs_, process_.keys());
}

TEST_F(RoomTest, LinesThatSomebodyLeftInItAreCutAndReported) {
  ASSERT_TRUE(process_.append(1));
  ASSERT_GT(room(), 20U);
  fs_.overwrite(path(), head().segment_bytes, as_bytes("{\"seq\":2}\n{\"seq"));
  ASSERT_TRUE(process_.append(1));
  const auto report = process_.committer().take_recovery_report();
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->bytes_cut, 16U);
  EXPECT_EQ(report->lines_cut, 2U) << "the room ends the line that was cut short";
  ledger_.expect_kept(fs_, process_.keys());
}

TEST_F(RoomTest, ASegmentThatIsFullIsNothingButLines) {
  WritingProcess rolling(fs_, fs_, ledger_, 700);
  ASSERT_TRUE(rolling.start());
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(rolling.append(2));
  const auto segments = *list_segments(fs_, layout_);
  ASSERT_GT(segments.size(), 2U);
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
    const std::string path = layout_.segment(segments[i]);
    EXPECT_EQ(fs_.content(path)->find("\n\n"), std::string::npos) << path;
    EXPECT_EQ(fs_.durable_content(path), fs_.content(path)) << "cut before the next one counts";
  }
  ledger_.expect_kept(fs_, process_.keys());
}

TEST_F(RoomTest, ADiskWithoutSpaceForItStillTakesTheLines) {
  for (std::uint64_t step = 0; step < 4; ++step) {
    fs_.set_capacity(fs_.total_bytes() + 380);
    ASSERT_TRUE(process_.append(1)) << "entry " << step;
    EXPECT_EQ(room(), 0U);
  }
  fs_.set_capacity(1 << 30);
  ASSERT_TRUE(process_.append(1));
  EXPECT_GT(room(), 0U);
  ledger_.expect_kept(fs_, process_.keys());
}

TEST_F(RoomTest, ThereIsAsMuchAsSuchCommitsNeed) {
  ASSERT_TRUE(process_.append(1));
  ASSERT_EQ(room(), 400U) << "the least";
  const std::uint64_t before = head().segment_bytes;
  ASSERT_TRUE(process_.append(40));
  const std::uint64_t written = head().segment_bytes - before;
  ASSERT_GT(written, 400U);
  EXPECT_EQ(room(), written) << "one commit, as this process is set up";
}

TEST_F(RoomTest, ALargeCommitLeavesNone) {
  ASSERT_TRUE(process_.append(4'000));
  ASSERT_GT(head().segment_bytes, kRoomCommitBytesMax);
  EXPECT_EQ(room(), 0U);
  ASSERT_TRUE(process_.append(1));
  EXPECT_GT(room(), 0U);
}

TEST_F(RoomTest, ABatchThatIsTakenBackTakesItAlong) {
  ASSERT_TRUE(process_.append(1));
  ASSERT_GT(room(), 0U);
  fs_.set_capacity(fs_.total_bytes());
  EXPECT_EQ(process_.append(20).error().code, Errc::disk_full);
  EXPECT_EQ(room(), 0U);
  fs_.set_capacity(1 << 30);
  ASSERT_TRUE(process_.append(1));
  ledger_.expect_kept(fs_, process_.keys());
}

TEST_F(RoomTest, VerificationSaysNothingOfItAndRecoveryLeavesIt) {
  ASSERT_TRUE(process_.append(1));
  const std::size_t left = room();
  ASSERT_GT(left, 0U);
  const auto notes = [&] {
    const auto report = verify_log(fs_, "/log", {}, test_environment());
    EXPECT_TRUE(report && report->ok());
    return report ? report->notes.size() : 0U;
  };
  EXPECT_EQ(notes(), 0U);
  ASSERT_TRUE(WritingProcess(fs_, fs_, ledger_).start());
  EXPECT_EQ(room(), left);
  fs_.overwrite(path(), head().segment_bytes + 10, as_bytes("x"));
  EXPECT_EQ(notes(), 1U) << "a writer's bytes are said as ever";
}

TEST_F(RoomTest, WithoutAHeadTheLinesAreStillFound) {
  ASSERT_TRUE(process_.append(3));
  ASSERT_GT(room(), 0U);
  fs_.erase(layout_.head());
  const auto report = verify_log(fs_, "/log", {}, test_environment());
  ASSERT_TRUE(report) << report.error().detail;
  EXPECT_EQ(report->size, 4U);
  EXPECT_EQ(report->entries_altered, 0U);
  EXPECT_EQ(report->entries_missing, 0U);
}

class RoomOfAWriterTest : public LogFixture {};

TEST_F(RoomOfAWriterTest, WhoClosesLastLeavesOnlyLines) {
  const std::string path = Layout(directory_).segment(LeafIndex{0});
  auto writer = open();
  auto other = open();
  for (int i = 0; i < 30; ++i) ASSERT_TRUE((i % 2 == 0 ? writer : other)->append(entry(i)));
  EXPECT_TRUE(fs_.content(path)->ends_with("\n\n"));
  ASSERT_TRUE(writer->close());
  ASSERT_TRUE(other->append(entry(30)));
  ASSERT_TRUE(other->close());
  const std::string text = *fs_.content(path);
  EXPECT_EQ(text.find("\n\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("}\n"));
  EXPECT_EQ(read_all().size(), 31U);
}

}  // namespace
}  // namespace tally::log
