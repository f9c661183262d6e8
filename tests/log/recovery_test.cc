// SPDX-License-Identifier: Apache-2.0
#include "log/recovery.h"

#include "crypto/hash.h"
#include "log/log_fixture.h"
#include "log/rehash.h"
#include "log/writing_process.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

class RecoveryTest : public ::testing::Test {
 protected:
  RecoveryTest() {
    EXPECT_TRUE(run_actions(fs_, ledger_, {{30, {}}, {0, PublishReason::close}, {5, {}}, {6, {}}}));
    Ledger unused("/log");
    WritingProcess process(fs_, fs_, unused);
    EXPECT_TRUE(process.start());
    keys_ = std::make_unique<Keys>(*load_keys());
    info_ = *read_log_info(fs_, layout_);
    head_ = slots().slots[*slots().newest()]->head;
    // Without the room behind the lines, so that what a test appends follows them.
    fs_.put(last_segment(), fs_.content(last_segment())->substr(0, head_->segment_bytes));
  }
  Result<Keys> load_keys() {
    TALLY_TRY(const auto info, read_log_info(fs_, layout_));
    TALLY_TRY(const auto folder, KeyFolder::locate(info.id, "", test_environment()));
    return folder.load(fs_);
  }
  HeadSlots slots() {
    return *read_head_slots(**fs_.open(layout_.head(), storage::OpenMode::read));
  }
  Result<Recovered> recover_now() {
    auto lock = LockFile::open(fs_, layout_);
    return recover(fs_, layout_, *info_, *keys_, *lock);
  }
  RecoveryReport report() {
    const auto recovered = recover_now();
    EXPECT_TRUE(recovered) << recovered.error().detail;
    return recovered ? recovered->report : RecoveryReport();
  }
  /// Recovery refuses, names what it found, and changes nothing.
  void expect_refused(Errc code, std::string_view words) {
    const auto before = contents_of(fs_, layout_);
    const auto recovered = recover_now();
    ASSERT_FALSE(recovered);
    EXPECT_EQ(recovered.error().code, code) << recovered.error().detail;
    EXPECT_NE(recovered.error().detail.find(words), std::string::npos) << recovered.error().detail;
    EXPECT_EQ(before == contents_of(fs_, layout_), true) << "it changed something";
  }
  std::string last_segment() { return layout_.segment(head_->segment); }
  void append_raw(const std::string& path, std::string_view bytes) {
    fs_.put(path, *fs_.content(path) + std::string(bytes));
  }

  storage::SimulatedFileSystem fs_;
  Ledger ledger_{"/log"};
  Layout layout_{"/log"};
  std::unique_ptr<Keys> keys_;
  std::optional<LogInfo> info_;
  std::optional<Head> head_;
};

TEST_F(RecoveryTest, AGoodLogIsLeftAlone) {
  const auto before = contents_of(fs_, layout_);
  const auto recovered = recover_now();
  ASSERT_TRUE(recovered) << recovered.error().detail;
  EXPECT_FALSE(recovered->report.anything());
  EXPECT_EQ(recovered->head, *head_);
  merkle::TreeHasher hasher(info_->hash);
  EXPECT_EQ(recovered->range.root(hasher), head_->root);
  EXPECT_EQ(before == contents_of(fs_, layout_), true);
}

TEST_F(RecoveryTest, BytesBehindTheHeadAreCutAndReported) {
  const std::string uncommitted = "{\"seq\":41,\"a\":1}\n{\"seq\":42,\"a\":2}\n{\"seq\":4";
  const std::string before = *fs_.content(last_segment());
  append_raw(last_segment(), uncommitted);
  const auto done = report();
  EXPECT_EQ(done.bytes_cut, uncommitted.size());
  EXPECT_EQ(done.lines_cut, 2U);
  crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
  EXPECT_EQ(done.cut_sha256, hasher.hash<struct TestTag>({as_bytes(uncommitted)}).to_hex());
  EXPECT_EQ(fs_.content(last_segment()), before);
  EXPECT_EQ(fs_.after_power_cut(0)->content(last_segment()), before) << "the cut is durable";
  EXPECT_FALSE(report().anything()) << "reported once";
}

TEST_F(RecoveryTest, SegmentsBehindTheHeadAreRemovedAndReported) {
  fs_.put(layout_.segment(LeafIndex{41}), "{\"seq\":41,\"a\":1}\n");
  fs_.put(layout_.segment(LeafIndex{99}), "");
  const auto done = report();
  EXPECT_EQ(done.segments_removed, 2U);
  EXPECT_EQ(done.lines_cut, 1U);
  EXPECT_EQ(fs_.content(layout_.segment(LeafIndex{41})), std::nullopt);
  EXPECT_EQ(fs_.after_power_cut(0)->content(layout_.segment(LeafIndex{41})), std::nullopt);
}

TEST_F(RecoveryTest, ATreeThatWasLostIsDerivedAgain) {
  const std::string tree = *fs_.content(layout_.tree_level(0));
  for (const auto& damage : std::vector<std::function<void()>>{
           [&] { fs_.erase(layout_.tree_level(0)); },
           [&] {
             fs_.erase(layout_.tree_level(0));
             fs_.erase(layout_.tree());
           },
           [&] { fs_.put(layout_.tree_level(0), ""); },
           [&] { fs_.put(layout_.tree_level(0), tree.substr(0, 100)); },
           [&] {
             fs_.overwrite(layout_.tree_level(0), 3 * 32, as_bytes("damaged below the checkpoint"));
           },
           [&] { fs_.overwrite(layout_.tree_level(0), 38 * 32, as_bytes("damaged above it")); },
       }) {
    damage();
    EXPECT_TRUE(report().tree_rebuilt);
    EXPECT_EQ(fs_.content(layout_.tree_level(0)), tree);
    EXPECT_FALSE(report().anything());
  }
}

TEST_F(RecoveryTest, HashesTooManyAreCut) {
  const std::string tree = *fs_.content(layout_.tree_level(0));
  append_raw(layout_.tree_level(0), "more than there should be");
  report();
  EXPECT_EQ(fs_.content(layout_.tree_level(0)), tree);
}

TEST_F(RecoveryTest, AnAlteredUnsignedLineIsNamedAndNothingIsChanged) {
  const auto at = locate_line(fs_, layout_, *head_, LeafIndex{33});
  fs_.overwrite(layout_.segment(at->segment), at->offset + 13, as_bytes("9"));
  expect_refused(Errc::corrupt, "entry 33 ");
}

TEST_F(RecoveryTest, AMissingUnsignedLineIsNamed) {
  const auto at = locate_line(fs_, layout_, *head_, LeafIndex{40});
  fs_.put(last_segment(), fs_.content(layout_.segment(at->segment))->substr(0, at->offset));
  expect_refused(Errc::corrupt, "entry 40");
}

TEST_F(RecoveryTest, AMissingLastSegmentIsNamed) {
  fs_.erase(last_segment());
  expect_refused(Errc::corrupt, "entry " + std::to_string(head_->segment.value()));
}

TEST_F(RecoveryTest, ALastSegmentThatIsMissingOrShortIsNamedEvenWhenAllIsSigned) {
  ASSERT_TRUE(run_actions(fs_, ledger_, {{0, PublishReason::close}}));
  const std::string whole = *fs_.content(last_segment());
  fs_.put(last_segment(), whole.substr(0, whole.size() - 1));
  expect_refused(Errc::corrupt, segment_name(head_->segment));
  fs_.erase(last_segment());
  expect_refused(Errc::corrupt, segment_name(head_->segment));
}

TEST_F(RecoveryTest, AnOlderHeadIsRefusedOnceItWasSigned) {
  const std::string older = *fs_.content(layout_.head());
  ASSERT_TRUE(run_actions(fs_, ledger_, {{3, {}}, {3, {}}, {0, PublishReason::close}}));
  fs_.put(layout_.head(), older);
  expect_refused(Errc::corrupt, "older copy");
}

TEST_F(RecoveryTest, AHeadOfAnotherKeyIsRefused) {
  const HeadKey other({}, info_->origin);
  for (std::size_t slot = 0; slot < kHeadSlots; ++slot) {
    fs_.overwrite(layout_.head(), slot * kHeadSlotBytes, as_bytes(encode_head_slot(*head_, other)));
  }
  expect_refused(Errc::mismatch, "head key");
}

TEST_F(RecoveryTest, WithoutAnyValidSlotItRefuses) {
  fs_.put(layout_.head(), std::string(kHeadSlots * kHeadSlotBytes, '\0'));
  expect_refused(Errc::corrupt, "no valid slot");
  fs_.put(layout_.head(), "");
  expect_refused(Errc::corrupt, "no valid slot");
}

TEST_F(RecoveryTest, ATornOlderSlotIsMended) {
  const std::size_t older = 1 - *slots().newest();
  fs_.overwrite(layout_.head(), older * kHeadSlotBytes + 10, as_bytes("torn"));
  report();
  ASSERT_TRUE(slots().slots[0] && slots().slots[1]);
  EXPECT_EQ(slots().slots[older]->head, *head_);
}

TEST_F(RecoveryTest, AHeadThatWasWrittenButNotSyncedIsMadeDurable) {
  const auto committed = [&](storage::SimulatedFileSystem& fs) {
    const auto read = *read_head_slots(**fs.open(layout_.head(), storage::OpenMode::read));
    return read.slots[*read.newest()]->head.size.value();
  };
  std::size_t tried = 0;
  for (std::uint64_t step = 0; step < 12; ++step) {
    const auto machine = fs_.after_process_crash();
    {
      Ledger ledger = ledger_;
      WritingProcess process(*machine, *machine, ledger);
      ASSERT_TRUE(process.start());
      machine->fail_at(machine->steps() + step, storage::FaultKind::crash_inside);
      static_cast<void>(process.append(1));
    }
    // Only where the newest slot is in the cache alone, as its writer left it when it died before
    // the sync.
    const auto next = machine->after_process_crash();
    if (committed(*next) != 42U || committed(*next->after_power_cut(0)) != 41U) continue;
    ++tried;
    auto lock = LockFile::open(*next, layout_);
    ASSERT_TRUE(recover(*next, layout_, *info_, *keys_, *lock));
    EXPECT_EQ(committed(*next->after_power_cut(0)), 42U) << step;
  }
  EXPECT_GE(tried, 1U);
}

}  // namespace
}  // namespace tally::log
