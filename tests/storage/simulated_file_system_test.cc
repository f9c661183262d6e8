// SPDX-License-Identifier: Apache-2.0
// Names, faults and crashes of the simulation; what it shares with the machine's files:
// file_system_test.cc.
#include "storage/simulated_file_system.h"

#include "storage/power_cut_choices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace tally::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

void write_synced(FileSystem& fs, const std::string& path, std::string_view content) {
  auto file = fs.open(path, OpenMode::create);
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->write_at(0, as_bytes(content)));
  ASSERT_TRUE((*file)->sync());
}

TEST(SimulatedFileSystem, SyncedFileWithoutSyncedNameMayBeMissing) {
  SimulatedFileSystem fs;
  write_synced(fs, "/a", "abc");
  EXPECT_THAT(fs.after_power_cut(PowerCutChoices::kNothing)->paths(), IsEmpty());
  EXPECT_EQ(fs.after_power_cut(PowerCutChoices::kEverything)->content("/a"), "abc");
  ASSERT_TRUE(fs.sync_directory("/"));
  EXPECT_EQ(fs.after_power_cut(PowerCutChoices::kNothing)->content("/a"), "abc");
}

TEST(SimulatedFileSystem, SyncedNameOfAnUnsyncedFileIsAnEmptyFile) {
  SimulatedFileSystem fs;
  auto file = fs.open("/a", OpenMode::create);
  ASSERT_TRUE((*file)->write_at(0, as_bytes("abc")));
  ASSERT_TRUE(fs.sync_directory("/"));
  EXPECT_EQ(fs.after_power_cut(PowerCutChoices::kNothing)->content("/a"), "");
}

TEST(SimulatedFileSystem, RenameIsDurableAfterSyncOfTheDirectory) {
  SimulatedFileSystem fs;
  fs.put("/a", "old");
  write_synced(fs, "/a.tmp", "new");
  ASSERT_TRUE(fs.rename("/a.tmp", "/a"));
  EXPECT_EQ(fs.content("/a"), "new");
  EXPECT_EQ(fs.after_power_cut(PowerCutChoices::kNothing)->content("/a"), "old");
  ASSERT_TRUE(fs.sync_directory("/"));
  EXPECT_EQ(fs.after_power_cut(PowerCutChoices::kNothing)->content("/a"), "new");
}

TEST(SimulatedFileSystem, FailedDirectorySyncLosesNamesForGood) {
  SimulatedFileSystem fs;
  write_synced(fs, "/a", "abc");
  fs.fail_at(fs.steps(), FaultKind::failed_sync);
  EXPECT_EQ(fs.sync_directory("/").error().code, Errc::sync_failed);
  EXPECT_TRUE(fs.sync_directory("/"));
  EXPECT_THAT(fs.paths(), ElementsAre("/a"));
  EXPECT_THAT(fs.after_power_cut(PowerCutChoices::kEverything)->paths(), IsEmpty());
}

TEST(SimulatedFileSystem, CrashAfterDirectorySyncMeansItIsDurable) {
  SimulatedFileSystem fs;
  write_synced(fs, "/a", "abc");
  fs.fail_at(fs.steps(), FaultKind::crash_after);
  EXPECT_FALSE(fs.sync_directory("/"));
  EXPECT_EQ(fs.after_power_cut(PowerCutChoices::kNothing)->content("/a"), "abc");
}

TEST(SimulatedFileSystem, CallsOnNamesFailWholeOrCrashEitherWay) {
  for (const FaultKind kind : {FaultKind::io_error, FaultKind::short_write}) {
    SimulatedFileSystem fs;
    fs.put("/a", "abc");
    for (std::uint64_t n = 0; n < 4; ++n) fs.fail_at(fs.steps() + n, kind);
    EXPECT_EQ(fs.rename("/a", "/b").error().code, Errc::io);
    EXPECT_EQ(fs.remove("/a").error().code, Errc::io);
    EXPECT_EQ(fs.make_directory("/d").error().code, Errc::io);
    EXPECT_EQ(fs.open("/c", OpenMode::create).error().code, Errc::io);
    EXPECT_THAT(*fs.list("/"), ElementsAre("a"));
    EXPECT_EQ(fs.faults_hit(), 4U);
  }
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimulatedFileSystem fs({.seed = seed});
    fs.put("/a", "abc");
    fs.fail_at(0, FaultKind::crash_inside);
    EXPECT_FALSE(fs.rename("/a", "/b"));
    outcomes.insert(fs.after_process_crash()->paths().at(0));
  }
  EXPECT_EQ(outcomes, (std::set<std::string>{"/a", "/b"}));
}

TEST(SimulatedFileSystem, DiskFullReachesCreations) {
  SimulatedFileSystem fs;
  fs.fail_at(0, FaultKind::disk_full);
  EXPECT_EQ(fs.open("/a", OpenMode::create_new).error().code, Errc::disk_full);
  EXPECT_THAT(fs.paths(), IsEmpty());
}

TEST(SimulatedFileSystem, EveryCallThatLooksCanFail) {
  SimulatedFileSystem fs;
  fs.put("/a", "abc");
  for (std::uint64_t n = 0; n < 5; ++n) fs.fail_read_at(n);
  EXPECT_EQ(fs.open("/a", OpenMode::read).error().code, Errc::io);
  EXPECT_EQ(fs.open("/a", OpenMode::write).error().code, Errc::io);
  EXPECT_EQ(fs.list("/").error().code, Errc::io);
  EXPECT_EQ(fs.stat("/a").error().code, Errc::io);
  EXPECT_EQ(fs.boot_id().error().code, Errc::io);
  EXPECT_TRUE(fs.open("/a", OpenMode::read));
  EXPECT_EQ(fs.steps(), 0U) << "looking is no step";
}

TEST(SimulatedFileSystem, BootIdChangesWithThePowerOnly) {
  SimulatedFileSystem fs;
  const std::string boot = *fs.boot_id();
  EXPECT_EQ(*fs.after_process_crash()->boot_id(), boot);
  const auto next = fs.after_power_cut(5);
  EXPECT_NE(*next->boot_id(), boot);
  EXPECT_NE(*next->after_power_cut(5)->boot_id(), *next->boot_id());
}

TEST(SimulatedFileSystem, OutcomesOfOneStateAreIndependent) {
  SimulatedFileSystem fs;
  fs.put("/a", "abc");
  const auto first = fs.after_power_cut(0);
  write_synced(*first, "/a", "xyz");
  EXPECT_EQ(fs.content("/a"), "abc");
  EXPECT_EQ(fs.after_power_cut(0)->content("/a"), "abc");
}

TEST(SimulatedFileSystem, SameSeedSameOutcome) {
  const auto run = [] {
    SimulatedFileSystem fs({.seed = 9});
    for (const char* path : {"/a", "/b", "/c"}) {
      auto file = fs.open(path, OpenMode::create);
      EXPECT_TRUE((*file)->write_at(0, as_bytes(std::string(5000, path[1]))));
    }
    fs.fail_at(fs.steps() + 1, FaultKind::short_write);
    auto file = fs.open("/d", OpenMode::create);
    EXPECT_FALSE((*file)->write_at(0, as_bytes(std::string(5000, 'd'))));
    const auto after = fs.after_power_cut(1234);
    std::string all;
    for (const std::string& path : after->paths()) all += path + *after->content(path);
    return all;
  };
  EXPECT_EQ(run(), run());
}

// The loop from the header, on a writer that acknowledges after file and name are durable.
TEST(SimulatedFileSystem, LoopOverEveryStepEndsAndKeepsWhatWasAcknowledged) {
  for (const FaultKind kind : kFaultKinds) {
    std::uint64_t step = 0;
    for (;; ++step) {
      SimulatedFileSystem fs({.seed = step});
      fs.fail_at(step, kind);
      int acknowledged = 0;
      for (int i = 0; i < 3; ++i) {
        auto file = fs.open("/" + std::to_string(i), OpenMode::create_new);
        if (!file || !(*file)->write_at(0, as_bytes("content")) || !(*file)->sync()) break;
        if (!fs.sync_directory("/")) break;
        ++acknowledged;
      }
      if (fs.faults_hit() == 0) {
        EXPECT_EQ(acknowledged, 3);
        break;
      }
      for (std::uint64_t seed = 0; seed < 8; ++seed) {
        const auto after = fs.after_power_cut(seed);
        for (int i = 0; i < acknowledged; ++i) {
          EXPECT_EQ(after->content("/" + std::to_string(i)), "content") << fault_kind_name(kind);
        }
      }
    }
    EXPECT_GE(step, 12U) << fault_kind_name(kind);
  }
}

}  // namespace
}  // namespace tally::storage
