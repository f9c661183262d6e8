// SPDX-License-Identifier: Apache-2.0
#include "spool/spool.h"

#include "base/limits.h"
#include "storage/simulated_file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tally::spool {
namespace {

using storage::FaultKind;
using storage::FileSystem;
using storage::SimulatedFileSystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Records = std::vector<std::string>;

std::unique_ptr<Spool> open(FileSystem& fs, const std::string& instance = "i1",
                            std::uint64_t bytes_max = kMiB, const std::string& log = "log1") {
  auto spool = Spool::open(fs, "/spool", {bytes_max, log, instance});
  EXPECT_TRUE(spool) << spool.error().detail;
  return spool ? std::move(*spool) : nullptr;
}

/// A log that takes what it is given, until told to fail.
struct Log final : Spool::Log {
  Records records;
  std::size_t fail_after = SIZE_MAX;  ///< batches
  bool lie =
      false;  ///< the batch that fails is durable all the same, as when the process dies then

  Result<std::uint64_t> size() override { return records.size(); }
  Result<void> write(std::span<const std::string> batch,
                     std::optional<std::uint64_t> maybe_since) override {
    if (fail_after == 0 && !lie) return fail(Errc::disk_full, "the log is full");
    for (const std::string& record : batch) {
      const auto from =
          maybe_since ? records.begin() + static_cast<std::ptrdiff_t>(*maybe_since) : records.end();
      if (std::find(from, records.end(), record) == records.end()) records.push_back(record);
    }
    if (fail_after == 0) return fail(Errc::disk_full, "the log is full");
    --fail_after;
    return {};
  }
};

TEST(Spool, NothingAddedMakesNoFile) {
  SimulatedFileSystem fs;
  auto spool = open(fs);
  EXPECT_TRUE(spool->empty());
  Log log;
  const auto replayed = spool->replay(log);
  ASSERT_TRUE(replayed);
  EXPECT_EQ(replayed->records, 0U);
  EXPECT_TRUE(spool->sync());
  EXPECT_THAT(fs.paths(), IsEmpty());
}

TEST(Spool, GivesWhatWasAddedOnceInOrderAndRemovesTheFile) {
  SimulatedFileSystem fs;
  auto spool = open(fs);
  Records given;
  for (int i = 0; i < 1000; ++i) {
    given.push_back("record " + std::to_string(i));
    ASSERT_TRUE(spool->add(given.back()));
  }
  EXPECT_FALSE(spool->empty());
  Records seen;
  ASSERT_TRUE(spool->visit([&](std::string_view record) { seen.emplace_back(record); }));
  EXPECT_EQ(seen, given);
  Log log;
  const auto replayed = spool->replay(log);
  ASSERT_TRUE(replayed) << replayed.error().detail;
  EXPECT_EQ(replayed->records, 1000U);
  EXPECT_EQ(log.records, given);
  EXPECT_TRUE(spool->empty());
  EXPECT_THAT(fs.paths(), IsEmpty());
  EXPECT_EQ(spool->replay(log)->records, 0U);
}

TEST(Spool, AFailingLogLeavesTheRestForLater) {
  SimulatedFileSystem fs;
  auto spool = open(fs);
  Records given;
  for (std::size_t i = 0; i < 3 * kSpoolBatchRecords; ++i) {
    given.push_back(std::to_string(i));
    ASSERT_TRUE(spool->add(given.back()));
  }
  Log log;
  log.fail_after = 1;
  EXPECT_EQ(spool->replay(log).error().code, Errc::disk_full);
  EXPECT_EQ(log.records.size(), kSpoolBatchRecords);
  EXPECT_FALSE(spool->empty());
  given.emplace_back("added meanwhile");
  ASSERT_TRUE(spool->add(given.back()));
  log.fail_after = SIZE_MAX;
  ASSERT_TRUE(spool->replay(log));
  EXPECT_EQ(log.records, given);
  EXPECT_TRUE(spool->empty());
}

TEST(Spool, SurvivesTheProcess) {
  SimulatedFileSystem fs;
  {
    auto first = open(fs, "i1");
    ASSERT_TRUE(first->add("a"));
    auto second = open(fs, "i2");
    ASSERT_TRUE(second->add("b"));
    // What a living process has is its own.
    Log log;
    ASSERT_TRUE(second->replay(log));
    EXPECT_THAT(log.records, ElementsAre("b"));
  }
  const auto after = fs.after_process_crash();
  auto spool = open(*after, "i3");
  EXPECT_FALSE(spool->empty());
  Log log;
  ASSERT_TRUE(spool->replay(log));
  EXPECT_THAT(log.records, ElementsAre("a"));
  EXPECT_THAT(after->paths(), IsEmpty());
}

TEST(Spool, RecordsNeverGoIntoAnotherLog) {
  SimulatedFileSystem fs;
  { ASSERT_TRUE(open(fs, "i1", kMiB, "log1")->add("a")); }
  auto other = open(fs, "i2", kMiB, "log2");
  EXPECT_TRUE(other->empty());
  Log log;
  ASSERT_TRUE(other->replay(log));
  EXPECT_THAT(log.records, IsEmpty());
}

TEST(Spool, IsBoundedOverAllFiles) {
  SimulatedFileSystem fs;
  const std::string record(1000, 'x');
  std::size_t taken = 0;
  {
    auto first = open(fs, "i1", 10'000);
    while (first->add(record)) ++taken;
    EXPECT_EQ(taken, 9U);
    while (first->add("y")) ++taken;
    EXPECT_EQ(first->add("y").error().code, Errc::overloaded);
    EXPECT_THAT(first->add("y").error().detail, HasSubstr("is full"));
  }
  auto second = open(fs, "i2", 10'000);
  EXPECT_EQ(second->add(record).error().code, Errc::overloaded);
  Log log;
  ASSERT_TRUE(second->replay(log));
  EXPECT_EQ(log.records.size(), taken);
  EXPECT_TRUE(second->add(record));
}

TEST(Spool, RefusesWhatIsNoRecord) {
  SimulatedFileSystem fs;
  auto spool = open(fs);
  EXPECT_EQ(spool->add("").error().code, Errc::invalid_argument);
  EXPECT_EQ(spool->add("a\nb").error().code, Errc::invalid_argument);
  EXPECT_EQ(spool->add(std::string(kEntryBytesMax + 1, 'x')).error().code, Errc::too_large);
  EXPECT_TRUE(spool->empty());
}

TEST(Spool, AFailedSyncBeginsANewFile) {
  SimulatedFileSystem fs;
  auto spool = open(fs);
  ASSERT_TRUE(spool->add("a"));
  fs.fail_at(fs.steps(), FaultKind::failed_sync);
  EXPECT_FALSE(spool->sync());
  ASSERT_TRUE(spool->add("b"));
  EXPECT_TRUE(spool->sync());
  EXPECT_EQ(fs.paths().size(), 2U);
  Log log;
  ASSERT_TRUE(spool->replay(log));
  EXPECT_THAT(log.records, ElementsAre("a", "b"));
}

/// One life of a process: adds, syncs, replays in part, adds, replays. Says what it was told.
struct Life {
  Records durable;  ///< add() took them and the next sync() succeeded
  Records taken;    ///< add() took them
  Records logged;   ///< the log has them
};

Life live(FileSystem& fs, const std::string& instance) {
  Life life;
  auto spool = Spool::open(fs, "/spool", {kMiB, "log1", instance});
  if (!spool) return life;
  Log log;
  const auto add = [&](int from, int to) {
    Records unsynced;
    for (int i = from; i < to; ++i) {
      const std::string record = instance + ' ' + std::to_string(i);
      if ((*spool)->add(record)) unsynced.push_back(record);
    }
    life.taken.insert(life.taken.end(), unsynced.begin(), unsynced.end());
    if ((*spool)->sync()) {
      life.durable.insert(life.durable.end(), unsynced.begin(), unsynced.end());
    }
  };
  add(0, 3);
  log.fail_after = 0;
  log.lie = true;
  static_cast<void>((*spool)->replay(log));
  add(3, 6);
  log.fail_after = SIZE_MAX;
  static_cast<void>((*spool)->replay(log));
  life.logged = log.records;
  return life;
}

/// What is in the log once the next process replayed, which is not planned to fail.
Records drain(FileSystem& fs, const Life& life) {
  Log log;
  log.records = life.logged;
  auto spool = open(fs, "z");
  const auto replayed = spool->replay(log);
  EXPECT_TRUE(replayed) << replayed.error().detail;
  EXPECT_TRUE(spool->empty());
  EXPECT_EQ(spool->replay(log)->records, 0U);
  return log.records;
}

void expect_all_once(const Records& promised, const Records& found, const std::string& where) {
  const std::multiset<std::string> all(found.begin(), found.end());
  for (const std::string& record : promised) EXPECT_EQ(all.count(record), 1U) << where << record;
  for (const std::string& record : all) EXPECT_EQ(all.count(record), 1U) << where << record;
}

TEST(Spool, AFaultAtEveryStep) {
  for (const FaultKind kind : storage::kFaultKinds) {
    std::uint64_t step = 0;
    for (;; ++step) {
      SimulatedFileSystem fs;
      fs.fail_at(step, kind);
      const Life life = live(fs, "i1");
      if (fs.faults_hit() == 0) break;
      const std::string where =
          std::string(storage::fault_kind_name(kind)) + " at step " + std::to_string(step) + ": ";
      fs.clear_faults();
      const auto went_on = fs.after_process_crash();
      expect_all_once(life.taken, drain(*went_on, life), where + "process ended: ");
      const std::string dead_files = went_on->paths().empty() ? "" : "files are left";
      EXPECT_EQ(dead_files, "") << where;
      for (const std::uint64_t seed : {0U, 1U, 2U, 3U}) {
        const auto restarted = fs.after_power_cut(seed);
        // A failed sync may lose what was taken; only what a later sync confirmed is promised.
        expect_all_once(life.durable, drain(*restarted, life), where + "power cut: ");
      }
    }
    EXPECT_GT(step, 15U);
  }
}

TEST(Spool, ThreadsMayAddWhileOneReplays) {
  SimulatedFileSystem fs;
  auto spool = open(fs);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(spool->add("before " + std::to_string(i)));
  struct AddingLog final : Spool::Log {
    Spool* spool = nullptr;
    std::size_t logged = 0;
    Result<std::uint64_t> size() override { return 0; }
    Result<void> write(std::span<const std::string> batch, std::optional<std::uint64_t>) override {
      logged += batch.size();
      EXPECT_TRUE(spool->add("during"));  // no lock is held that would keep it out
      return {};
    }
  } adding;
  adding.spool = spool.get();
  ASSERT_TRUE(spool->replay(adding));
  EXPECT_EQ(adding.logged, 10U);
  EXPECT_FALSE(spool->empty());
  Log log;
  ASSERT_TRUE(spool->replay(log));
  EXPECT_THAT(log.records, ElementsAre("during"));
}

}  // namespace
}  // namespace tally::spool
