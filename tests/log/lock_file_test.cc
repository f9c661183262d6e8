// SPDX-License-Identifier: Apache-2.0
#include "log/lock_file.h"

#include "base/encoding.h"
#include "storage/simulated_file_system.h"

#include <gtest/gtest.h>

#include <thread>
#include <unistd.h>

namespace tally::log {
namespace {

using storage::FaultKind;
constexpr std::chrono::milliseconds kNow{0};

class LockFileTest : public ::testing::Test {
 protected:
  LockFileTest() { EXPECT_TRUE(fs_.make_directory("/log")); }
  LockFile open() {
    auto lock = LockFile::open(fs_, layout_);
    EXPECT_TRUE(lock) << lock.error().detail;
    return std::move(*lock);
  }
  bool free() {
    auto probe = open();
    return probe.try_lock_commit() == true && probe.lock_head(kNow) == true;
  }
  storage::SimulatedFileSystem fs_;
  Layout layout_{"/log"};
};

TEST_F(LockFileTest, OneWriterAtATime) {
  auto a = open();
  auto b = open();
  EXPECT_EQ(a.try_lock_commit(), true);
  EXPECT_EQ(b.try_lock_commit(), false);
  a.unlock_commit();
  EXPECT_EQ(b.try_lock_commit(), true);
}

TEST_F(LockFileTest, TheHeadLockOutlivesTheCommitLock) {
  auto a = open();
  auto b = open();
  auto reader = open();
  ASSERT_EQ(a.try_lock_commit(), true);
  ASSERT_EQ(a.lock_head(kNow), true);
  EXPECT_EQ(a.lock_head(kNow), true) << "it has it already";
  EXPECT_EQ(reader.try_lock_head_shared(), false);
  a.admit_commit();
  ASSERT_EQ(b.try_lock_commit(), true);
  EXPECT_EQ(b.lock_head(kNow), false);
  EXPECT_EQ(reader.try_lock_head_shared(), false);
  a.unlock_commit();
  EXPECT_EQ(reader.try_lock_head_shared(), true);
  EXPECT_EQ(b.lock_head(kNow), false);
  reader.unlock_commit();
  EXPECT_EQ(b.lock_head(kNow), true);
  EXPECT_EQ(a.try_lock_commit(), false);
}

TEST_F(LockFileTest, ReadersShareAndDoNotKeepWritersFromTheirLines) {
  auto a = open();
  auto b = open();
  auto c = open();
  EXPECT_EQ(a.try_lock_head_shared(), true);
  EXPECT_EQ(b.try_lock_head_shared(), true);
  EXPECT_EQ(c.try_lock_commit(), true);
  EXPECT_EQ(c.lock_head(kNow), false);
  a.unlock_commit();
  EXPECT_EQ(c.lock_head(kNow), false);
  b.unlock_commit();
  EXPECT_EQ(c.lock_head(kNow), true);
}

TEST_F(LockFileTest, WhoHadTheLockBeforeIsToBlameForAHeadThatDoesNotEnd) {
  auto a = open();
  ASSERT_EQ(a.try_lock_commit(), true);
  ASSERT_TRUE(a.begin_holding());
  ASSERT_EQ(a.lock_head(kNow), true);
  a.admit_commit();
  fs_.overwrite(layout_.lock(), 64, as_bytes("pid 1\n\n\n\n\n\n"));  // a was another process
  auto b = open();
  ASSERT_EQ(b.try_lock_commit(), true);
  ASSERT_TRUE(b.begin_holding());
  ASSERT_EQ(b.lock_head(kNow), false);
  EXPECT_TRUE(b.holder().starts_with("held by pid " + std::to_string(::getpid()) + " ("));
  EXPECT_TRUE(b.blame_predecessor().starts_with("held by pid 1 (")) << b.blame_predecessor();
  EXPECT_EQ(b.holder(), b.blame_predecessor());
}

TEST_F(LockFileTest, ThePublisherDoesNotKeepWritersOut) {
  auto a = open();
  auto b = open();
  EXPECT_EQ(a.try_lock_publisher(), true);
  EXPECT_TRUE(a.holds_publisher());
  EXPECT_EQ(b.try_lock_publisher(), false);
  EXPECT_EQ(b.try_lock_commit(), true);
  a.unlock_publisher();
  EXPECT_FALSE(a.holds_publisher());
  EXPECT_EQ(b.try_lock_publisher(), true);
}

TEST_F(LockFileTest, WhoEndsReleasesEverything) {
  auto b = open();
  {
    auto a = open();
    ASSERT_EQ(a.try_lock_commit(), true);
    ASSERT_EQ(a.try_lock_publisher(), true);
  }
  EXPECT_EQ(b.try_lock_commit(), true);
  EXPECT_EQ(b.try_lock_publisher(), true);
}

TEST_F(LockFileTest, AWaiterAtTheTurnstileIsBeforeWhoOnlyTries) {
  auto holder = open();
  ASSERT_EQ(holder.try_lock_commit(), true);
  auto waiter = open();
  bool waited = false;
  std::thread thread([&] { waited = waiter.lock_commit().has_value(); });
  while (fs_.lock_waiters() == 0) std::this_thread::yield();
  auto other = open();
  EXPECT_EQ(other.try_lock_commit(), false) << "the waiter stands in the turnstile";
  holder.unlock_commit();
  thread.join();
  EXPECT_TRUE(waited);
  EXPECT_EQ(other.try_lock_commit(), false);
}

TEST_F(LockFileTest, AReplacedFileIsOpenedAgain) {
  auto a = open();
  ASSERT_EQ(a.try_lock_commit(), true);
  a.unlock_commit();
  fs_.erase(layout_.lock());
  auto b = open();  // makes it anew
  ASSERT_EQ(b.try_lock_commit(), true);
  EXPECT_EQ(a.try_lock_commit(), false) << "it found that its file is not the one with the name";
  EXPECT_EQ(a.try_lock_commit(), false) << "and now the other one is in its way";
  b.unlock_commit();
  EXPECT_EQ(a.try_lock_commit(), true);
  EXPECT_EQ(b.try_lock_commit(), false);
}

TEST_F(LockFileTest, ABlockingLockIsOneOnTheFileWithTheName) {
  auto a = open();
  fs_.erase(layout_.lock());
  ASSERT_TRUE(a.lock_commit());
  EXPECT_FALSE(free());
  a.unlock_commit();
  EXPECT_TRUE(free());
}

TEST_F(LockFileTest, WithoutTheDirectoryThereIsAnErrorAndNoHang) {
  auto a = open();
  fs_.erase(layout_.lock());
  fs_.erase("/log");
  EXPECT_EQ(a.lock_commit().error().code, Errc::not_found);
  EXPECT_EQ(a.try_lock_commit().error().code, Errc::not_found);
}

TEST_F(LockFileTest, AnErrorAtAnyStepLeavesNoLock) {
  for (std::uint64_t step = 0;; ++step) {
    auto a = open();
    const std::uint64_t hits = fs_.faults_hit();
    fs_.fail_at(fs_.steps() + step, FaultKind::io_error);
    if (const auto tried = a.try_lock_commit(); tried && *tried) {
      static_cast<void>(a.lock_head(kNow));
      a.admit_commit();
      a.unlock_commit();
    }
    const bool hit = fs_.faults_hit() != hits;
    fs_.clear_faults();
    EXPECT_TRUE(free()) << "step " << step;
    if (!hit) break;
  }
  for (std::uint64_t step = 0;; ++step) {
    auto a = open();
    const std::uint64_t hits = fs_.faults_hit();
    fs_.fail_read_at(fs_.read_steps() + step);
    const auto locked = a.lock_commit();
    if (locked) a.unlock_commit();
    const bool hit = fs_.faults_hit() != hits;
    fs_.clear_faults();
    EXPECT_TRUE(free()) << "read " << step;
    if (!hit) break;
  }
}

TEST_F(LockFileTest, TheHolderIsNamedWithItsState) {
  auto a = open();
  EXPECT_EQ(a.holder(), "");
  a.note_holder();
  EXPECT_EQ(open().holder().find("held by pid " + std::to_string(::getpid()) + " ("), 0U);
}

TEST_F(LockFileTest, NonsenseInPlaceOfAHolderNamesNobody) {
  for (const char* text :
       {"pid ", "pid x\n", "pid -1\n", "pid 0\n", "pid 99999999999\n", "nobody\n"}) {
    auto a = open();
    std::string field(64, '\n');
    field.replace(0, std::string_view(text).size(), text);
    fs_.overwrite(layout_.lock(), 64, as_bytes(field));
    EXPECT_EQ(a.holder(), "") << text;
  }
}

TEST_F(LockFileTest, TheMarkOfAFailedSyncIsReadBackAndCleared) {
  auto a = open();
  EXPECT_FALSE(a.failed_mark()->has_value());
  a.set_failed_mark(TreeSize{42});
  const auto mark = open().failed_mark();
  ASSERT_TRUE(mark && *mark);
  EXPECT_EQ((*mark)->boot_id, *fs_.boot_id());
  EXPECT_EQ((*mark)->size, TreeSize{42});
  ASSERT_TRUE(a.clear_failed_mark());
  EXPECT_FALSE(open().failed_mark()->has_value());
}

TEST_F(LockFileTest, AMarkCutShortStillCounts) {
  auto a = open();
  a.set_failed_mark(TreeSize{42});
  const std::string whole = fs_.content(layout_.lock())->substr(128);
  for (std::size_t kept = 1; kept < whole.find('\n'); ++kept) {
    std::string field = whole.substr(0, kept);
    field.resize(128, '\n');
    fs_.overwrite(layout_.lock(), 128, as_bytes(field));
    const auto mark = open().failed_mark();
    ASSERT_TRUE(mark);
    EXPECT_TRUE(mark->has_value()) << kept;
  }
}

TEST_F(LockFileTest, TheMarkNeedsNoSpaceOnAFullDisk) {
  auto a = open();
  fs_.set_capacity(fs_.total_bytes());
  a.set_failed_mark(TreeSize{42});
  a.note_holder();
  EXPECT_TRUE(open().failed_mark()->has_value());
  EXPECT_NE(open().holder(), "");
}

TEST_F(LockFileTest, ReadersMakeNoFile) {
  EXPECT_EQ(LockFile::open_for_reading(fs_, layout_).error().code, Errc::not_found);
  EXPECT_EQ(fs_.content(layout_.lock()), std::nullopt);
  open();
  auto reader = LockFile::open_for_reading(fs_, layout_);
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->try_lock_head_shared(), true);
}

TEST(WaitUntilTest, EndsAtTheFirstTrueTheLimitOrAnError) {
  using std::chrono::milliseconds;
  int calls = 0;
  EXPECT_EQ(wait_until(milliseconds(10'000), [&]() -> Result<bool> { return ++calls == 3; }), true);
  EXPECT_EQ(calls, 3);
  calls = 0;
  EXPECT_EQ(wait_until(milliseconds(0), [&]() -> Result<bool> { return ++calls > 100; }), false);
  EXPECT_EQ(calls, 1) << "tried once even without time";
  const auto failed =
      wait_until(milliseconds(10'000), []() -> Result<bool> { return fail(Errc::io, "x"); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::io);
}

}  // namespace
}  // namespace tally::log
