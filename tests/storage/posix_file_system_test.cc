// SPDX-License-Identifier: Apache-2.0
// What only the machine's files have; the behaviour shared with the simulation is in
// file_system_test.cc.
#include "base/random.h"
#include "storage/file_system.h"
#include "storage/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

namespace tally::storage {
namespace {

using ::testing::HasSubstr;

TEST(PosixFileSystem, PipeAtThePathIsRefusedAndDoesNotHang) {
  const TemporaryDirectory directory;
  ASSERT_EQ(::mkfifo((directory / "pipe").c_str(), 0600), 0);
  for (const OpenMode mode : {OpenMode::read, OpenMode::write, OpenMode::create}) {
    const auto file = posix_file_system().open(directory / "pipe", mode);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, Errc::invalid_argument);
    EXPECT_THAT(file.error().detail, HasSubstr("it is a pipe"));
  }
}

TEST(PosixFileSystem, FilesAndDirectoriesArePrivateWhateverTheMask) {
  const TemporaryDirectory directory;
  const mode_t before = ::umask(0);
  const auto file = posix_file_system().open(directory / "a", OpenMode::create_new);
  const auto made = posix_file_system().make_directory(directory / "d");
  ::umask(before);
  ASSERT_TRUE(file);
  ASSERT_TRUE(made);
  EXPECT_EQ((*file)->info()->mode, 0600U);
  EXPECT_EQ((*posix_file_system().stat(directory / "d"))->mode, 0700U);
}

TEST(PosixFileSystem, LinkToADirectoryIsADirectory) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(posix_file_system().make_directory(directory / "d"));
  ASSERT_EQ(::symlink("d", (directory / "link").c_str()), 0);
  EXPECT_TRUE(posix_file_system().make_directory(directory / "link"));
  EXPECT_TRUE((*posix_file_system().stat(directory / "link"))->is_directory);
}

TEST(PosixFileSystem, DanglingLinkIsNothingAndCannotBecomeADirectory) {
  const TemporaryDirectory directory;
  ASSERT_EQ(::symlink("nowhere", (directory / "link").c_str()), 0);
  EXPECT_FALSE(posix_file_system().stat(directory / "link")->has_value());
  EXPECT_EQ(posix_file_system().make_directory(directory / "link").error().code,
            Errc::already_exists);
}

TEST(PosixFileSystem, LoopOfLinksIsAnError) {
  const TemporaryDirectory directory;
  ASSERT_EQ(::symlink("b", (directory / "a").c_str()), 0);
  ASSERT_EQ(::symlink("a", (directory / "b").c_str()), 0);
  EXPECT_EQ(posix_file_system().stat(directory / "a").error().code, Errc::invalid_argument);
}

TEST(PosixFileSystem, KindOfFileSystemIsAskedOfThePath) {
  const TemporaryDirectory directory;
  const auto local = posix_file_system().unsuitable_for_writing(directory.path());
  ASSERT_TRUE(local) << local.error().detail;
  EXPECT_EQ(*local, "") << "the tests need a local temporary directory";
  EXPECT_EQ(posix_file_system().unsuitable_for_writing(directory / "none").error().code,
            Errc::not_found);
}

TEST(PosixFileSystem, BootIdIsTheKernels) {
  const auto first = posix_file_system().boot_id();
  ASSERT_TRUE(first) << first.error().detail;
  EXPECT_TRUE(is_uuid(*first)) << *first;
  EXPECT_EQ(*first, *posix_file_system().boot_id());
}

}  // namespace
}  // namespace tally::storage
