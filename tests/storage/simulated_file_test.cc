// SPDX-License-Identifier: Apache-2.0
// How the calls of an open file fail in the simulation.
#include "storage/simulated_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <set>
#include <thread>

namespace tally::storage {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::unique_ptr<File> open_file(SimulatedFileSystem& fs, OpenMode mode = OpenMode::create) {
  auto file = fs.open("/a", mode);
  EXPECT_TRUE(file) << file.error().detail;
  return std::move(*file);
}

TEST(SimulatedFile, PlainFaultsOfAWriteKeepNothing) {
  for (const FaultKind kind : {FaultKind::io_error, FaultKind::disk_full}) {
    SimulatedFileSystem fs;
    const auto file = open_file(fs);
    fs.fail_at(fs.steps(), kind);
    const auto result = file->write_at(0, as_bytes("abc"));
    EXPECT_EQ(result.error().code, kind == FaultKind::io_error ? Errc::io : Errc::disk_full);
    EXPECT_THAT(result.error().detail, StartsWith("cannot write /a: "));
    EXPECT_EQ(fs.content("/a"), "");
    EXPECT_TRUE(file->write_at(0, as_bytes("abc"))) << "a fault happens once";
  }
}

TEST(SimulatedFile, ShortWritesKeepAProperPrefixOfAnyLength) {
  for (const FaultKind kind : {FaultKind::short_write, FaultKind::disk_full_part_written}) {
    std::set<std::string> kept;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      SimulatedFileSystem fs({.seed = seed});
      const auto file = open_file(fs);
      fs.fail_at(fs.steps(), kind);
      const auto result = file->write_at(0, as_bytes("abc"));
      EXPECT_EQ(result.error().code, kind == FaultKind::short_write ? Errc::io : Errc::disk_full);
      kept.insert(*fs.content("/a"));
    }
    EXPECT_EQ(kept, (std::set<std::string>{"", "a", "ab"}));
  }
}

TEST(SimulatedFile, CrashInsideAWriteKeepsAnyPrefixAndEndsEverything) {
  std::set<std::string> kept;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SimulatedFileSystem fs({.seed = seed});
    const auto file = open_file(fs);
    fs.fail_at(fs.steps(), FaultKind::crash_inside);
    EXPECT_FALSE(file->write_at(0, as_bytes("ab")));
    EXPECT_TRUE(fs.crashed());
    std::array<std::byte, 4> out{};
    EXPECT_THAT(file->read_at(0, out).error().detail, HasSubstr("simulated process has crashed"));
    EXPECT_FALSE(file->sync());
    EXPECT_FALSE(file->info());
    EXPECT_FALSE(fs.open("/a", OpenMode::read));
    kept.insert(*fs.after_process_crash()->content("/a"));
  }
  EXPECT_EQ(kept, (std::set<std::string>{"", "a", "ab"}));
}

TEST(SimulatedFile, CrashAfterAStepMeansItHappenedUnheard) {
  SimulatedFileSystem fs;
  const auto file = open_file(fs);
  ASSERT_TRUE(fs.sync_directory("/"));
  ASSERT_TRUE(file->write_at(0, as_bytes("abc")));
  fs.fail_at(fs.steps(), FaultKind::crash_after);
  EXPECT_FALSE(file->sync());
  EXPECT_EQ(fs.after_power_cut(PowerCutChoices::kNothing)->content("/a"), "abc");
}

TEST(SimulatedFile, FailedSyncIsSaidOnceAndFinalForTheData) {
  for (const FaultKind kind : {FaultKind::failed_sync, FaultKind::disk_full}) {
    SimulatedFileSystem fs;
    fs.put("/a", "old");
    const auto file = open_file(fs);
    ASSERT_TRUE(file->write_at(0, as_bytes("new")));
    fs.fail_at(fs.steps(), kind);
    EXPECT_EQ(file->sync().error().code, Errc::sync_failed);
    EXPECT_TRUE(file->sync()) << "the kernel reports an error once";
    EXPECT_EQ(fs.content("/a"), "new");
    EXPECT_EQ(fs.durable_content("/a"), "old");
    const auto after = fs.after_process_crash();
    EXPECT_EQ(after->content("/a"), "new") << "the cache outlives the process";
    EXPECT_EQ(after->after_power_cut(PowerCutChoices::kEverything)->content("/a"), "old");
    after->drop_clean_pages();
    EXPECT_EQ(after->content("/a"), "old");
  }
}

TEST(SimulatedFile, FailedSyncIsToldToEveryFileOpenAtThatTime) {
  SimulatedFileSystem fs;
  const auto a = open_file(fs);
  const auto b = open_file(fs);
  fs.fail_at(fs.steps(), FaultKind::failed_sync);
  EXPECT_FALSE(a->sync());
  const auto later = open_file(fs);
  EXPECT_TRUE(later->sync());
  EXPECT_EQ(b->sync().error().code, Errc::sync_failed);
  EXPECT_TRUE(b->sync());
  EXPECT_TRUE(a->sync());
}

TEST(SimulatedFile, CapacityKeepsWhatFits) {
  SimulatedFileSystem fs({.capacity_bytes = 10});
  fs.put("/b", "1234");
  const auto file = open_file(fs);
  EXPECT_TRUE(file->write_at(0, as_bytes("abcd")));
  EXPECT_EQ(file->write_at(4, as_bytes("efgh")).error().code, Errc::disk_full);
  EXPECT_EQ(fs.content("/a"), "abcdef");
  EXPECT_TRUE(file->write_at(0, as_bytes("ABCDEF"))) << "overwriting needs no space";
  EXPECT_EQ(file->truncate(7).error().code, Errc::disk_full);
  EXPECT_EQ(file->write_at(std::uint64_t{1} << 60, as_bytes("x")).error().code, Errc::disk_full);
  ASSERT_TRUE(fs.remove("/b"));
  EXPECT_TRUE(file->write_at(6, as_bytes("ghij")));
  fs.set_capacity(5);  // smaller than what is there
  EXPECT_EQ(file->write_at(10, as_bytes("k")).error().code, Errc::disk_full);
  EXPECT_EQ(file->truncate(11).error().code, Errc::disk_full);
  EXPECT_TRUE(file->truncate(2));
}

TEST(SimulatedFile, OffsetsBeyondTheSystemAreRefused) {
  SimulatedFileSystem fs;
  const auto file = open_file(fs);
  constexpr auto kFar = std::numeric_limits<std::uint64_t>::max();
  std::array<std::byte, 4> out{};
  EXPECT_EQ(file->read_at(kFar, out).error().code, Errc::too_large);
  EXPECT_EQ(file->write_at(kFar - 1, as_bytes("x")).error().code, Errc::too_large);
  EXPECT_EQ(file->truncate(kFar).error().code, Errc::too_large);
  EXPECT_EQ(file->lock(kFar, LockMode::shared).error().code, Errc::too_large);
  EXPECT_EQ(file->try_lock(kFar, LockMode::shared).error().code, Errc::too_large);
  EXPECT_EQ(file->unlock(kFar).error().code, Errc::too_large);
}

TEST(SimulatedFile, LockCallsCanFailAndThenChangeNothing) {
  SimulatedFileSystem fs;
  const auto a = open_file(fs);
  const auto b = open_file(fs);
  fs.fail_at(fs.steps(), FaultKind::io_error);
  EXPECT_EQ(a->lock(0, LockMode::exclusive).error().code, Errc::io);
  fs.fail_at(fs.steps(), FaultKind::io_error);
  EXPECT_EQ(a->try_lock(0, LockMode::exclusive).error().code, Errc::io);
  EXPECT_TRUE(*b->try_lock(0, LockMode::exclusive));
  fs.fail_at(fs.steps(), FaultKind::io_error);
  EXPECT_EQ(b->unlock(0).error().code, Errc::io);
  EXPECT_FALSE(*a->try_lock(0, LockMode::shared)) << "b still holds it";
}

TEST(SimulatedFile, CrashWakesThoseWhoWaitForALock) {
  SimulatedFileSystem fs;
  const auto a = open_file(fs);
  const auto b = open_file(fs);
  ASSERT_TRUE(a->lock(0, LockMode::exclusive));
  std::atomic<bool> refused{false};
  std::thread waiter([&] { refused = !b->lock(0, LockMode::exclusive); });
  while (fs.lock_waiters() == 0) std::this_thread::yield();
  fs.crash();
  waiter.join();
  EXPECT_TRUE(refused);
  EXPECT_EQ(fs.lock_waiters(), 0U);
  const auto after = fs.after_process_crash();
  EXPECT_TRUE(*open_file(*after)->try_lock(0, LockMode::exclusive))
      << "locks die with their process";
}

TEST(SimulatedFile, ReadsCanFail) {
  SimulatedFileSystem fs;
  fs.put("/a", "abc");
  const auto file = open_file(fs, OpenMode::read);
  std::array<std::byte, 4> out{};
  fs.fail_read_at(fs.read_steps());
  EXPECT_EQ(file->read_at(0, out).error().code, Errc::io);
  EXPECT_EQ(*file->read_at(0, out), 3U);
  fs.fail_read_at(fs.read_steps());
  EXPECT_EQ(file->info().error().code, Errc::io);
}

TEST(SimulatedFile, OutlivesItsFileSystem) {
  auto fs = std::make_unique<SimulatedFileSystem>();
  const auto file = open_file(*fs);
  fs.reset();
  EXPECT_TRUE(file->write_at(0, as_bytes("abc")));
  EXPECT_TRUE(file->sync());
  EXPECT_EQ(file->info()->size, 3U);
}

}  // namespace
}  // namespace tally::storage
