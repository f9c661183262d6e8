// SPDX-License-Identifier: Apache-2.0
// Real processes on real files: killed at random moments, stopped while they hold the lock,
// starting together, competing. What they were told is durable is there afterwards.
#include "e2e/kill/worker_process.h"
#include "log/create.h"
#include "log/reader.h"
#include "log/verifier.h"
#include "log/writer.h"
#include "merkle/tree_hasher.h"
#include "storage/temporary_directory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <random>

namespace tally::log {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

class KillTest : public ::testing::Test {
 protected:
  std::unique_ptr<WorkerProcess> start(int threads, std::uint64_t segment_bytes = 20'000,
                                       int checkpoint_ms = 5) {
    return std::make_unique<WorkerProcess>(
        std::vector<std::string>{"append", directory_, home_, std::to_string(threads),
                                 std::to_string(segment_bytes), std::to_string(checkpoint_ms)});
  }
  Environment environment() {
    return [this](const std::string& name) -> std::optional<std::string> {
      return name == "HOME" ? std::optional(home_) : std::nullopt;
    };
  }
  Result<std::unique_ptr<Writer>> open(WriterOptions options = {}) {
    TALLY_TRY(auto opened,
              open_or_create(fs_, directory_, {}, false, environment(), system_random()));
    return Writer::open(fs_, directory_, std::make_shared<Keys>(std::move(opened.keys)),
                        system_clock(), std::move(options));
  }
  static EntryText entry(int n) {
    return *EntryText::from_object(R"({"test":)" + std::to_string(n) + "}");
  }

  /// Compares the log from entry `from` on with what was acknowledged there; gives its size.
  std::uint64_t expect_in_log(const std::map<std::uint64_t, std::string>& acknowledged,
                              std::uint64_t from) {
    auto reader = Reader::open(fs_, directory_);
    if (!reader) {
      EXPECT_TRUE(acknowledged.empty()) << "no log: " << reader.error().detail;
      return 0;
    }
    const auto head = reader->head();
    EXPECT_TRUE(head) << head.error().detail;
    merkle::TreeHasher hasher(reader->info().hash);
    auto next = acknowledged.lower_bound(from);
    const auto scanned =
        reader->scan(*head, LeafIndex{from}, [&](LeafIndex seq, std::string_view line) {
          if (next == acknowledged.end() || next->first != seq.value()) return true;
          EXPECT_EQ(hasher.leaf(line).to_hex(), next->second)
              << "entry " << next->first << " is another one";
          ++next;
          return true;
        });
    EXPECT_TRUE(scanned) << scanned.error().detail;
    EXPECT_TRUE(next == acknowledged.end())
        << "entry " << next->first << " was acknowledged and is lost";
    return head->size.value();
  }
  void expect_verified() {
    auto writer = open();
    ASSERT_TRUE(writer) << writer.error().detail;
    const auto closed = (*writer)->close();
    ASSERT_TRUE(closed) << closed.error().detail;
    const auto report = verify_log(fs_, directory_, {}, environment());
    ASSERT_TRUE(report) << report.error().detail;
    for (const Problem& problem : report->problems) ADD_FAILURE() << problem.detail;
    EXPECT_EQ(report->signed_size, report->size);
  }

  storage::FileSystem& fs_ = storage::posix_file_system();
  storage::TemporaryDirectory temporary_;
  std::string directory_ = temporary_ / "log";
  std::string home_ = temporary_ / "home";
};

TEST_F(KillTest, NoAcknowledgedEntryIsLostHoweverOftenWritersAreKilled) {
  constexpr int kRounds = 150;
  std::mt19937 random(20261121);
  std::map<std::uint64_t, std::string> acknowledged;
  std::uint64_t checked = 0;
  int kills = 0;
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    std::vector<std::unique_ptr<WorkerProcess>> workers;
    for (int i = 0; i < 1 + round % 3; ++i)
      workers.push_back(start(1 + static_cast<int>(random() % 4)));
    if (round % 4 == 0) {  // while it opens and recovers, or soon after
      workers[0]->listen(1'000'000, microseconds(random() % 8'000));
    } else {
      workers[0]->listen(1 + random() % 60, seconds(20));
    }
    for (auto& worker : workers) {
      worker->send(SIGKILL);
      // The others go on for a moment with what the dead one left.
      if (random() % 2 == 0) workers.back()->listen(1'000'000, microseconds(random() % 3'000));
    }
    for (auto& worker : workers) {
      EXPECT_EQ(worker->wait(), -SIGKILL);
      ++kills;
      for (const Acknowledged& one : worker->acknowledged()) {
        EXPECT_TRUE(acknowledged.emplace(one.seq, one.leaf_hash).second)
            << one.seq << " was acknowledged twice";
      }
    }
    checked = expect_in_log(acknowledged, checked);
  }
  std::cout << kills << " processes killed, " << acknowledged.size() << " entries acknowledged, "
            << checked << " in the log\n";
  EXPECT_GE(kills, 100);
  EXPECT_GE(acknowledged.size(), 1000U);
  expect_in_log(acknowledged, 0);
  expect_verified();
}

TEST_F(KillTest, ProcessesThatStartTogetherMakeOneLog) {
  for (int round = 0; round < 10; ++round) {
    directory_ = temporary_ / ("together" + std::to_string(round));
    std::vector<std::unique_ptr<WorkerProcess>> workers;
    for (int i = 0; i < 6; ++i) workers.push_back(start(1));
    std::map<std::uint64_t, std::string> acknowledged;
    for (auto& worker : workers) worker->listen(2, seconds(20));
    for (auto& worker : workers) worker->send(SIGTERM);
    for (auto& worker : workers) {
      EXPECT_EQ(worker->wait(), 0);
      EXPECT_GE(worker->lines().size(), 2U);
      for (const Acknowledged& one : worker->acknowledged())
        acknowledged.emplace(one.seq, one.leaf_hash);
    }
    EXPECT_EQ(expect_in_log(acknowledged, 0), acknowledged.size());
  }
  expect_verified();
}

TEST_F(KillTest, AStoppedHolderOfTheLockIsNamedAndReadersStillRead) {
  WriterOptions options;
  options.lock_wait = milliseconds(300);
  auto writer = open(options);
  ASSERT_TRUE(writer) << writer.error().detail;
  ASSERT_TRUE((*writer)->append(entry(0)));
  WorkerProcess holder({"hold", directory_});
  holder.listen(1, seconds(20));
  ASSERT_EQ(holder.lines(), (std::vector<std::string>{"held"}));
  holder.send(SIGSTOP);
  holder.wait_stopped();
  const std::string named = "held by pid " + std::to_string(holder.pid()) + " (stopped)";

  const auto start = std::chrono::steady_clock::now();
  const auto opened = open(options);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::timeout);
  EXPECT_NE(opened.error().detail.find(named), std::string::npos) << opened.error().detail;
  const auto appended = (*writer)->append(entry(1), milliseconds(300));
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().code, Errc::timeout);
  EXPECT_NE(appended.error().detail.find(named), std::string::npos) << appended.error().detail;
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(5));

  auto reader = Reader::open(fs_, directory_);
  ASSERT_TRUE(reader);
  const auto head = reader->head();
  ASSERT_TRUE(head) << head.error().detail;
  EXPECT_TRUE(verify_log(fs_, directory_, {}, environment())->ok());

  holder.send(SIGCONT);
  holder.send(SIGTERM);
  EXPECT_EQ(holder.wait(), 0);
  const auto again = (*writer)->append(entry(2), seconds(20));
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->seq, LeafIndex{1}) << "the entry whose time was over was taken back";
}

TEST_F(KillTest, FourBusyProcessesGetTheirShareAndAFifthGetsIn) {
  std::vector<std::unique_ptr<WorkerProcess>> workers;
  for (int i = 0; i < 4; ++i) workers.push_back(start(1, 1 << 20, 1000));
  for (auto& worker : workers) worker->listen(20, seconds(20));

  const auto before = std::chrono::steady_clock::now();
  auto fifth = open();  // within its 5 s, although somebody always waits at the turnstile
  ASSERT_TRUE(fifth) << fifth.error().detail;
  ASSERT_TRUE((*fifth)->append(entry(0)));
  const auto waited = std::chrono::steady_clock::now() - before;
  ASSERT_TRUE((*fifth)->close());

  std::vector<std::size_t> counts;
  for (auto& worker : workers) counts.push_back(worker->lines().size());
  const auto end = std::chrono::steady_clock::now() + milliseconds(1500);
  while (std::chrono::steady_clock::now() < end) {
    for (auto& worker : workers) worker->listen(1'000'000, milliseconds(10));
  }
  for (auto& worker : workers) worker->send(SIGTERM);
  std::vector<std::int64_t> waits;
  std::size_t total = 0;
  for (std::size_t i = 0; i < workers.size(); ++i) {
    EXPECT_EQ(workers[i]->wait(), 0);
    const auto all = workers[i]->acknowledged();
    for (std::size_t k = counts[i]; k < all.size(); ++k) waits.push_back(all[k].microseconds);
    counts[i] = all.size() - counts[i];
    total += counts[i];
  }
  ASSERT_GT(total, 40U);
  std::ranges::sort(waits);
  const auto mean = std::accumulate(waits.begin(), waits.end(), std::int64_t{0}) /
                    static_cast<std::int64_t>(total);
  std::cout << "shares in %:";
  for (const std::size_t count : counts) {
    std::cout << " " << 100 * count / total;
    EXPECT_GE(100 * count / total, 10U);
  }
  // Four take turns, so an entry waits for four commits: one commit is a quarter of the mean.
  std::cout << "; one commit " << mean / 4 << " us, wait p50 " << waits[waits.size() / 2]
            << " us, p99 " << waits[waits.size() * 99 / 100] << " us; the fifth waited "
            << std::chrono::duration_cast<milliseconds>(waited).count() << " ms\n";
  expect_verified();
}

TEST_F(KillTest, AFullDiskRefusesEntriesAndIsFineAgainWhenThereIsRoom) {
  ASSERT_TRUE(storage::make_directories(fs_, home_));
  WorkerProcess child({"full", home_ + "/log", home_});
  const int status = child.wait();
  // Where nobody may mount, tests/log/writer_test.cc shows the same on a simulated disk.
  if (status == 77) std::cout << "no small file system here: not tried on real files\n";
  EXPECT_TRUE(status == 0 || status == 77) << status;
}

TEST_F(KillTest, AProgramThatIsStartedInheritsNoFileOfTheLog) {
  auto writer = open();
  ASSERT_TRUE(writer) << writer.error().detail;
  ASSERT_TRUE((*writer)->append(entry(0)));
  ASSERT_TRUE((*writer)->checkpoint());
  auto reader = Reader::open(fs_, directory_);
  ASSERT_TRUE(reader->head());
  WorkerProcess child({"files"});
  EXPECT_EQ(child.wait(), 0);
  EXPECT_GE(child.lines().size(), 3U);
  for (const std::string& line : child.lines()) {
    EXPECT_EQ(line.find(temporary_.path()), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace tally::log
