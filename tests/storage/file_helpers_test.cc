// SPDX-License-Identifier: Apache-2.0
#include "storage/file_systems.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FileHelpersTest : public OnBothFileSystems {};
TALLY_ON_BOTH_FILE_SYSTEMS(FileHelpersTest);

TEST_P(FileHelpersTest, ReadFileTakesExactlyTheLimit) {
  const std::string content(40'000, 'x');
  write("a", content);
  EXPECT_EQ(*read_file(fs(), path("a"), 40'000), content);
  const auto over = read_file(fs(), path("a"), 39'999);
  EXPECT_EQ(over.error().code, Errc::too_large);
  EXPECT_THAT(over.error().detail, HasSubstr(path("a")));
  write("empty", "");
  EXPECT_EQ(*read_file(fs(), path("empty"), 0), "");
  EXPECT_EQ(read_file(fs(), path("none"), 10).error().code, Errc::not_found);
}

TEST_P(FileHelpersTest, ReplaceFileMakesAndReplaces) {
  ASSERT_TRUE(replace_file(fs(), path("a"), "first, longer"));
  EXPECT_EQ(read("a"), "first, longer");
  ASSERT_TRUE(replace_file(fs(), path("a"), "second"));
  EXPECT_EQ(read("a"), "second");
  EXPECT_THAT(*fs().list(root()), ElementsAre("a"));
}

TEST_P(FileHelpersTest, ReplaceFileUsesUpWhatACrashLeft) {
  write("a", "old");
  write("a.tmp", "half of something that was longer than the new content");
  ASSERT_TRUE(replace_file(fs(), path("a"), "new"));
  EXPECT_EQ(read("a"), "new");
  EXPECT_THAT(*fs().list(root()), ElementsAre("a"));
}

TEST_P(FileHelpersTest, ReplaceFileGivesWayToOneAtWork) {
  write("a", "old");
  const auto other = open("a.tmp");
  ASSERT_TRUE(*other->try_lock(0, LockMode::exclusive));
  const auto result = replace_file(fs(), path("a"), "new");
  EXPECT_EQ(result.error().code, Errc::overloaded);
  EXPECT_THAT(result.error().detail, HasSubstr("try again"));
  EXPECT_EQ(read("a"), "old");
  EXPECT_TRUE(fs().stat(path("a.tmp"))->has_value()) << "the other one's file must stay";
}

TEST_P(FileHelpersTest, MakeDirectoriesMakesTheMissingOnes) {
  ASSERT_TRUE(make_directories(fs(), path("a/b/c")));
  ASSERT_TRUE(make_directories(fs(), path("a/b/c")));
  ASSERT_TRUE(make_directories(fs(), path("a/b/d/")));
  EXPECT_THAT(*fs().list(path("a/b")), ElementsAre("c", "d"));
  write("file", "");
  EXPECT_FALSE(make_directories(fs(), path("file/x")));
  EXPECT_EQ(make_directories(fs(), path("file")).error().code, Errc::already_exists);
}

TEST(FileHelpers, JoinAndParent) {
  EXPECT_EQ(join("a", "b"), "a/b");
  EXPECT_EQ(join("a/", "b"), "a/b");
  EXPECT_EQ(join("/", "b"), "/b");
  EXPECT_EQ(join("", "b"), "b");
  EXPECT_EQ(parent("a/b"), "a");
  EXPECT_EQ(parent("b"), ".");
  EXPECT_EQ(parent("/b"), "/");
  EXPECT_EQ(parent("/"), "/");
  EXPECT_EQ(parent("a/b/"), "a");
  EXPECT_EQ(parent("a//b"), "a");
  EXPECT_EQ(parent("//b"), "/");
  EXPECT_EQ(parent(""), ".");
}

// Old or new, whatever fails: the promise of replace_file at every step, on every kind of fault.
TEST(FileHelpers, ReplaceFileIsOldOrNewAfterEveryFaultAndPowerCut) {
  for (const FaultKind kind : kFaultKinds) {
    std::uint64_t step = 0;
    for (;; ++step) {
      SimulatedFileSystem fs({.seed = step});
      fs.put("/a", "old");
      fs.fail_at(step, kind);
      const bool replaced = replace_file(fs, "/a", "new").has_value();
      if (fs.faults_hit() == 0) {
        EXPECT_TRUE(replaced);
        break;
      }
      for (std::uint64_t seed = 0; seed < 32; ++seed) {
        const auto after = fs.after_power_cut(seed);
        const std::string content = after->content("/a").value_or("missing");
        EXPECT_TRUE(content == "new" || (content == "old" && !replaced))
            << fault_kind_name(kind) << " at step " << step << ", seed " << seed << ": " << content;
        ASSERT_TRUE(replace_file(*after, "/a", "newer"));
        EXPECT_EQ(after->after_power_cut(0)->content("/a"), "newer");
        EXPECT_THAT(after->paths(), ElementsAre("/a"));
      }
    }
    EXPECT_GT(step, 4U) << fault_kind_name(kind);
  }
}

/// Lets another process finish its replacement right after we opened the temporary file.
class RacingFileSystem final : public FileSystem {
 public:
  RacingFileSystem(SimulatedFileSystem& under, std::string from, std::string to)
      : under_(under), from_(std::move(from)), to_(std::move(to)) {}

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    auto file = under_.open(path, mode);
    if (path == from_ && races_++ == 0) {
      EXPECT_TRUE(under_.rename(from_, to_));
    }
    return file;
  }
  Result<void> make_directory(const std::string& path) override {
    return under_.make_directory(path);
  }
  Result<void> sync_directory(const std::string& path) override {
    return under_.sync_directory(path);
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    live_before_rename_ = under_.content(to_).value_or("missing");
    return under_.rename(from, to);
  }
  Result<void> remove(const std::string& path) override { return under_.remove(path); }
  Result<std::vector<std::string>> list(const std::string& path) override {
    return under_.list(path);
  }
  Result<std::optional<FileInfo>> stat(const std::string& path) override {
    return under_.stat(path);
  }
  Result<std::string> unsuitable_for_writing(const std::string& path) override {
    return under_.unsuitable_for_writing(path);
  }
  Result<std::string> boot_id() override { return under_.boot_id(); }

  const std::string& live_before_rename() const { return live_before_rename_; }

 private:
  SimulatedFileSystem& under_;
  const std::string from_;
  const std::string to_;
  int races_ = 0;
  std::string live_before_rename_;
};

TEST(FileHelpers, ReplaceFileNeverWritesIntoTheLiveFile) {
  SimulatedFileSystem fs;
  fs.put("/a", "old");
  fs.put("/a.tmp", "the other one's");
  RacingFileSystem racing(fs, "/a.tmp", "/a");
  ASSERT_TRUE(replace_file(racing, "/a", "ours"));
  EXPECT_EQ(racing.live_before_rename(), "the other one's");
  EXPECT_EQ(fs.content("/a"), "ours");
  EXPECT_THAT(fs.paths(), ElementsAre("/a"));
}

TEST(FileHelpers, MakeDirectoriesIsDurableAfterEveryCrash) {
  std::uint64_t step = 0;
  for (;; ++step) {
    SimulatedFileSystem fs;
    fs.fail_at(step, FaultKind::crash_after);
    const bool made = make_directories(fs, "/a/b/c").has_value();
    if (made) break;
    // Only the process ended: the next one finds a directory that is visible but perhaps not
    // durable.
    const auto after = fs.after_process_crash();
    ASSERT_TRUE(make_directories(*after, "/a/b/c"));
    EXPECT_TRUE(after->after_power_cut(0)->stat("/a/b/c")->has_value()) << "step " << step;
  }
  EXPECT_EQ(step, 7U)
      << "three directories and their syncs, and the sync of the root that is there";
}

TEST(FileHelpers, MakeDirectoriesCanBeTriedAgainAfterAFailedSync) {
  for (std::uint64_t step = 0; step < 7; ++step) {
    SimulatedFileSystem fs;
    fs.fail_at(step, FaultKind::failed_sync);
    EXPECT_EQ(make_directories(fs, "/a/b/c").error().code, Errc::sync_failed) << "step " << step;
    ASSERT_TRUE(make_directories(fs, "/a/b/c"));
    EXPECT_TRUE(fs.after_power_cut(0)->stat("/a/b/c")->has_value()) << "step " << step;
  }
}

TEST(FileHelpers, MakeDirectoriesAcceptsADirectoryWhoseParentIsNotOurs) {
  SimulatedFileSystem fs;
  ASSERT_TRUE(make_directories(fs, "/a"));
  fs.set_read_only(true);
  EXPECT_TRUE(make_directories(fs, "/a"));
  EXPECT_EQ(make_directories(fs, "/a/b").error().code, Errc::permission_denied);
}

}  // namespace
}  // namespace tally::storage
