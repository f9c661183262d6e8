// SPDX-License-Identifier: Apache-2.0
#include "log/failed_sync.h"

#include "log/log_fixture.h"
#include "log/writing_process.h"
#include "storage/power_cut_choices.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

using storage::FaultKind;
using storage::SimulatedFileSystem;

/// A log with a signed and an unsigned part, over several segments.
class FailedSyncTest : public ::testing::Test {
 protected:
  FailedSyncTest() {
    EXPECT_TRUE(run_actions(fs_, ledger_, {{20, {}}, {0, PublishReason::close}, {9, {}}, {2, {}}}));
  }
  /// A process whose n-th sync from now fails while it appends.
  void fail_sync(SimulatedFileSystem& machine, std::uint64_t nth) {
    WritingProcess process(machine, machine, ledger_);
    ASSERT_TRUE(process.start());
    machine.fail_at(machine.steps() + nth, FaultKind::failed_sync);
    const auto appended = process.append(3);
    ASSERT_FALSE(appended);
    EXPECT_EQ(appended.error().code, Errc::sync_failed) << appended.error().detail;
    EXPECT_TRUE(process.finished());
    EXPECT_EQ(process.append(1).error().code, Errc::poisoned) << "no second try";
    EXPECT_EQ(process.publish(PublishReason::close).error().code, Errc::poisoned)
        << "and no signature";
  }
  std::optional<FailedMark> mark(SimulatedFileSystem& machine) {
    auto lock = LockFile::open(machine, layout_);
    return *lock->failed_mark();
  }
  SimulatedFileSystem fs_;
  Ledger ledger_{"/log"};
  Layout layout_{"/log"};
};

TEST_F(FailedSyncTest, OfTheSegmentOrTheHeadEndsTheWriterAndLeavesAMark) {
  for (const std::uint64_t nth : {0U, 6U}) {
    const auto machine = fs_.after_process_crash();
    fail_sync(*machine, nth);
    const auto left = mark(*machine);
    ASSERT_TRUE(left) << nth;
    EXPECT_EQ(left->boot_id, *machine->boot_id());
    expect_survives(*machine, ledger_, nth);
  }
}

TEST_F(FailedSyncTest, TheNextStartInTheSameBootWritesTheUnsignedLinesAgain) {
  fail_sync(fs_, 0);
  WritingProcess next(fs_, fs_, ledger_);
  ASSERT_TRUE(next.start());
  const auto report = next.committer().take_recovery_report();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->lines_rewritten, 11U);
  EXPECT_EQ(mark(fs_), std::nullopt);
  expect_lives_on(*fs_.after_power_cut(0), ledger_);
}

TEST_F(FailedSyncTest, WritingAgainMakesDurableWhatTheDeviceHadLost) {
  // All that recovery can see of it is the mark: lines and head look committed, the device has the
  // lines no more.
  const auto machine = fs_.after_process_crash();
  Ledger ledger = ledger_;
  {
    WritingProcess process(*machine, *machine, ledger);
    ASSERT_TRUE(process.start());
    machine->fail_at(machine->steps() + 6,
                     FaultKind::failed_sync);  // of the head: its lines are synced
    ASSERT_FALSE(process.append(3));
  }
  ASSERT_TRUE(run_actions(*machine, ledger, {{2, {}}}));
  const auto lost = machine->after_power_cut(0);
  expect_lives_on(*lost, ledger);
  machine->drop_clean_pages();
  expect_lives_on(*machine, ledger);
}

TEST_F(FailedSyncTest, AMarkOfAnotherBootIsClearedWithoutWriting) {
  fail_sync(fs_, 0);
  const auto rebooted = fs_.after_power_cut(storage::PowerCutChoices::kEverything);
  ASSERT_TRUE(mark(*rebooted));
  WritingProcess next(*rebooted, *rebooted, ledger_);
  ASSERT_TRUE(next.start());
  const auto report = next.committer().take_recovery_report();
  EXPECT_TRUE(!report || report->lines_rewritten == 0);
  EXPECT_EQ(mark(*rebooted), std::nullopt);
}

TEST_F(FailedSyncTest, AMarkThatCannotBeReadCounts) {
  fs_.overwrite(layout_.lock(), 128, as_bytes("fail\n"));
  WritingProcess next(fs_, fs_, ledger_);
  ASSERT_TRUE(next.start());
  const auto report = next.committer().take_recovery_report();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->lines_rewritten, 11U);
}

TEST_F(FailedSyncTest, ADeviceThatGoesOnFailingKeepsTheMark) {
  fail_sync(fs_, 0);
  for (int attempt = 0; attempt < 3; ++attempt) {
    fs_.fail_at(fs_.steps() + 4, FaultKind::failed_sync);
    WritingProcess next(fs_, fs_, ledger_);
    const auto started = next.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, Errc::sync_failed) << started.error().detail;
    EXPECT_TRUE(mark(fs_)) << attempt;
  }
  expect_survives(fs_, ledger_, 1);
}

TEST_F(FailedSyncTest, ReadersStayWithWhatIsDurableUntilItIsMended) {
  const auto committed = [&] { return Reader::open(fs_, "/log")->head()->size.value(); };
  ASSERT_EQ(committed(), 31U);
  fail_sync(fs_, 6);  // of the head: the newest slot says 34
  EXPECT_EQ(committed(), 31U);
  WritingProcess next(fs_, fs_, ledger_);
  ASSERT_TRUE(next.start());
  EXPECT_EQ(committed(), 34U) << "durable now, and allowed to stay";
}

TEST_F(FailedSyncTest, RewritingIsTheSameHoweverOftenItIsDone) {
  const auto slots = *read_head_slots(**fs_.open(layout_.head(), storage::OpenMode::read));
  const std::size_t slot = *slots.newest();
  const Head head = slots.slots[slot]->head;
  const std::string last = layout_.segment(head.segment);
  const std::string lines = fs_.content(last)->substr(0, head.segment_bytes);
  ASSERT_NE(fs_.content(last), lines) << "there is room";
  ASSERT_TRUE(rewrite_lines(fs_, layout_, head, TreeSize{31}));
  EXPECT_EQ(fs_.content(last), lines) << "room that may not have reached the device is cut";
  const auto before = contents_of(fs_, layout_);
  for (const std::uint64_t from : {31U, 20U, 0U, 30U}) {
    ASSERT_TRUE(rewrite_lines(fs_, layout_, head, TreeSize{from})) << from;
    EXPECT_EQ(before == contents_of(fs_, layout_), true);
  }
}

}  // namespace
}  // namespace tally::log
