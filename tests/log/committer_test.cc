// SPDX-License-Identifier: Apache-2.0
#include "log/committer.h"

#include "log/log_fixture.h"
#include "log/writing_process.h"
#include "storage/power_cut_choices.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

using storage::FaultKind;

class CommitterTest : public ::testing::Test {
 protected:
  std::unique_ptr<WritingProcess> start(std::uint64_t segment_bytes = 700) {
    auto process = std::make_unique<WritingProcess>(fs_, fs_, ledger_, segment_bytes);
    const auto started = process->start();
    EXPECT_TRUE(started) << started.error().detail;
    return process;
  }
  Head head() {
    const auto slots = *read_head_slots(**fs_.open(layout_.head(), storage::OpenMode::read));
    return slots.slots[*slots.newest()]->head;
  }
  void expect_kept() {
    const auto process = start();
    ledger_.expect_kept(fs_, process->keys());
  }
  storage::SimulatedFileSystem fs_;
  Ledger ledger_{"/log"};
  Layout layout_{"/log"};
};

TEST_F(CommitterTest, ABatchGetsConsecutiveNumbersAndOneCommit) {
  const auto process = start();
  const std::uint64_t before = head().commit;
  ASSERT_TRUE(process->append(5));
  ASSERT_TRUE(process->append(1));
  EXPECT_EQ(head().size, TreeSize{6});
  EXPECT_EQ(head().commit, before + 2);
  expect_kept();
}

TEST_F(CommitterTest, WhatIsAcknowledgedIsOnTheDevice) {
  const auto process = start();
  ASSERT_TRUE(process->append(3));
  const auto after = fs_.after_power_cut(storage::PowerCutChoices::kNothing);
  expect_lives_on(*after, ledger_);
}

TEST_F(CommitterTest, ALongBatchIsWrittenInPiecesAndSyncedOnce) {
  const auto process = start();
  const auto steps_of = [&](std::size_t entries) {
    const std::uint64_t before = fs_.steps();
    EXPECT_TRUE(process->append(entries));
    return fs_.steps() - before;
  };
  const std::uint64_t short_batch = steps_of(1);
  const std::uint64_t long_batch = steps_of(20);
  EXPECT_GT(long_batch, short_batch + 1) << "only one write for all lines";
  EXPECT_LT(long_batch, short_batch + 10) << "a write for every line";
  expect_kept();
}

TEST_F(CommitterTest, ASegmentIsRolledBeforeABatchOnceItIsFull) {
  const auto process = start(300);
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(process->append(2));
  const auto segments = *list_segments(fs_, layout_);
  ASSERT_GT(segments.size(), 3U);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::string text = *fs_.content(layout_.segment(segments[i]));
    EXPECT_TRUE(text.starts_with("{\"seq\":" + std::to_string(segments[i].value()) + ","));
    if (i + 1 < segments.size()) {
      EXPECT_GE(text.size(), 300U);
    }
    EXPECT_EQ(segments[i].value() % 2, 0U) << "a commit never spans two segments";
  }
}

TEST_F(CommitterTest, OthersCommitsAreTakenOver) {
  const auto a = start();
  const auto b = start();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE((i % 3 == 0 ? a : b)->append(1 + static_cast<std::size_t>(i) % 4));
  }
  EXPECT_EQ(a->committer().take_recovery_report().has_value(), false);
  expect_kept();
}

TEST_F(CommitterTest, ManyCommitsOfOthersAreTakenOverAtOnce) {
  const auto a = start(1 << 20);
  const auto b = start(1 << 20);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(b->append(300));
  ASSERT_TRUE(a->append(1));
  EXPECT_EQ(head().size, TreeSize{3001});
  expect_kept();
}

TEST_F(CommitterTest, AFullDiskFailsTheBatchAndNothingElse) {
  const auto process = start();
  ASSERT_TRUE(process->append(4));
  const auto before = contents_of(fs_, layout_);
  for (const std::uint64_t room : {0U, 1U, 50U, 400U}) {
    fs_.set_capacity(fs_.total_bytes() + room);
    const auto refused = process->append(20);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::disk_full) << refused.error().detail;
    EXPECT_EQ(before == contents_of(fs_, layout_), true) << "something of it stayed";
  }
  fs_.set_capacity(1 << 30);
  ASSERT_TRUE(process->append(20));
  expect_kept();
}

TEST_F(CommitterTest, AFullDiskWhileRollingRemovesTheNewSegment) {
  const auto process = start(100);
  ASSERT_TRUE(process->append(8));
  fs_.set_capacity(fs_.total_bytes() + 30);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(process->append(2).error().code, Errc::disk_full);
  EXPECT_EQ(list_segments(fs_, layout_)->size(), 1U);
  fs_.set_capacity(1 << 30);
  ASSERT_TRUE(process->append(2));
  EXPECT_EQ(list_segments(fs_, layout_)->size(), 2U);
  expect_kept();
}

TEST_F(CommitterTest, AReadOnlyDirectoryIsSaid) {
  start();
  fs_.set_read_only(true);
  WritingProcess process(fs_, fs_, ledger_);
  const auto started = process.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Errc::permission_denied);
}

TEST_F(CommitterTest, TheLockIsReleasedAfterEveryKindOfFailure) {
  for (std::uint64_t step = 0; step < 14; ++step) {
    const auto process = start();
    fs_.fail_at(fs_.steps() + step, FaultKind::io_error);
    static_cast<void>(process->append(1));
    fs_.clear_faults();
    auto probe = LockFile::open(fs_, layout_);
    EXPECT_EQ(probe->try_lock_commit(), true) << step;
  }
}

// What somebody does to the files while a process has them open.

TEST_F(CommitterTest, ADeletedLogIsSaidAndNothingIsWritten) {
  const auto process = start();
  for (const std::string& path : fs_.paths()) {
    if (path.starts_with("/log/")) fs_.erase(path);
  }
  const auto appended = process->append(1);
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().code, Errc::not_found);
  EXPECT_NE(appended.error().detail.find("/log"), std::string::npos);
}

TEST_F(CommitterTest, AnotherLogInItsPlaceIsNotWrittenTo) {
  const auto process = start();
  ASSERT_TRUE(process->append(1));
  ASSERT_TRUE(fs_.rename("/log", "/moved"));
  Ledger other("/log");
  {
    WritingProcess owner(fs_, fs_, other);
    ASSERT_TRUE(owner.start());
  }
  const auto before = contents_of(fs_, layout_);
  const auto appended = process->append(1);
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().code, Errc::not_found);
  EXPECT_EQ(before == contents_of(fs_, layout_), true);
}

TEST_F(CommitterTest, ACopyOfTheSameLogInItsPlaceIsTakenOver) {
  const auto process = start();
  ASSERT_TRUE(process->append(3));
  std::map<std::string, std::string> copy;
  for (const std::string& path : fs_.paths()) {
    if (path.starts_with("/log/")) copy.emplace(path, *fs_.content(path));
  }
  for (const auto& [path, content] : copy) fs_.erase(path);
  for (const auto& [path, content] : copy) fs_.put(path, content);
  const auto appended = process->append(2);
  ASSERT_TRUE(appended) << appended.error().detail;
  expect_kept();
}

TEST_F(CommitterTest, ADeletedLockFileIsMadeAgain) {
  const auto a = start();
  const auto b = start();
  ASSERT_TRUE(a->append(1));
  fs_.erase(layout_.lock());
  ASSERT_TRUE(b->append(1));
  ASSERT_TRUE(a->append(1));
  expect_kept();
}

TEST_F(CommitterTest, AnOlderHeadIsNoticedByWhoKnewBetter) {
  const auto process = start();
  ASSERT_TRUE(process->append(1));
  const std::string older = *fs_.content(layout_.head());
  ASSERT_TRUE(process->append(1));
  ASSERT_TRUE(process->append(1));
  const std::string newer = *fs_.content(layout_.head());
  for (const bool in_place : {true, false}) {
    if (in_place) {
      fs_.put(layout_.head(), older);
    } else {
      fs_.erase(layout_.head());
      fs_.put(layout_.head(), older);
    }
    const auto appended = process->append(1);
    ASSERT_FALSE(appended) << in_place;
    EXPECT_EQ(appended.error().code, Errc::corrupt);
    EXPECT_NE(appended.error().detail.find("went back from 3 to 1"), std::string::npos)
        << appended.error().detail;
    fs_.put(layout_.head(), newer);
  }
  ASSERT_TRUE(process->append(1)) << "the right one was put back";
  expect_kept();
}

TEST_F(CommitterTest, AHeadFileThatWasReplacedByAnEqualOneIsWritten) {
  const auto process = start();
  ASSERT_TRUE(process->append(1));
  const std::string head = *fs_.content(layout_.head());
  fs_.erase(layout_.head());
  fs_.put(layout_.head(), head);
  ASSERT_TRUE(process->append(1));
  EXPECT_EQ(this->head().size, TreeSize{2}) << "not the file without a name";
  expect_kept();
}

TEST_F(CommitterTest, ASegmentThatWasReplacedByAnEqualOneIsWritten) {
  const auto process = start();
  ASSERT_TRUE(process->append(1));
  const std::string path = layout_.segment(LeafIndex{0});
  const std::string lines = *fs_.content(path);
  fs_.erase(path);
  fs_.put(path, lines);
  ASSERT_TRUE(process->append(1));
  expect_kept();
}

TEST_F(CommitterTest, AnAlteredLogJsonIsNotTakenForTheLog) {
  const auto process = start();
  std::string info = *fs_.content(layout_.info());
  fs_.erase(layout_.info());
  fs_.put(layout_.info(), info.replace(info.find("sha256"), 6, "sha384"));
  EXPECT_EQ(process->append(1).error().code, Errc::not_found);
}

TEST_F(CommitterTest, TheKeysOfAnotherLogAreRefused) {
  start();
  Ledger other("/other");
  WritingProcess owner(fs_, fs_, other);
  ASSERT_TRUE(owner.start());
  const auto opened = Committer::open(fs_, layout_, owner.keys(), {});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::mismatch);
  EXPECT_NE(opened.error().detail.find("--keys"), std::string::npos);
}

TEST_F(CommitterTest, OtherKeysUnderTheSameNameAreRefused) {
  const auto process = start();
  ASSERT_TRUE(process->append(1));
  RepeatableRandom random(99);
  const auto other = Keys::generate(process->keys().signer.name(), "", random);
  const auto opened = Committer::open(fs_, layout_, *other, {});
  ASSERT_TRUE(opened) << opened.error().detail;
  const auto locked = (*opened)->try_lock();
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().code, Errc::mismatch) << locked.error().detail;
}

TEST_F(CommitterTest, ALostTreeIsDerivedAgainByTheNextStart) {
  const auto process = start();
  ASSERT_TRUE(process->append(3));
  fs_.erase(layout_.tree_level(0));
  ASSERT_TRUE(process->append(3));
  expect_kept();
}

TEST_F(CommitterTest, TheHolderOfTheLockIsNamed) {
  const auto process = start();
  EXPECT_NE(Committer::lock_holder(fs_, layout_).find("held by pid"), std::string::npos);
  EXPECT_EQ(Committer::lock_holder(fs_, Layout("/nothing")), "");
}

}  // namespace
}  // namespace tally::log
