// SPDX-License-Identifier: Apache-2.0
// What every FileSystem must do, whichever it is.
#include "storage/file_system.h"

#include "storage/file_systems.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace tally::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FileSystemTest : public OnBothFileSystems {};
TALLY_ON_BOTH_FILE_SYSTEMS(FileSystemTest);

TEST_P(FileSystemTest, WhatIsWrittenIsRead) {
  const auto file = open("a");
  ASSERT_TRUE(file->write_at(0, as_bytes("hello world")));
  ASSERT_TRUE(file->write_at(6, as_bytes("there")));
  EXPECT_EQ(read("a"), "hello there");
  EXPECT_EQ(file->info()->size, 11U);
}

TEST_P(FileSystemTest, ReadStopsAtTheEnd) {
  const auto file = open("a");
  ASSERT_TRUE(file->write_at(0, as_bytes("abc")));
  std::array<std::byte, 8> out{};
  EXPECT_EQ(*file->read_at(1, out), 2U);
  EXPECT_EQ(as_text(Bytes(out).first(2)), "bc");
  EXPECT_EQ(*file->read_at(3, out), 0U);
  EXPECT_EQ(*file->read_at(100, out), 0U);
  EXPECT_EQ(*file->read_at(0, {}), 0U);
}

TEST_P(FileSystemTest, GapReadsAsZeros) {
  const auto file = open("a");
  ASSERT_TRUE(file->write_at(3, as_bytes("x")));
  EXPECT_EQ(read("a"), std::string("\0\0\0x", 4));
}

TEST_P(FileSystemTest, WritingNothingChangesNothing) {
  const auto file = open("a");
  ASSERT_TRUE(file->write_at(1000, {}));
  EXPECT_EQ(file->info()->size, 0U);
}

TEST_P(FileSystemTest, TruncateCutsAndExtends) {
  const auto file = open("a");
  ASSERT_TRUE(file->write_at(0, as_bytes("abcdef")));
  ASSERT_TRUE(file->truncate(2));
  EXPECT_EQ(read("a"), "ab");
  ASSERT_TRUE(file->truncate(4));
  EXPECT_EQ(read("a"), std::string("ab\0\0", 4));
}

TEST_P(FileSystemTest, SyncChangesNothingThatIsVisible) {
  const auto file = open("a");
  ASSERT_TRUE(file->write_at(0, as_bytes("abc")));
  EXPECT_TRUE(file->sync());
  EXPECT_TRUE(fs().sync_directory(root()));
  EXPECT_EQ(read("a"), "abc");
}

TEST_P(FileSystemTest, OpenModes) {
  EXPECT_EQ(fs().open(path("a"), OpenMode::read).error().code, Errc::not_found);
  EXPECT_EQ(fs().open(path("a"), OpenMode::write).error().code, Errc::not_found);
  write("a", "abc");
  EXPECT_EQ(fs().open(path("a"), OpenMode::create_new).error().code, Errc::already_exists);
  open("a", OpenMode::create);
  EXPECT_EQ(read("a"), "abc") << "create must keep what is there";
  EXPECT_TRUE(open("b", OpenMode::create_new)->write_at(0, as_bytes("x")));
  EXPECT_TRUE(open("b", OpenMode::write)->write_at(1, as_bytes("y")));
  EXPECT_EQ(read("b"), "xy");
}

TEST_P(FileSystemTest, FileOpenForReadingRefusesChanges) {
  write("a", "abc");
  const auto file = open("a", OpenMode::read);
  EXPECT_EQ(file->write_at(0, as_bytes("x")).error().code, Errc::invalid_argument);
  EXPECT_EQ(file->truncate(0).error().code, Errc::invalid_argument);
  EXPECT_EQ(read("a"), "abc");
}

TEST_P(FileSystemTest, ErrorsNameThePathAndTheReason) {
  const auto missing = fs().open(path("none"), OpenMode::read);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().detail, "cannot open " + path("none") + ": No such file or directory");
  EXPECT_THAT(fs().list(path("none")).error().detail, HasSubstr(path("none")));
}

TEST_P(FileSystemTest, DirectoryIsNoFile) {
  ASSERT_TRUE(fs().make_directory(path("d")));
  for (const OpenMode mode : {OpenMode::read, OpenMode::write, OpenMode::create}) {
    EXPECT_EQ(fs().open(path("d"), mode).error().code, Errc::invalid_argument);
  }
}

TEST_P(FileSystemTest, FileIsNoDirectory) {
  write("a", "");
  EXPECT_EQ(fs().open(path("a/b"), OpenMode::create).error().code, Errc::not_found);
  EXPECT_EQ(fs().list(path("a")).error().code, Errc::not_found);
  EXPECT_EQ(fs().sync_directory(path("a")).error().code, Errc::not_found);
  EXPECT_EQ(fs().make_directory(path("a")).error().code, Errc::already_exists);
  EXPECT_FALSE(fs().stat(path("a/b"))->has_value());
}

TEST_P(FileSystemTest, DirectoriesNestAndMayBeMadeTwice) {
  EXPECT_EQ(fs().make_directory(path("d/e")).error().code, Errc::not_found);
  EXPECT_TRUE(fs().make_directory(path("d")));
  EXPECT_TRUE(fs().make_directory(path("d")));
  EXPECT_TRUE(fs().make_directory(path("d/e")));
  write("d/e/f", "x");
  EXPECT_EQ(read("d/e/../e/./f"), "x");
}

TEST_P(FileSystemTest, ListIsSortedAndHoldsNamesOnly) {
  EXPECT_THAT(*fs().list(root()), IsEmpty());
  for (const char* name : {"b", "a", "c", "B"}) write(name, "");
  ASSERT_TRUE(fs().make_directory(path("d")));
  EXPECT_THAT(*fs().list(root()), ElementsAre("B", "a", "b", "c", "d"));
}

TEST_P(FileSystemTest, StatTellsSizeKindModeAndIdentity) {
  EXPECT_FALSE(fs().stat(path("a"))->has_value());
  const auto file = open("a");
  ASSERT_TRUE(file->write_at(0, as_bytes("abc")));
  const FileInfo named = **fs().stat(path("a"));
  const FileInfo held = *file->info();
  EXPECT_EQ(named.size, 3U);
  EXPECT_EQ(named.mode, 0600U);
  EXPECT_FALSE(named.is_directory);
  EXPECT_EQ(named.inode, held.inode);
  EXPECT_EQ(held.size, 3U);
  ASSERT_TRUE(fs().make_directory(path("d")));
  EXPECT_TRUE((*fs().stat(path("d")))->is_directory);
  EXPECT_EQ((*fs().stat(path("d")))->mode, 0700U);
}

TEST_P(FileSystemTest, RenameReplacesAndOpenFilesKeepTheirs) {
  write("old", "old");
  write("new", "new");
  const auto replaced = open("old", OpenMode::read);
  ASSERT_TRUE(fs().rename(path("new"), path("old")));
  EXPECT_EQ(read("old"), "new");
  EXPECT_THAT(*fs().list(root()), ElementsAre("old"));
  std::array<std::byte, 3> out{};
  EXPECT_EQ(*replaced->read_at(0, out), 3U);
  EXPECT_EQ(as_text(out), "old");
  EXPECT_NE(replaced->info()->inode, (*fs().stat(path("old")))->inode);
}

TEST_P(FileSystemTest, RenameRefusals) {
  EXPECT_EQ(fs().rename(path("none"), path("a")).error().code, Errc::not_found);
  ASSERT_TRUE(fs().make_directory(path("d")));
  write("a", "x");
  EXPECT_EQ(fs().rename(path("a"), path("d/a")).error().code, Errc::invalid_argument);
  EXPECT_EQ(fs().rename(path("a"), path("d")).error().code, Errc::invalid_argument);
  EXPECT_TRUE(fs().rename(path("a"), path("a")));
  EXPECT_EQ(read("a"), "x");
}

TEST_P(FileSystemTest, RenameMovesADirectoryWithWhatIsInIt) {
  ASSERT_TRUE(fs().make_directory(path("d")));
  write("d/a", "x");
  ASSERT_TRUE(fs().rename(path("d"), path("e")));
  EXPECT_EQ(read("e/a"), "x");
  ASSERT_TRUE(fs().make_directory(path("d")));
  EXPECT_EQ(fs().rename(path("d"), path("e")).error().code, Errc::already_exists);
}

TEST_P(FileSystemTest, RemoveTakesFilesAndEmptyDirectories) {
  EXPECT_EQ(fs().remove(path("a")).error().code, Errc::not_found);
  ASSERT_TRUE(fs().make_directory(path("d")));
  write("d/a", "x");
  EXPECT_EQ(fs().remove(path("d")).error().code, Errc::already_exists);
  const auto held = open("d/a");
  ASSERT_TRUE(fs().remove(path("d/a")));
  ASSERT_TRUE(fs().remove(path("d")));
  EXPECT_FALSE(fs().stat(path("d"))->has_value());
  EXPECT_EQ(held->info()->size, 1U) << "an open file outlives its name";
}

TEST_P(FileSystemTest, EmptyPathIsNothing) {
  EXPECT_EQ(fs().open("", OpenMode::read).error().code, Errc::not_found);
  EXPECT_FALSE(fs().stat("")->has_value());
  EXPECT_EQ(fs().make_directory("").error().code, Errc::not_found);
}

TEST_P(FileSystemTest, BootIdStays) {
  const auto first = fs().boot_id();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->size(), 36U);
  EXPECT_EQ(*first, *fs().boot_id());
}

}  // namespace
}  // namespace tally::storage
