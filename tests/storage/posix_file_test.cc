// SPDX-License-Identifier: Apache-2.0
// What only real descriptors can show: short writes, full devices, processes that hold locks.
#include "storage/posix_file.h"

#include "storage/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <limits>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace tally::storage {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<File> open_file(const std::string& path, OpenMode mode = OpenMode::create) {
  auto file = posix_file_system().open(path, mode);
  EXPECT_TRUE(file) << file.error().detail;
  return std::move(*file);
}

TEST(PosixFile, WriteThatIsCutShortIsContinuedAndThenFails) {
  const TemporaryDirectory directory;
  const auto file = open_file(directory / "a");
  const std::string content(4096, 'x');
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto result = file->write_at(0, as_bytes(content));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::too_large);
  EXPECT_EQ(file->info()->size, 1000U);  // the kernel took this much; the second call failed
}

TEST(PosixFile, FullDeviceIsDiskFull) {
  const auto file = open_file("/dev/full", OpenMode::write);
  const auto result = file->write_at(0, as_bytes("x"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::disk_full);
  EXPECT_THAT(result.error().detail, HasSubstr("/dev/full"));
}

TEST(PosixFile, SyncThatTheSystemRefusesIsSyncFailed) {
  // Character devices have nothing to sync and say EINVAL.
  const auto result = open_file("/dev/null", OpenMode::write)->sync();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::sync_failed);
}

TEST(PosixFile, BegunWritebackIsAHintThatChangesNothingAndNeverFails) {
  const TemporaryDirectory directory;
  const auto file = open_file(directory / "a");
  const std::string content(10'000, 'x');
  ASSERT_TRUE(file->write_at(0, as_bytes(content)));
  constexpr std::uint64_t kFar = std::numeric_limits<std::uint64_t>::max() - 10'000;
  for (const auto& [offset, bytes] : std::vector<std::pair<std::uint64_t, std::uint64_t>>{
           {0, 10'000}, {1, 1}, {5000, 5000}, {4096, 0}, {1 << 20, 1 << 20}, {kFar, 10'000}}) {
    file->begin_writeback(offset, bytes);
  }
  EXPECT_EQ(*read_file(posix_file_system(), directory / "a", 20'000), content);
  EXPECT_TRUE(file->sync());
  open_file("/dev/null", OpenMode::write)->begin_writeback(0, 8192);
}

TEST(PosixFile, OffsetsBeyondTheSystemAreRefusedNotWrapped) {
  const TemporaryDirectory directory;
  const auto file = open_file(directory / "a");
  constexpr std::uint64_t kFar = std::numeric_limits<std::uint64_t>::max();
  std::array<std::byte, 4> out{};
  EXPECT_EQ(file->read_at(kFar, out).error().code, Errc::too_large);
  EXPECT_EQ(file->write_at(kFar - 1, as_bytes("x")).error().code, Errc::too_large);
  EXPECT_EQ(file->truncate(kFar).error().code, Errc::too_large);
  EXPECT_EQ(file->lock(kFar, LockMode::shared).error().code, Errc::too_large);
  EXPECT_EQ(file->try_lock(kFar, LockMode::shared).error().code, Errc::too_large);
  EXPECT_EQ(file->unlock(kFar).error().code, Errc::too_large);
}

TEST(PosixFile, DescriptorsCloseOnExec) {
  const TemporaryDirectory directory;
  const auto file = open_file(directory / "a");
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;  // the iterator's own descriptor is in the list
    const auto target = std::filesystem::read_symlink(entry.path(), gone);
    if (gone || target != directory / "a") continue;
    ++found;
    const int flags = ::fcntl(std::stoi(entry.path().filename()), F_GETFD);
    EXPECT_NE(flags & FD_CLOEXEC, 0);
  }
  EXPECT_EQ(found, 1);
}

TEST(PosixFile, ProgramThatWeStartInheritsNoLock) {
  const TemporaryDirectory directory;
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  auto holder = open_file(directory / "lock");
  ASSERT_TRUE(*holder->try_lock(0, LockMode::exclusive));

  // cat lives until its input ends, that is, until we close our end of the pipe.
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, pipe[0], STDIN_FILENO);
  std::string program = "cat";
  std::array<char*, 2> arguments{program.data(), nullptr};
  pid_t child = 0;
  ASSERT_EQ(::posix_spawnp(&child, "cat", &actions, nullptr, arguments.data(), environ), 0);
  ::posix_spawn_file_actions_destroy(&actions);

  holder.reset();
  // The kernel lets the parent of a vfork go on a moment before it closes what is close-on-exec.
  bool free_again = false;
  for (int attempt = 0; attempt < 2000 && !free_again; ++attempt) {
    free_again = *open_file(directory / "lock")->try_lock(0, LockMode::exclusive);
    if (!free_again) ::poll(nullptr, 0, 1);
  }
  EXPECT_TRUE(free_again);
  EXPECT_EQ(::waitpid(child, nullptr, WNOHANG), 0)
      << "cat must still be alive for this to mean much";
  ::close(pipe[1]);
  ::close(pipe[0]);
  EXPECT_EQ(::waitpid(child, nullptr, 0), child);
}

// A child that opens the file itself, takes byte 0 and says so with one byte; -1 when fork failed.
pid_t start_holder(const std::string& path, LockMode mode, int said) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  auto file = posix_file_system().open(path, OpenMode::write);
  const bool held = file && (*file)->lock(0, mode);
  const char word = held ? 'y' : 'n';
  if (::write(said, &word, 1) != 1) ::_exit(2);
  for (;;) ::pause();
}

TEST(PosixFile, LocksHoldBetweenProcessesAndEndWithThem) {
  const TemporaryDirectory directory;
  const auto file = open_file(directory / "lock");
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const pid_t child = start_holder(directory / "lock", LockMode::exclusive, pipe[1]);
  ASSERT_GT(child, 0);
  char word = 0;
  ASSERT_EQ(::read(pipe[0], &word, 1), 1);
  ASSERT_EQ(word, 'y');

  EXPECT_FALSE(*file->try_lock(0, LockMode::exclusive));
  EXPECT_FALSE(*file->try_lock(0, LockMode::shared));
  EXPECT_TRUE(*file->try_lock(1, LockMode::exclusive)) << "another byte is another lock";

  ASSERT_EQ(::kill(child, SIGKILL), 0);
  EXPECT_TRUE(file->lock(0, LockMode::exclusive));  // waits until the kernel has cleaned up
  EXPECT_EQ(::waitpid(child, nullptr, 0), child);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST(PosixFile, SharedLocksOfProcessesLiveTogether) {
  const TemporaryDirectory directory;
  const auto file = open_file(directory / "lock");
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const pid_t child = start_holder(directory / "lock", LockMode::shared, pipe[1]);
  ASSERT_GT(child, 0);
  char word = 0;
  ASSERT_EQ(::read(pipe[0], &word, 1), 1);
  ASSERT_EQ(word, 'y');

  EXPECT_TRUE(*file->try_lock(0, LockMode::shared));
  EXPECT_FALSE(*file->try_lock(0, LockMode::exclusive));

  ASSERT_EQ(::kill(child, SIGKILL), 0);
  EXPECT_EQ(::waitpid(child, nullptr, 0), child);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

}  // namespace
}  // namespace tally::storage
