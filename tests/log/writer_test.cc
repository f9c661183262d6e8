// SPDX-License-Identifier: Apache-2.0
#include "log/writer.h"

#include "log/log_fixture.h"
#include "merkle/tree_hasher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <unistd.h>

namespace tally::log {
namespace {

using std::chrono::milliseconds;
using storage::FaultKind;

class WriterTest : public LogFixture {
 protected:
  Layout layout() const { return Layout(directory_); }
  /// Another process that holds the commit lock.
  LockFile hold() {
    auto lock = LockFile::open(fs_, layout());
    EXPECT_EQ(lock->try_lock_commit(), true);
    lock->note_holder();
    return std::move(*lock);
  }
  /// The same for who gets the lock: on a busy machine its threads may take their time.
  static WriterOptions patient() {
    WriterOptions options = quick();
    options.lock_wait = kLockWait;
    return options;
  }
  static WriterOptions quick() {
    WriterOptions options;
    options.lock_wait = milliseconds(30);
    options.checkpoint_interval = milliseconds(0);
    return options;
  }
  /// Waits for what another thread will do, without an upper bound of its own: ctest has one.
  template <class Condition>
  static void wait_for(Condition condition) {
    while (!condition()) std::this_thread::yield();
  }
};

TEST_F(WriterTest, WhoeverFollowsIsToldOfEachCommitBeforeItIsAcknowledged) {
  std::atomic<int> told = 0;
  WriterOptions options = quick();
  options.on_committed = [&] { ++told; };
  auto writer = open(std::move(options));
  ASSERT_TRUE(writer->append(entry(0)));
  EXPECT_EQ(told, 1) << "by who commits itself";
  std::vector<EntryText> several;
  for (int i = 1; i < 4; ++i) several.push_back(entry(i));
  ASSERT_TRUE(writer->append_all(std::move(several)));
  EXPECT_EQ(told, 2) << "by the writer's thread";
  ASSERT_TRUE(writer->close());
}

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
  EXPECT_TRUE(writer->close()) << "a second time is nothing";
  EXPECT_EQ(writer->append(entry(1)).error().code, Errc::closed);
  EXPECT_EQ(writer->enqueue(entry(1)).error().code, Errc::closed);
}

TEST_F(WriterTest, EnqueuedEntriesAreCommittedWithoutAWaiter) {
  auto writer = open();
  for (int i = 0; i < 5000; ++i) ASSERT_TRUE(writer->enqueue(entry(i), std::chrono::seconds(5)));
  ASSERT_TRUE(writer->checkpoint());
  EXPECT_EQ(signed_size(), TreeSize(5000));
  EXPECT_EQ(read_all().size(), 5000U);
}

TEST_F(WriterTest, EnqueuedEntriesAreCommittedAfterTheFlushInterval) {
  auto writer = open(quick());
  ASSERT_TRUE(writer->enqueue(entry(0)));
  wait_for([&] { return read_all().size() == 1; });
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

TEST_F(WriterTest, ABatchOfOneCommitStaysTogether) {
  auto writer = open(quick());
  std::vector<EntryText> entries;
  for (int i = 0; i < 3000; ++i) entries.push_back(entry(i));
  std::size_t done = 0;
  const auto appended = writer->append_all(std::move(entries), kLockWait, &done);
  ASSERT_TRUE(appended) << appended.error().detail;
  EXPECT_EQ(done, 3000U);
  for (std::size_t i = 0; i < appended->size(); ++i) EXPECT_EQ((*appended)[i].seq, LeafIndex{i});
}

TEST_F(WriterTest, ManyThreadsGetEveryNumberOnce) {
  auto writer = open();
  constexpr std::size_t kThreads = 8;
  constexpr std::size_t kEach = 100;
  std::mutex mutex;
  std::map<std::uint64_t, std::string> acknowledged;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < kEach; ++i) {
        const EntryText one = entry(static_cast<int>(t * kEach + i));
        const auto appended = writer->append(one);
        const std::lock_guard lock(mutex);
        ASSERT_TRUE(appended) << appended.error().detail;
        std::string line;
        append_line(line, appended->seq, one.object());
        EXPECT_TRUE(acknowledged.emplace(appended->seq.value(), line).second);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  ASSERT_TRUE(writer->close());
  const auto lines = read_all();
  ASSERT_EQ(lines.size(), kThreads * kEach);
  for (const auto& [seq, line] : acknowledged) EXPECT_EQ(lines[seq], line);
}

TEST_F(WriterTest, TheLogIsSignedWhileItGrows) {
  WriterOptions options;
  options.checkpoint_interval = milliseconds(1);
  auto writer = open(options);
  ASSERT_TRUE(writer->append(entry(0)));
  wait_for([&] { return signed_size() == TreeSize{1}; });
  ASSERT_TRUE(writer->append(entry(1)));
  wait_for([&] { return signed_size() == TreeSize{2}; });
}

// The lock
// -----------------------------------------------------------------------------------------

TEST_F(WriterTest, OpenNamesWhoHoldsTheLockAfterABoundedWait) {
  ASSERT_TRUE(open()->close());
  auto other = hold();
  const auto refused = Writer::open(fs_, directory_, keys_, system_clock(), quick());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::timeout);
  EXPECT_NE(refused.error().detail.find("held by pid " + std::to_string(::getpid())),
            std::string::npos)
      << refused.error().detail;
  EXPECT_NE(refused.error().detail.find("30 ms"), std::string::npos) << refused.error().detail;
  fs_.crash();  // wakes the thread that was left behind
  keep_disk();
}

TEST_F(WriterTest, AppendNamesWhoHoldsTheLockAndTakesTheEntryBack) {
  auto writer = open(quick());
  auto other = hold();
  const auto refused = writer->append(entry(0), milliseconds(20));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::timeout);
  EXPECT_NE(refused.error().detail.find("held by pid"), std::string::npos);
  EXPECT_NE(refused.error().detail.find("20 ms"), std::string::npos) << refused.error().detail;
  other.unlock_commit();
  ASSERT_TRUE(writer->append(entry(1)));
  ASSERT_TRUE(writer->close());
  EXPECT_EQ(read_all().size(), 1U) << "the withdrawn entry came in after all";
}

TEST_F(WriterTest, ACommitThatDoesNotEndIsNamedAndCostsNobodyAnEntry) {
  auto writer = open(patient());
  ASSERT_TRUE(writer->append(entry(0)));
  auto other = hold();
  ASSERT_EQ(other.lock_head(milliseconds(0)), true);
  other.admit_commit();  // its head is on its way to the disk, for ever
  ASSERT_TRUE(writer->enqueue(entry(1)));
  const auto refused = writer->append(entry(2), milliseconds(20));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::timeout);
  EXPECT_NE(refused.error().detail.find("held by pid"), std::string::npos);
  other.unlock_commit();
  ASSERT_TRUE(writer->append(entry(3)));
  ASSERT_TRUE(writer->close());
  const auto lines = read_all();
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_NE(lines[1].find("\"n\":1"), std::string::npos);
  EXPECT_NE(lines[2].find("\"n\":3"), std::string::npos) << "2 was withdrawn";
}

TEST_F(WriterTest, ACallerGivesUpInTimeWhereverItsCommitIsStuck) {
  auto writer = open(patient());
  ASSERT_TRUE(writer->append(entry(0)));
  auto other = hold();
  ASSERT_EQ(other.lock_head(milliseconds(0)), true);
  other.admit_commit();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(writer->append(entry(1), milliseconds(50)).error().code, Errc::timeout);  // on its own
  auto ticket = writer->submit({entry(2), entry(3)}, milliseconds(50));  // by the writer's thread
  ASSERT_TRUE(ticket);
  EXPECT_EQ(writer->wait(std::move(*ticket), milliseconds(50)).error().code, Errc::timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kHeadWait) << "it waited for the commit";
  other.unlock_commit();
  ASSERT_TRUE(writer->append(entry(4)));
  ASSERT_TRUE(writer->close());
  EXPECT_EQ(read_all().size(), 2U);
}

TEST_F(WriterTest, ABatchThatTellsIsTakenBackOnRequest) {
  auto writer = open(quick());
  std::promise<std::string> told;
  const auto tell = [&told](const Result<void>& done, std::span<const EntryText> entries) {
    told.set_value(done ? "good " + std::to_string(entries.size()) : done.error().detail);
  };
  {
    auto other = hold();
    std::vector<EntryText> batch{entry(0), entry(1)};
    const auto ticket = writer->try_submit(batch, tell);
    ASSERT_TRUE(ticket);
    writer->withdraw(*ticket, milliseconds(20));
    const std::string why = told.get_future().get();
    EXPECT_NE(why.find("held by pid"), std::string::npos) << why;
    EXPECT_NE(why.find("20 ms"), std::string::npos) << why;
    writer->withdraw(*ticket, milliseconds(20));  // nobody is told twice
    other.unlock_commit();
  }
  told = {};
  std::vector<EntryText> batch{entry(2), entry(3)};
  ASSERT_TRUE(writer->try_submit(batch, tell));
  EXPECT_EQ(told.get_future().get(), "good 2");
  std::vector<EntryText> quiet{entry(4)};
  EXPECT_TRUE(writer->try_enqueue(quiet));
  ASSERT_TRUE(writer->close());
  quiet = {entry(5)};
  EXPECT_FALSE(writer->try_enqueue(quiet));
  EXPECT_EQ(quiet.size(), 1U) << "what was refused stays with the caller";
  EXPECT_FALSE(writer->try_submit(quiet, tell));
  EXPECT_EQ(quiet.size(), 1U);
  EXPECT_EQ(read_all().size(), 3U);
}

TEST_F(WriterTest, CloseIsBoundedAndSaysWhatIsLost) {
  std::vector<std::string> lost;
  std::mutex mutex;
  WriterOptions options = quick();
  options.on_lost = [&](std::span<const EntryText> entries, const Error& why) {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(why.code, Errc::timeout);
    for (const EntryText& one : entries) lost.push_back(one.object());
  };
  auto writer = open(options);
  auto other = hold();
  ASSERT_TRUE(writer->enqueue(entry(7)));
  const auto closed = writer->close();
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().code, Errc::timeout);
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_EQ(lost[0], entry(7).object());
  other.unlock_commit();
  EXPECT_EQ(read_all().size(), 0U);
  fs_.crash();
  keep_disk();
}

TEST_F(WriterTest, AnotherWhoSignsForEverMakesCloseSayThatNotAllIsSigned) {
  auto writer = open(quick());
  ASSERT_TRUE(writer->append(entry(0)));
  auto other = LockFile::open(fs_, layout());
  ASSERT_EQ(other->try_lock_publisher(), true);
  EXPECT_EQ(writer->checkpoint(milliseconds(20)).error().code, Errc::timeout);
  const Error why = writer->close().error();
  EXPECT_EQ(why.code, Errc::timeout);
  EXPECT_NE(why.detail.find("lock for signing"), std::string::npos) << why.detail;
  EXPECT_NE(why.detail.find("every entry is durable"), std::string::npos) << why.detail;
  EXPECT_EQ(signed_size(), TreeSize{0});
}

// Faults
// -------------------------------------------------------------------------------------------

TEST_F(WriterTest, AFullDiskFailsTheEntryAndLaterOnesWorkAgain) {
  auto writer = open(quick());
  ASSERT_TRUE(writer->append(entry(0)));
  fs_.set_capacity(fs_.total_bytes() + 10);
  const auto refused = writer->append(entry(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::disk_full);
  fs_.set_capacity(1 << 30);
  ASSERT_TRUE(writer->append(entry(2)));
  ASSERT_TRUE(writer->close());
  EXPECT_EQ(read_all().size(), 2U);
  EXPECT_EQ(signed_size(), TreeSize{2});
}

TEST_F(WriterTest, WhoIsToldCanLearnNumbersAndLeafHashes) {
  auto writer = open(quick());
  ASSERT_TRUE(writer->append(entry(0)));
  std::promise<std::vector<Appended>> placed;
  std::vector<EntryText> batch{entry(1), entry(2)};
  ASSERT_TRUE(writer->try_submit(
      batch, [&placed](const Result<void>& done, std::span<const EntryText> entries,
                       std::span<const Appended> appended) {
        EXPECT_TRUE(done);
        EXPECT_EQ(entries.size(), appended.size());
        placed.set_value({appended.begin(), appended.end()});
      }));
  const auto places = placed.get_future().get();
  ASSERT_TRUE(writer->close());
  const auto lines = read_all();
  ASSERT_EQ(places.size(), 2U);
  merkle::TreeHasher hasher(crypto::HashAlgorithm::sha256);
  for (std::size_t i = 0; i < places.size(); ++i) {
    EXPECT_EQ(places[i].seq, LeafIndex(i + 1));
    EXPECT_EQ(places[i].leaf_hash, hasher.leaf(lines[i + 1]));
  }
}

TEST_F(WriterTest, EntriesNobodyWaitsForAreToldWhenTheyAreLost) {
  std::atomic<std::uint64_t> lost = 0;
  WriterOptions options = quick();
  options.on_lost = [&](std::span<const EntryText> entries, const Error& why) {
    EXPECT_EQ(why.code, Errc::disk_full);
    lost += entries.size();
  };
  auto writer = open(options);
  fs_.set_capacity(fs_.total_bytes());
  ASSERT_TRUE(writer->enqueue(entry(0)));
  ASSERT_TRUE(writer->enqueue(entry(1)));
  wait_for([&] { return lost == 2U; });
  EXPECT_TRUE(writer->close());
}

TEST_F(WriterTest, AfterAFailedSyncNothingIsWrittenOrSignedUntilARestart) {
  auto writer = open(quick());
  ASSERT_TRUE(writer->append(entry(0)));
  ASSERT_TRUE(writer->checkpoint());
  fs_.fail_at(fs_.steps(), FaultKind::failed_sync);
  EXPECT_EQ(writer->append(entry(1)).error().code, Errc::sync_failed);
  EXPECT_EQ(writer->append(entry(2)).error().code, Errc::poisoned);
  EXPECT_EQ(writer->checkpoint().error().code, Errc::poisoned);
  EXPECT_EQ(writer->close().error().code, Errc::poisoned);
  EXPECT_EQ(signed_size(), TreeSize{1});

  auto next = open(patient());
  const auto report = next->take_recovery_report();
  ASSERT_TRUE(report);
  EXPECT_FALSE(next->take_recovery_report()) << "given once";
  ASSERT_TRUE(next->append(entry(3)));
  ASSERT_TRUE(next->close());
  EXPECT_EQ(signed_size().value(), read_all().size());
}

TEST_F(WriterTest, AnotherProcesssFailedSyncIsMendedBeforeSigning) {
  auto writer = open(quick());
  ASSERT_TRUE(writer->append(entry(0)));
  LockFile::open(fs_, layout())->set_failed_mark(TreeSize{1});
  const auto checkpoint = writer->checkpoint();
  ASSERT_TRUE(checkpoint) << checkpoint.error().detail;
  EXPECT_EQ(checkpoint->size(), TreeSize{1});
  LockFile::open(fs_, layout())->set_failed_mark(TreeSize{1});
  EXPECT_TRUE(writer->close());
  EXPECT_FALSE(LockFile::open(fs_, layout())->failed_mark()->has_value());
}

TEST_F(WriterTest, DamageFoundWhileSigningStopsWritingAndIsTold) {
  std::atomic<int> problems = 0;
  WriterOptions options = quick();
  options.on_problem = [&](const Error& problem) {
    EXPECT_EQ(problem.code, Errc::corrupt);
    ++problems;
  };
  auto writer = open(options);
  ASSERT_TRUE(writer->append(entry(0)));
  EXPECT_FALSE(writer->integrity_failure());
  fs_.overwrite(layout().segment(LeafIndex{0}), 20, as_bytes("X"));
  EXPECT_EQ(writer->checkpoint().error().code, Errc::corrupt);
  EXPECT_EQ(problems, 1);
  ASSERT_TRUE(writer->integrity_failure());
  EXPECT_EQ(writer->integrity_failure()->code, Errc::corrupt);
  EXPECT_EQ(writer->append(entry(1)).error().code, Errc::corrupt);
  EXPECT_TRUE(writer->close());
  EXPECT_EQ(signed_size(), TreeSize{0});
}

TEST_F(WriterTest, ADamagedLogIsNotOpened) {
  auto writer = open(quick());
  ASSERT_TRUE(writer->append(entry(0)));
  fs_.overwrite(layout().segment(LeafIndex{0}), 20, as_bytes("X"));
  const auto refused = Writer::open(fs_, directory_, keys_, system_clock(), quick());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::corrupt);
  EXPECT_NE(refused.error().detail.find("entry 0"), std::string::npos) << refused.error().detail;
}

/// A sample of what every_step_test does without threads: steps come in another order here from run
/// to run.
TEST_F(WriterTest, WhatItAcknowledgesSurvivesAFaultAtSomeStep) {
  ASSERT_TRUE(open(quick())->close());
  for (const FaultKind kind : storage::kFaultKinds) {
    for (std::uint64_t step = 0; step < 60; step += 3) {
      SCOPED_TRACE(std::string(fault_kind_name(kind)) + " at step " + std::to_string(step));
      const auto machine = fs_.after_process_crash();
      machine->fail_at(step, kind);
      std::vector<Appended> acknowledged;
      {
        WriterOptions options = quick();
        options.segment_bytes = 500;
        options.checkpoint_interval = milliseconds(1);
        auto writer = Writer::open(*machine, directory_, keys_, system_clock(), options);
        std::mutex mutex;
        std::vector<std::thread> threads;
        for (int t = 0; writer && t < 3; ++t) {
          threads.emplace_back([&, t] {
            for (int i = 0; i < 4; ++i) {
              const auto appended = (*writer)->append(entry(10 * t + i, 50));
              if (!appended) continue;
              const std::lock_guard lock(mutex);
              acknowledged.push_back(*appended);
            }
          });
        }
        for (auto& thread : threads) thread.join();
      }
      for (const bool power : {false, true}) {
        const auto after = power ? machine->after_power_cut(step) : machine->after_process_crash();
        auto writer = Writer::open(*after, directory_, keys_, system_clock(), quick());
        ASSERT_TRUE(writer) << writer.error().detail;
        ASSERT_TRUE((*writer)->append(entry(99)));
        ASSERT_TRUE((*writer)->close());
        auto reader = Reader::open(*after, directory_);
        const Head head = *reader->head();
        merkle::TreeHasher hasher(reader->info().hash);
        for (const Appended& one : acknowledged) {
          const auto line = reader->line(head, one.seq);
          ASSERT_TRUE(line) << "entry " << one.seq.value() << " is lost: " << line.error().detail;
          EXPECT_EQ(hasher.leaf(*line), one.leaf_hash);
        }
        EXPECT_EQ(last_signed(*after, layout(), keys_->signer.verifier())->size(), head.size);
      }
      if (HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace tally::log
