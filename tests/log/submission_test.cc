// SPDX-License-Identifier: Apache-2.0
#include "log/submission.h"

#include "log/log_fixture.h"
#include "merkle/tree_hasher.h"

#include <gtest/gtest.h>

#include <thread>

namespace tally::log {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kLong{60'000};

SubmissionQueue::Item item(std::size_t entries = 1, bool awaited = true, std::size_t padding = 0) {
  auto state = std::make_shared<Writer::Ticket::State>();
  for (std::size_t i = 0; i < entries; ++i)
    state->entries.push_back(entry(static_cast<int>(i), padding));
  for (const EntryText& one : state->entries) state->bytes += one.object().size();
  state->awaited = awaited;
  return state;
}

/// As a commit gives them; which ones does not matter here.
std::vector<Appended> places(std::size_t count) {
  const auto leaf = merkle::TreeHasher(crypto::HashAlgorithm::sha256).leaf(std::string_view("a"));
  return {count, Appended{LeafIndex{7}, leaf}};
}

class SubmissionTest : public ::testing::Test {
 protected:
  void push(const SubmissionQueue::Item& one) { ASSERT_TRUE(queue_.push(one, milliseconds(0))); }
  /// So many entries that nobody waits for, queued together and committed.
  void commit_all(std::size_t count, std::size_t padding) {
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<EntryText> entries{entry(3, padding)};
      ASSERT_TRUE(queue_.try_push_unawaited(entries));
    }
    while (!queue_.idle()) {
      const auto items = queue_.take(kCommitEntriesMax);
      queue_.finish_committed(items, places(items.size()));
    }
  }
  /// How many there are; they are gone then.
  std::size_t spares() {
    std::size_t found = 0;
    for (bool more = true; more;) {
      std::vector<EntryText> entries{entry(4)};
      EXPECT_TRUE(queue_.try_push_unawaited(entries));
      more = !entries.empty();
      found += entries.size();
    }
    while (!queue_.idle()) {
      for (const auto& one : queue_.take(kCommitEntriesMax)) {
        queue_.finish(one, fail(Errc::disk_full, "full"));
      }
    }
    return found;
  }
  SubmissionQueue queue_;
};

TEST_F(SubmissionTest, GivesItemsInOrderAndTheirResultsBack) {
  const auto a = item();
  const auto b = item(2);
  push(a);
  push(b);
  ASSERT_TRUE(queue_.wait_for_work(kLong));
  const auto taken = queue_.take(kCommitEntriesMax);
  EXPECT_EQ(taken, (std::vector{a, b}));
  EXPECT_FALSE(queue_.idle()) << "they are with the writer";
  queue_.finish(a, std::vector<Appended>());
  queue_.finish(b, fail(Errc::disk_full, "full"));
  EXPECT_TRUE(queue_.idle());
  EXPECT_TRUE(*queue_.wait(a, milliseconds(0)));
  EXPECT_EQ(queue_.wait(b, milliseconds(0))->error().code, Errc::disk_full);
}

TEST_F(SubmissionTest, MemoryOfWhatNobodyWaitedForIsUsedAgain) {
  std::vector<EntryText> entries{entry(1), entry(2)};
  const char* const memory = entries[0].object().data();
  ASSERT_TRUE(queue_.try_push_unawaited(entries));
  EXPECT_TRUE(entries.empty());
  const auto first = queue_.take(kCommitEntriesMax);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_FALSE(first[0]->awaited);
  EXPECT_EQ(first[0]->bytes, entry(1).object().size() + entry(2).object().size());

  entries.push_back(entry(3));
  ASSERT_TRUE(queue_.try_push_unawaited(entries));
  EXPECT_TRUE(entries.empty()) << "the others are with the writer";
  queue_.finish_committed(first, places(2));
  EXPECT_FALSE(queue_.idle());
  entries.push_back(entry(4));
  ASSERT_TRUE(queue_.try_push_unawaited(entries));
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].object().data(), memory);
  const auto second = queue_.take(kCommitEntriesMax);
  ASSERT_EQ(second.size(), 2U);
  EXPECT_EQ(second[0]->entries[0].object(), entry(3).object());
  EXPECT_EQ(second[1]->entries[0].object(), entry(4).object());
  queue_.finish_committed(second, places(2));
  EXPECT_TRUE(queue_.idle());
}

TEST_F(SubmissionTest, MemoryOfLargeOnesAndOfMoreThanACommitNeedsIsFreed) {
  std::vector<EntryText> entries{entry(1, 5'000)};
  ASSERT_TRUE(queue_.try_push_unawaited(entries));
  queue_.finish_committed(queue_.take(kCommitEntriesMax), places(1));
  entries.push_back(entry(2));
  ASSERT_TRUE(queue_.try_push_unawaited(entries));
  EXPECT_TRUE(entries.empty());

  for (int commit = 0; commit < 2; ++commit) {
    commit_all(kSpareItemsMax + 100, 0);
    EXPECT_EQ(spares(), kSpareItemsMax);
  }
}

TEST_F(SubmissionTest, SparesTogetherAreBoundedInBytes) {
  constexpr std::size_t kText = 3'000;
  commit_all(kQueueBytesMax / (kText + 200), kText);
  const std::size_t kept = spares();
  EXPECT_GT(kept, kSpareBytesMax / kText / 2);
  EXPECT_LE(kept, kSpareBytesMax / kText);
  commit_all(10, kText);
  EXPECT_EQ(spares(), 10U) << "what was used is counted no more";
}

TEST_F(SubmissionTest, WhatIsRefusedStaysWithItsCaller) {
  queue_.close();
  std::vector<EntryText> entries{entry(1)};
  EXPECT_FALSE(queue_.try_push_unawaited(entries));
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].object(), entry(1).object());
}

TEST_F(SubmissionTest, TakesNoMoreThanOneCommitAndNeverSplitsAnItem) {
  for (int i = 0; i < 5; ++i) push(item(3));
  EXPECT_EQ(queue_.take(7).size(), 2U);
  EXPECT_EQ(queue_.take(2).size(), 1U) << "one item at least";
  EXPECT_EQ(queue_.take(7).size(), 2U);
  EXPECT_TRUE(queue_.take(7).empty());
  const auto large = item(60, true, 40'000);
  ASSERT_GT(2 * large->bytes, kCommitBytesMax);
  push(large);
  push(item(60, true, 40'000));
  EXPECT_EQ(queue_.take(kCommitEntriesMax).size(), 1U) << "limited by bytes";
}

TEST_F(SubmissionTest, AFullQueueRefusesAfterTheTimeGiven) {
  while (queue_.push(item(1000), milliseconds(0))) {
  }
  const auto refused = queue_.push(item(1000), milliseconds(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::overloaded);
  EXPECT_EQ(queue_.take(1000).size(), 1U);
  EXPECT_TRUE(queue_.push(item(1000), milliseconds(0))) << "there is room again";
}

TEST_F(SubmissionTest, AFullQueueLetsAWaiterInWhenThereIsRoom) {
  while (queue_.push(item(1000), milliseconds(0))) {
  }
  Result<void> pushed = fail(Errc::io, "not yet");
  std::thread waiter([&] { pushed = queue_.push(item(1000), kLong); });
  static_cast<void>(queue_.take(kCommitEntriesMax));
  waiter.join();
  EXPECT_TRUE(pushed);
}

TEST_F(SubmissionTest, BytesAreBoundedToo) {
  std::size_t bytes = 0;
  for (;;) {
    const auto next = item(20, true, 40'000);
    if (!queue_.push(next, milliseconds(0))) break;
    bytes += next->bytes;
  }
  EXPECT_LE(bytes, kQueueBytesMax);
  EXPECT_GT(bytes, kQueueBytesMax / 2);
}

TEST_F(SubmissionTest, WhatNobodyTookInTimeIsWithdrawn) {
  const auto a = item();
  const auto b = item();
  push(a);
  push(b);
  EXPECT_EQ(queue_.wait(a, milliseconds(1)), std::nullopt);
  EXPECT_EQ(queue_.take(kCommitEntriesMax), (std::vector{b}));
}

TEST_F(SubmissionTest, WithoutWaitingOnlyWhatFits) {
  const auto a = item();
  EXPECT_TRUE(queue_.try_push(a));
  const auto large = item();
  large->bytes = kQueueBytesMax;
  EXPECT_FALSE(queue_.try_push(large));
  queue_.close();
  EXPECT_FALSE(queue_.try_push(item()));
  EXPECT_EQ(queue_.take(kCommitEntriesMax), (std::vector{a}));
}

TEST_F(SubmissionTest, WhoIsToldIsToldOnceAndMayTakeBackWhatWasNotTaken) {
  std::vector<std::string> told;
  const auto telling = [&](const std::string& name) {
    auto out = item();
    out->told = [&told, name](const Result<void>& done, std::span<const EntryText> entries,
                              std::span<const Appended>) {
      told.push_back(name + (done ? " good" : " bad") + std::to_string(entries.size()));
    };
    return out;
  };
  const auto a = telling("a");
  const auto b = telling("b");
  const auto c = telling("c");
  push(a);
  push(b);
  EXPECT_TRUE(queue_.withdraw(a));
  EXPECT_FALSE(queue_.withdraw(a));
  push(c);
  const auto taken = queue_.take(kCommitEntriesMax);
  ASSERT_EQ(taken, (std::vector{b, c}));
  EXPECT_FALSE(queue_.withdraw(b));
  const auto leaf = merkle::TreeHasher(crypto::HashAlgorithm::sha256).leaf(std::string_view("b"));
  queue_.finish_committed({b}, {{LeafIndex{0}, leaf}});
  queue_.finish(c, fail(Errc::io, "of test"));
  EXPECT_EQ(told, (std::vector<std::string>{"b good1", "c bad1"}));
  EXPECT_TRUE(queue_.idle());

  const auto d = telling("d");
  const auto e = telling("e");
  push(d);
  push(e);
  const auto again = queue_.take(kCommitEntriesMax);
  EXPECT_FALSE(queue_.withdraw(d)) << "its commit has begun";
  ASSERT_TRUE(queue_.put_back(again, {Errc::timeout, "of test"}));
  EXPECT_EQ(told.back(), "d bad1") << "and could not take it";
  EXPECT_EQ(queue_.take(kCommitEntriesMax), (std::vector{e}));
}

TEST_F(SubmissionTest, WhatWasTakenIsWaitedForBeyondTheDeadline) {
  const auto a = item();
  push(a);
  ASSERT_EQ(queue_.take(1).size(), 1U);
  std::thread writer([&] { queue_.finish(a, std::vector<Appended>()); });
  EXPECT_TRUE(queue_.wait(a, milliseconds(0)).has_value());
  writer.join();
}

TEST_F(SubmissionTest, UnawaitedItemsAreDueAfterTheFlushInterval) {
  push(item(1, false));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(queue_.wait_for_work(milliseconds(20)));
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(15));
}

TEST_F(SubmissionTest, WhatDidNotFitACommitDoesNotWaitAnew) {
  for (int i = 0; i < 3; ++i) push(item(1, false));
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(queue_.wait_for_work(milliseconds(500)));
    EXPECT_EQ(queue_.take(1).size(), 1U);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(950)) << "one wait, not three";
}

TEST_F(SubmissionTest, AnAwaitedItemFlushOrAFullBatchMakesThemDueAtOnce) {
  push(item(1, false));
  push(item(1, true));
  EXPECT_TRUE(queue_.wait_for_work(kLong));
  static_cast<void>(queue_.drain());
  push(item(1, false));
  queue_.flush();
  EXPECT_TRUE(queue_.wait_for_work(kLong));
  static_cast<void>(queue_.take(1));
  push(item(kCommitEntriesMax, false));
  EXPECT_TRUE(queue_.wait_for_work(kLong));
}

TEST_F(SubmissionTest, AnUnawaitedItemWakesAWaitingWriterToStartItsClock) {
  bool work = false;
  std::thread writer([&] { work = queue_.wait_for_work(milliseconds(1)); });
  push(item(1, false));
  writer.join();
  EXPECT_TRUE(work);
}

TEST_F(SubmissionTest, AfterCloseNothingGoesInAndWhatIsThereComesOut) {
  push(item());
  queue_.close();
  EXPECT_EQ(queue_.push(item(), kLong).error().code, Errc::closed);
  EXPECT_TRUE(queue_.wait_for_work(kLong));
  const auto taken = queue_.take(1);
  queue_.finish(taken.front(), std::vector<Appended>());
  EXPECT_FALSE(queue_.wait_for_work(kLong));
  EXPECT_FALSE(queue_.idle()) << "closed is not idle: nobody may commit beside it";
}

TEST_F(SubmissionTest, CloseWakesWhoWaitsForWorkAndWhoWaitsForRoom) {
  while (queue_.push(item(1000), milliseconds(0))) {
  }
  Result<void> pushed;
  std::thread waiter([&] { pushed = queue_.push(item(1000), kLong); });
  queue_.close();
  waiter.join();
  EXPECT_EQ(pushed.error().code, Errc::closed);
  static_cast<void>(queue_.drain());
  EXPECT_FALSE(queue_.wait_for_work(kLong));
}

TEST_F(SubmissionTest, IdleMeansQueuedAndTakenAreDone) {
  EXPECT_TRUE(queue_.wait_idle(milliseconds(0)));
  const auto a = item();
  push(a);
  EXPECT_FALSE(queue_.wait_idle(milliseconds(1)));
  static_cast<void>(queue_.take(1));
  EXPECT_FALSE(queue_.wait_idle(milliseconds(1)));
  std::thread writer([&] { queue_.finish(a, std::vector<Appended>()); });
  EXPECT_TRUE(queue_.wait_idle(kLong));
  writer.join();
}

TEST_F(SubmissionTest, DrainingGivesRoomAgain) {
  while (queue_.push(item(1000), milliseconds(0))) {
  }
  for (const auto& one : queue_.drain()) queue_.finish(one, fail(Errc::closed, "gone"));
  EXPECT_TRUE(queue_.idle());
  EXPECT_TRUE(queue_.push(item(1000), milliseconds(0)));
}

TEST_F(SubmissionTest, ManyThreadsLoseNothing) {
  constexpr int kThreads = 8;
  constexpr int kEach = 500;
  std::atomic<int> done = 0;
  std::thread writer([&] {
    while (queue_.wait_for_work(milliseconds(1))) {
      for (const auto& one : queue_.take(64)) queue_.finish(one, std::vector<Appended>());
    }
  });
  std::vector<std::thread> callers;
  for (int t = 0; t < kThreads; ++t) {
    callers.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        const auto one = item();
        if (queue_.push(one, kLong) && queue_.wait(one, kLong)) ++done;
      }
    });
  }
  for (auto& caller : callers) caller.join();
  queue_.close();
  writer.join();
  EXPECT_EQ(done, kThreads * kEach);
}

TEST_F(SubmissionTest, WhatIsPutBackComesFirstAndCanBeWithdrawn) {
  const auto a = item();
  const auto b = item(2, false);
  const auto c = item();
  for (const auto& one : {a, b, c}) push(one);
  const auto taken = queue_.take(3);
  ASSERT_EQ(taken, (std::vector{a, b}));
  ASSERT_TRUE(queue_.put_back(taken, {Errc::timeout, "of test"}));
  EXPECT_FALSE(queue_.wait(a, milliseconds(0))) << "withdrawn";
  EXPECT_EQ(queue_.take(kCommitEntriesMax), (std::vector{b, c}));
}

TEST_F(SubmissionTest, ACallerWhoseTimeIsOverIsWokenWhenItsItemIsPutBack) {
  const auto a = item();
  push(a);
  const auto taken = queue_.take(1);
  std::optional<Result<std::vector<Appended>>> result = std::vector<Appended>();
  std::thread caller([&] { result = queue_.wait(a, milliseconds(0)); });
  ASSERT_TRUE(queue_.put_back(taken, {Errc::timeout, "of test"}));
  caller.join();
  EXPECT_FALSE(result);
  EXPECT_TRUE(queue_.idle());
}

TEST_F(SubmissionTest, NothingIsPutBackOnceAllWasTakenToFailIt) {
  const auto a = item();
  push(a);
  const auto taken = queue_.take(1);
  EXPECT_TRUE(queue_.drain().empty());
  EXPECT_FALSE(queue_.put_back(taken, {Errc::timeout, "of test"}));
}

}  // namespace
}  // namespace tally::log
