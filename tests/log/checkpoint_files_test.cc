// SPDX-License-Identifier: Apache-2.0
#include "log/checkpoint_files.h"

#include "log/writing_process.h"
#include "merkle/tree_hasher.h"
#include "storage/simulated_file_system.h"

#include <gtest/gtest.h>

#include <span>

namespace tally::log {
namespace {

using storage::FaultKind;

class CheckpointFilesTest : public ::testing::Test {
 protected:
  CheckpointFilesTest() {
    EXPECT_TRUE(fs_.make_directory("/log"));
    EXPECT_TRUE(fs_.sync_directory("/"));
    fs_.put(layout_.checkpoints(), "");
    EXPECT_TRUE(write_checkpoint(fs_, layout_, note(0)));
  }
  /// Signed by the log's key, over `size` entries.
  std::string note(std::uint64_t size) {
    merkle::TreeHasher hasher(crypto::HashAlgorithm::sha256);
    const auto leaf = hasher.leaf("root of " + std::to_string(size));
    const auto root = size == 0 ? hasher.empty_root() : merkle::RootHash::from_bytes(leaf.bytes());
    return *merkle::sign_checkpoint({keys_.signer.name(), TreeSize{size}, root}, keys_.signer);
  }
  const crypto::NoteVerifier& key() { return keys_.signer.verifier(); }
  std::vector<std::string> kept(std::uint64_t* incomplete = nullptr) {
    std::vector<std::string> out;
    std::uint64_t tail = 0;
    EXPECT_TRUE(for_each_kept(
        fs_, layout_,
        [&](std::string_view one, std::uint64_t) {
          out.emplace_back(one);
          return true;
        },
        tail));
    if (incomplete != nullptr) *incomplete = tail;
    return out;
  }
  RepeatableRandom random_{1};
  Keys keys_ = std::move(*Keys::generate("origin.example/log", "", random_));
  storage::SimulatedFileSystem fs_;
  Layout layout_{"/log"};
};

TEST_F(CheckpointFilesTest, TheLatestIsReplacedAndReadBack) {
  ASSERT_TRUE(write_checkpoint(fs_, layout_, note(5)));
  const auto read = read_checkpoint(fs_, layout_, key());
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->size(), TreeSize{5});
  EXPECT_EQ(fs_.after_power_cut(0)->content(layout_.checkpoint()), note(5));
}

TEST_F(CheckpointFilesTest, AnotherKeyIsRefused) {
  const auto other = Keys::generate("origin.example/log", "", random_);
  EXPECT_EQ(read_checkpoint(fs_, layout_, other->signer.verifier()).error().code, Errc::mismatch);
  fs_.erase(layout_.checkpoint());
  EXPECT_EQ(read_checkpoint(fs_, layout_, key()).error().code, Errc::not_found);
}

TEST_F(CheckpointFilesTest, KeptOnesAreGivenInOrderWithTheirPlaces) {
  for (const std::uint64_t size : {0U, 3U, 4U})
    ASSERT_TRUE(keep_checkpoint(fs_, layout_, note(size)));
  std::vector<std::uint64_t> places;
  std::uint64_t incomplete = 1;
  ASSERT_TRUE(for_each_kept(
      fs_, layout_,
      [&](std::string_view, std::uint64_t offset) {
        places.push_back(offset);
        return true;
      },
      incomplete));
  EXPECT_EQ(incomplete, 0U);
  EXPECT_EQ(kept(), (std::vector{note(0), note(3), note(4)}));
  EXPECT_EQ(places, (std::vector<std::uint64_t>{0, note(0).size() + 2,
                                                note(0).size() + note(3).size() + 4}));
  EXPECT_EQ(*last_kept(fs_, layout_), note(4));
}

TEST_F(CheckpointFilesTest, TheSameOneTwiceInARowIsKeptOnce) {
  ASSERT_TRUE(keep_checkpoint(fs_, layout_, note(3)));
  ASSERT_TRUE(keep_checkpoint(fs_, layout_, note(3)));
  EXPECT_EQ(kept().size(), 1U);
}

TEST_F(CheckpointFilesTest, TheLastIsFoundInALongHistory) {
  for (std::uint64_t size = 0; size < 200; ++size)
    ASSERT_TRUE(keep_checkpoint(fs_, layout_, note(size)));
  EXPECT_GT(fs_.content(layout_.checkpoints())->size(), 4U * 4096);
  EXPECT_EQ(*last_kept(fs_, layout_), note(199));
  EXPECT_EQ(kept().size(), 200U);
}

TEST_F(CheckpointFilesTest, TheNewerOfLatestAndKeptCounts) {
  EXPECT_EQ(last_signed(fs_, layout_, key())->size(), TreeSize{0});
  ASSERT_TRUE(keep_checkpoint(fs_, layout_, note(3)));
  EXPECT_EQ(last_signed(fs_, layout_, key())->size(), TreeSize{3})
      << "a crash came before the latest was written";
  ASSERT_TRUE(write_checkpoint(fs_, layout_, note(7)));
  EXPECT_EQ(last_signed(fs_, layout_, key())->size(), TreeSize{7});
}

TEST_F(CheckpointFilesTest, AnUnfinishedRecordIsPassedOverAndThenCut) {
  ASSERT_TRUE(keep_checkpoint(fs_, layout_, note(3)));
  const std::string whole = *fs_.content(layout_.checkpoints());
  const std::string next = note(4) + "\n\n";
  for (std::size_t bytes = 1; bytes < next.size(); ++bytes) {
    fs_.put(layout_.checkpoints(), whole + next.substr(0, bytes));
    EXPECT_EQ(*last_kept(fs_, layout_), note(3)) << bytes;
    std::uint64_t incomplete = 0;
    EXPECT_EQ(kept(&incomplete).size(), 1U);
    EXPECT_EQ(incomplete, bytes);
    ASSERT_TRUE(keep_checkpoint(fs_, layout_, note(5)));
    EXPECT_EQ(kept(&incomplete), (std::vector{note(3), note(5)})) << bytes;
    EXPECT_EQ(incomplete, 0U);
  }
}

TEST_F(CheckpointFilesTest, ARecordWhoseBeginningAPowerCutTookIsPassedOverAndThenCut) {
  ASSERT_TRUE(keep_checkpoint(fs_, layout_, note(3)));
  const std::string whole = *fs_.content(layout_.checkpoints());
  std::string next = note(4) + "\n\n";
  for (std::size_t zeros = 1; zeros <= next.size(); ++zeros) {
    next[zeros - 1] = '\0';
    fs_.put(layout_.checkpoints(), whole + next);
    EXPECT_EQ(*last_kept(fs_, layout_), note(3)) << zeros;
    EXPECT_EQ(last_signed(fs_, layout_, key())->size(), TreeSize{3}) << zeros;
    ASSERT_TRUE(keep_checkpoint(fs_, layout_, note(5)));
    EXPECT_EQ(kept(), (std::vector{note(3), note(5)})) << zeros;
  }
}

TEST_F(CheckpointFilesTest, NothingButATornRecordIsNoRecord) {
  fs_.put(layout_.checkpoints(), std::string(100, '\0') + "\n\n\n");
  EXPECT_EQ(*last_kept(fs_, layout_), std::nullopt);
  EXPECT_EQ(last_signed(fs_, layout_, key())->size(), TreeSize{0});
  ASSERT_TRUE(keep_checkpoint(fs_, layout_, note(1)));
  EXPECT_EQ(kept(), (std::vector{note(1)}));
}

TEST_F(CheckpointFilesTest, AForgedRecordIsRefused) {
  ASSERT_TRUE(keep_checkpoint(fs_, layout_, note(3)));
  std::string forged = note(4);
  forged.replace(forged.find("\n4\n"), 3, "\n5\n");
  ASSERT_TRUE(keep_checkpoint(fs_, layout_, forged));
  EXPECT_FALSE(last_signed(fs_, layout_, key()));
}

TEST_F(CheckpointFilesTest, BytesWithoutEndAreCorruptAndNotReadIntoMemory) {
  fs_.put(layout_.checkpoints(), std::string(3 << 20, 'x'));
  std::uint64_t incomplete = 0;
  const auto read = for_each_kept(
      fs_, layout_, [](std::string_view, std::uint64_t) { return true; }, incomplete);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::corrupt);
}

TEST_F(CheckpointFilesTest, ThePowerCutsWhileTwoAreKeptAndTheFirstSyncFails) {
  // However the sectors of both records are mixed, the history before them stays, and only the last
  // may be torn.
  ASSERT_TRUE(keep_checkpoint(fs_, layout_, note(1)));
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto machine = fs_.after_process_crash();
    machine->fail_at(machine->steps(), FaultKind::failed_sync);
    const auto failed = keep_checkpoint(*machine, layout_, note(20'000 + seed));
    ASSERT_FALSE(failed);
    const auto next = machine->after_process_crash();
    next->fail_at(2, FaultKind::crash_inside);  // write, sync, write
    static_cast<void>(keep_checkpoint(*next, layout_, note(30'000 + seed)));
    const auto after = next->after_power_cut(seed);
    const auto last = last_signed(*after, layout_, key());
    ASSERT_TRUE(last) << last.error().detail;
    ASSERT_TRUE(keep_checkpoint(*after, layout_, note(40'000)));
    std::uint64_t incomplete = 0;
    std::size_t count = 0;
    ASSERT_TRUE(for_each_kept(
        *after, layout_,
        [&](std::string_view one, std::uint64_t) {
          ++count;
          EXPECT_TRUE(merkle::verify_checkpoint(one, std::span(&key(), 1), key().name())) << one;
          return true;
        },
        incomplete));
    EXPECT_GE(count, 2U);
    EXPECT_EQ(incomplete, 0U);
  }
}

}  // namespace
}  // namespace tally::log
