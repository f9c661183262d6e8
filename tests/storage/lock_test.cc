// SPDX-License-Identifier: Apache-2.0
// Byte locks of open files, the same on the machine and in the simulation; processes:
// posix_file_test.cc.
#include "storage/file_systems.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace tally::storage {
namespace {

class LockTest : public OnBothFileSystems {};
TALLY_ON_BOTH_FILE_SYSTEMS(LockTest);

TEST_P(LockTest, ExclusiveExcludesEverybodyElse) {
  const auto a = open("lock");
  const auto b = open("lock");
  EXPECT_TRUE(*a->try_lock(0, LockMode::exclusive));
  EXPECT_TRUE(*a->try_lock(0, LockMode::exclusive)) << "the owner may take it again";
  EXPECT_FALSE(*b->try_lock(0, LockMode::exclusive));
  EXPECT_FALSE(*b->try_lock(0, LockMode::shared));
  ASSERT_TRUE(a->unlock(0));
  EXPECT_TRUE(*b->try_lock(0, LockMode::exclusive));
}

TEST_P(LockTest, SharedExcludesOnlyExclusive) {
  const auto a = open("lock");
  const auto b = open("lock");
  const auto c = open("lock");
  EXPECT_TRUE(*a->try_lock(0, LockMode::shared));
  EXPECT_TRUE(*b->try_lock(0, LockMode::shared));
  EXPECT_FALSE(*c->try_lock(0, LockMode::exclusive));
  ASSERT_TRUE(a->unlock(0));
  EXPECT_FALSE(*c->try_lock(0, LockMode::exclusive));
  ASSERT_TRUE(b->unlock(0));
  EXPECT_TRUE(*c->try_lock(0, LockMode::exclusive));
}

TEST_P(LockTest, BytesAreIndependentAndMayLieBeyondTheEnd) {
  const auto a = open("lock");
  const auto b = open("lock");
  EXPECT_TRUE(*a->try_lock(0, LockMode::exclusive));
  EXPECT_TRUE(*b->try_lock(1, LockMode::exclusive));
  EXPECT_TRUE(*a->try_lock(1'000'000, LockMode::exclusive));
  EXPECT_FALSE(*b->try_lock(0, LockMode::exclusive));
  EXPECT_FALSE(*a->try_lock(1, LockMode::exclusive));
  ASSERT_TRUE(a->unlock(0));
  EXPECT_FALSE(*b->try_lock(1'000'000, LockMode::shared)) << "unlock frees one byte only";
}

TEST_P(LockTest, ConversionKeepsTheOldLockWhenRefused) {
  const auto a = open("lock");
  const auto b = open("lock");
  EXPECT_TRUE(*a->try_lock(0, LockMode::shared));
  EXPECT_TRUE(*b->try_lock(0, LockMode::shared));
  EXPECT_FALSE(*a->try_lock(0, LockMode::exclusive));
  ASSERT_TRUE(b->unlock(0));
  EXPECT_FALSE(*b->try_lock(0, LockMode::exclusive)) << "a still holds its shared lock";
  EXPECT_TRUE(*a->try_lock(0, LockMode::exclusive));
  EXPECT_FALSE(*b->try_lock(0, LockMode::shared));
  EXPECT_TRUE(*a->try_lock(0, LockMode::shared));
  EXPECT_TRUE(*b->try_lock(0, LockMode::shared));
}

TEST_P(LockTest, ClosingDropsTheLocks) {
  auto a = open("lock");
  const auto b = open("lock");
  EXPECT_TRUE(*a->try_lock(0, LockMode::exclusive));
  EXPECT_TRUE(*a->try_lock(7, LockMode::shared));
  a.reset();
  EXPECT_TRUE(*b->try_lock(0, LockMode::exclusive));
  EXPECT_TRUE(*b->try_lock(7, LockMode::exclusive));
}

TEST_P(LockTest, ClosingAnotherOpenFileDropsNothing) {
  // The trap of the older, per-process locks of POSIX.
  const auto a = open("lock");
  EXPECT_TRUE(*a->try_lock(0, LockMode::exclusive));
  open("lock").reset();
  EXPECT_FALSE(*open("lock")->try_lock(0, LockMode::exclusive));
}

TEST_P(LockTest, UnlockingWhatIsNotHeldIsFine) {
  const auto a = open("lock");
  const auto b = open("lock");
  EXPECT_TRUE(a->unlock(3));
  EXPECT_TRUE(*a->try_lock(0, LockMode::exclusive));
  EXPECT_TRUE(b->unlock(0));
  EXPECT_FALSE(*b->try_lock(0, LockMode::shared)) << "nobody unlocks for another";
}

TEST_P(LockTest, ReaderMayShareButNotExclude) {
  write("lock", "");
  const auto reader = open("lock", OpenMode::read);
  EXPECT_TRUE(*reader->try_lock(0, LockMode::shared));
  EXPECT_EQ(reader->try_lock(0, LockMode::exclusive).error().code, Errc::invalid_argument);
  EXPECT_EQ(reader->lock(0, LockMode::exclusive).error().code, Errc::invalid_argument);
}

TEST_P(LockTest, LocksBelongToTheFileNotToItsName) {
  const auto a = open("lock");
  EXPECT_TRUE(*a->try_lock(0, LockMode::exclusive));
  ASSERT_TRUE(fs().rename(path("lock"), path("other")));
  EXPECT_FALSE(*open("other")->try_lock(0, LockMode::exclusive));
  EXPECT_TRUE(*open("lock")->try_lock(0, LockMode::exclusive)) << "a new file of the same name";
}

TEST_P(LockTest, WaiterGetsTheLockOnceItIsReleased) {
  const auto a = open("lock");
  const auto b = open("lock");
  ASSERT_TRUE(a->lock(0, LockMode::exclusive));
  std::atomic<bool> released{false};
  std::atomic<bool> order_kept{false};
  std::thread waiter([&] {
    const bool locked = b->lock(0, LockMode::shared).has_value();
    order_kept = locked && released;
  });
  released = true;
  EXPECT_TRUE(a->unlock(0));
  waiter.join();
  EXPECT_TRUE(order_kept);
}

TEST_P(LockTest, WaiterGetsTheLockWhenTheHolderCloses) {
  auto a = open("lock");
  const auto b = open("lock");
  ASSERT_TRUE(a->lock(0, LockMode::exclusive));
  std::atomic<bool> locked{false};
  std::thread waiter([&] { locked = b->lock(0, LockMode::exclusive).has_value(); });
  a.reset();
  waiter.join();
  EXPECT_TRUE(locked);
}

TEST_P(LockTest, WaiterGetsASharedLockWhenTheHolderConverts) {
  const auto a = open("lock");
  const auto b = open("lock");
  ASSERT_TRUE(a->lock(0, LockMode::exclusive));
  std::atomic<bool> locked{false};
  std::thread waiter([&] { locked = b->lock(0, LockMode::shared).has_value(); });
  EXPECT_TRUE(a->lock(0, LockMode::shared));
  waiter.join();
  EXPECT_TRUE(locked);
}

TEST_P(LockTest, ManyThreadsNeverMeetInside) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 200;
  std::atomic<int> inside{0};
  std::atomic<int> met{0};
  int unguarded = 0;  // only the lock protects it
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      const auto file = open("lock");
      for (int round = 0; round < kRounds; ++round) {
        if (!file->lock(0, LockMode::exclusive)) return;
        if (inside.fetch_add(1) != 0) ++met;
        ++unguarded;
        inside.fetch_sub(1);
        if (!file->unlock(0)) return;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(met, 0);
  EXPECT_EQ(unguarded, kThreads * kRounds);
}

}  // namespace
}  // namespace tally::storage
