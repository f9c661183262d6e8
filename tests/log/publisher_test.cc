// SPDX-License-Identifier: Apache-2.0
#include "log/publisher.h"

#include "log/checkpoint_files.h"
#include "log/log_fixture.h"
#include "log/rehash.h"
#include "log/writing_process.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

using std::chrono::milliseconds;
using storage::FaultKind;

class ManualClock final : public Clock {
 public:
  [[nodiscard]] WallTime now() const override { return WallTime{}; }
  [[nodiscard]] MonoTime mono() const override { return MonoTime{} + elapsed; }
  std::chrono::hours elapsed{1};
};

class PublisherTest : public ::testing::Test {
 protected:
  PublisherTest() {
    EXPECT_TRUE(writer_.start());
    publisher_ = std::make_unique<Publisher>(
        std::move(*Publisher::open(fs_, layout_, writer_.keys(), clock_)));
  }
  Result<std::optional<merkle::VerifiedCheckpoint>> publish(
      PublishReason reason = PublishReason::interval) {
    return publisher_->publish(reason, milliseconds(0));
  }
  std::uint64_t latest() { return read_checkpoint(fs_, layout_, key())->size().value(); }
  std::vector<std::uint64_t> kept() {
    std::vector<std::uint64_t> sizes;
    std::uint64_t incomplete = 0;
    EXPECT_TRUE(for_each_kept(
        fs_, layout_,
        [&](std::string_view note, std::uint64_t) {
          sizes.push_back(merkle::read_unverified_checkpoint(note)->size.value());
          return true;
        },
        incomplete));
    return sizes;
  }
  const crypto::NoteVerifier& key() { return writer_.keys().signer.verifier(); }
  void expect_refused(Errc code, std::string_view words) {
    const auto before = contents_of(fs_, layout_);
    const auto refused = publish();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, code);
    EXPECT_NE(refused.error().detail.find(words), std::string::npos) << refused.error().detail;
    EXPECT_EQ(before == contents_of(fs_, layout_), true) << "it signed or changed something";
  }
  storage::SimulatedFileSystem fs_;
  Ledger ledger_{"/log"};
  Layout layout_{"/log"};
  ManualClock clock_;
  WritingProcess writer_{fs_, fs_, ledger_};
  std::unique_ptr<Publisher> publisher_;
};

TEST_F(PublisherTest, SignsWhatIsCommittedAndDurable) {
  ASSERT_TRUE(writer_.append(5));
  const auto signed_now = publish();
  ASSERT_TRUE(signed_now && *signed_now);
  EXPECT_EQ((*signed_now)->size(), TreeSize{5});
  EXPECT_EQ(latest(), 5U);
  const auto after = fs_.after_power_cut(0);
  EXPECT_EQ(read_checkpoint(*after, layout_, key())->size(), TreeSize{5});
  expect_lives_on(*after, ledger_);
}

TEST_F(PublisherTest, NothingNewIsNotSignedAgain) {
  ASSERT_TRUE(writer_.append(1));
  ASSERT_TRUE(publish());
  const auto before = contents_of(fs_, layout_);
  const auto again = publish();
  ASSERT_TRUE(again && *again);
  EXPECT_EQ((*again)->size(), TreeSize{1});
  EXPECT_EQ(before == contents_of(fs_, layout_), true);
}

TEST_F(PublisherTest, KeepsThoseOfRequestCloseRollAndEachHour) {
  EXPECT_EQ(kept(), (std::vector<std::uint64_t>{0}));
  ASSERT_TRUE(writer_.append(1));
  ASSERT_TRUE(publish());
  ASSERT_TRUE(writer_.append(1));
  ASSERT_TRUE(publish(PublishReason::request));
  EXPECT_EQ(kept(), (std::vector<std::uint64_t>{0, 2}));
  ASSERT_TRUE(writer_.append(1));
  clock_.elapsed += std::chrono::hours(1);
  ASSERT_TRUE(publish());
  EXPECT_EQ(kept(), (std::vector<std::uint64_t>{0, 2, 3})) << "an hour";
  ASSERT_TRUE(writer_.append(1));
  ASSERT_TRUE(publish());
  EXPECT_EQ(kept().size(), 3U) << "not every one";
  ASSERT_TRUE(writer_.append(20));
  ASSERT_TRUE(writer_.append(1));
  ASSERT_GT(list_segments(fs_, layout_)->size(), 1U);
  ASSERT_TRUE(publish());
  EXPECT_EQ(kept(), (std::vector<std::uint64_t>{0, 2, 3, 25})) << "a roll";
  ASSERT_TRUE(publish(PublishReason::close));
  EXPECT_EQ(kept().size(), 4U) << "kept already";
}

TEST_F(PublisherTest, OnlyOneAtATime) {
  ASSERT_TRUE(writer_.append(1));
  auto other = LockFile::open(fs_, layout_);
  ASSERT_EQ(other->try_lock_publisher(), true);
  const auto nothing = publish();
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(nothing->has_value());
  other->unlock_publisher();
  EXPECT_TRUE(publish()->has_value());
}

TEST_F(PublisherTest, WhileACommitIsUnderWayTheOlderSlotIsSigned) {
  ASSERT_TRUE(writer_.append(1));
  ASSERT_TRUE(writer_.append(1));
  auto other = LockFile::open(fs_, layout_);
  ASSERT_EQ(other->try_lock_commit(), true);
  ASSERT_EQ(other->lock_head(std::chrono::milliseconds(0)), true);
  const auto signed_now = publish();
  ASSERT_TRUE(signed_now && *signed_now) << signed_now.error().detail;
  EXPECT_EQ((*signed_now)->size(), TreeSize{1});
}

TEST_F(PublisherTest, AnOlderSlotThanWhatOthersSignedIsNoOlderCopyOfTheLog) {
  ASSERT_TRUE(writer_.append(1));
  ASSERT_TRUE(writer_.append(1));
  ASSERT_TRUE(publish());
  ASSERT_EQ(latest(), 2U);
  auto other = LockFile::open(fs_, layout_);
  ASSERT_EQ(other->try_lock_commit(), true);
  ASSERT_EQ(other->lock_head(std::chrono::milliseconds(0)), true);
  for (const PublishReason reason : {PublishReason::interval, PublishReason::close}) {
    const auto signed_now = publish(reason);
    ASSERT_TRUE(signed_now && *signed_now) << signed_now.error().detail;
    EXPECT_EQ((*signed_now)->size(), TreeSize{2});
  }
}

TEST_F(PublisherTest, ALineThatChangedOnDiskIsNotSigned) {
  ASSERT_TRUE(writer_.append(3));
  fs_.overwrite(layout_.segment(LeafIndex{0}), 20, as_bytes("X"));
  expect_refused(Errc::corrupt, "hash 0 differs");
}

TEST_F(PublisherTest, AHashThatChangedOnDiskIsNotSigned) {
  ASSERT_TRUE(writer_.append(3));
  fs_.overwrite(layout_.tree_level(0), 40, as_bytes("X"));
  expect_refused(Errc::corrupt, "hash 1 differs");
}

TEST_F(PublisherTest, ALostLineIsNotSigned) {
  ASSERT_TRUE(writer_.append(3));
  std::string text = *fs_.content(layout_.segment(LeafIndex{0}));
  text.resize(text.rfind('\n', text.size() - 2) + 1);
  fs_.put(layout_.segment(LeafIndex{0}), text);
  expect_refused(Errc::corrupt, "entry 2");
}

TEST_F(PublisherTest, ATreeThatChangedBelowTheLastCheckpointIsNotSignedOver) {
  ASSERT_TRUE(writer_.append(3));
  ASSERT_TRUE(publish());
  ASSERT_TRUE(writer_.append(1));
  fs_.overwrite(layout_.tree_level(0), 0, as_bytes("X"));
  // Another process, which has not verified that part itself.
  publisher_ = std::make_unique<Publisher>(
      std::move(*Publisher::open(fs_, layout_, writer_.keys(), clock_)));
  expect_refused(Errc::corrupt, "last checkpoint");
}

TEST_F(PublisherTest, AnOlderHeadIsNotSignedOver) {
  ASSERT_TRUE(writer_.append(1));
  const std::string older = *fs_.content(layout_.head());
  ASSERT_TRUE(writer_.append(2));
  ASSERT_TRUE(writer_.append(2));
  ASSERT_TRUE(publish());
  fs_.put(layout_.head(), older);
  expect_refused(Errc::corrupt, "older copy");
}

TEST_F(PublisherTest, AHeadOfAnotherKeyIsNotSigned) {
  ASSERT_TRUE(writer_.append(1));
  const auto slots = *read_head_slots(**fs_.open(layout_.head(), storage::OpenMode::read));
  const Head head = slots.slots[*slots.newest()]->head;
  const HeadKey other({}, writer_.keys().signer.name());
  for (std::size_t slot = 0; slot < kHeadSlots; ++slot) {
    fs_.overwrite(layout_.head(), slot * kHeadSlotBytes, as_bytes(encode_head_slot(head, other)));
  }
  expect_refused(Errc::corrupt, "key");
}

TEST_F(PublisherTest, NothingIsSignedWhileAFailedSyncIsNotMended) {
  ASSERT_TRUE(writer_.append(2));
  auto lock = LockFile::open(fs_, layout_);
  lock->set_failed_mark(TreeSize{2});
  expect_refused(Errc::poisoned, "sync");
  ASSERT_TRUE(writer_.append(1)) << "which recovers";
  EXPECT_EQ((*publish())->size(), TreeSize{3});
}

TEST_F(PublisherTest, AFailedSyncOfItsOwnLeavesTheMark) {
  ASSERT_TRUE(writer_.append(2));
  fs_.fail_at(fs_.steps(), FaultKind::failed_sync);
  const auto failed = publish();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::sync_failed);
  auto lock = LockFile::open(fs_, layout_);
  EXPECT_TRUE(lock->failed_mark()->has_value());
  EXPECT_EQ(publish().error().code, Errc::poisoned);
  expect_survives(fs_, ledger_, 3);
}

TEST_F(PublisherTest, WhatACrashLeftBetweenTheTwoFilesIsFinished) {
  ASSERT_TRUE(writer_.append(2));
  const std::string older = *fs_.content(layout_.checkpoint());
  ASSERT_TRUE(publish(PublishReason::request));
  fs_.put(layout_.checkpoint(), older);  // as if it had ended after keeping
  ASSERT_TRUE(publish());
  EXPECT_EQ(latest(), 2U);
}

TEST_F(PublisherTest, AnUnfinishedRecordIsCutWhenTheLogIsClosed) {
  ASSERT_TRUE(writer_.append(2));
  ASSERT_TRUE(publish(PublishReason::request));
  const std::string whole = *fs_.content(layout_.checkpoints());
  fs_.put(layout_.checkpoints(), whole + "half a reco");
  ASSERT_TRUE(publish(PublishReason::close));
  EXPECT_EQ(fs_.content(layout_.checkpoints()), whole);
}

TEST_F(PublisherTest, ADeletedLockFileDoesNotLetTwoPublish) {
  ASSERT_TRUE(writer_.append(1));
  ASSERT_TRUE(publish());
  fs_.erase(layout_.lock());
  auto other = LockFile::open(fs_, layout_);
  ASSERT_EQ(other->try_lock_publisher(), true);
  ASSERT_TRUE(writer_.append(1));
  const auto nothing = publish();
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(nothing->has_value());
}

}  // namespace
}  // namespace tally::log
