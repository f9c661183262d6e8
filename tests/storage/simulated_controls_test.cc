// SPDX-License-Identifier: Apache-2.0
#include "storage/power_cut_choices.h"
#include "storage/simulated_file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::storage {
namespace {

using ::testing::ElementsAre;

TEST(SimulatedControls, TouchingFromOutsideIsDurableAndCountsNothing) {
  SimulatedFileSystem fs;
  ASSERT_TRUE(fs.make_directory("/d"));
  ASSERT_TRUE(fs.sync_directory("/"));
  const std::uint64_t steps = fs.steps();
  fs.put("/d/a", "abcdef");
  fs.put("/d/b", "x");
  fs.overwrite("/d/a", 2, as_bytes("XY"));
  fs.erase("/d/b");
  EXPECT_EQ(fs.steps(), steps);
  EXPECT_EQ(fs.content("/d/a"), "abXYef");
  EXPECT_EQ(fs.durable_content("/d/a"), "abXYef");
  EXPECT_THAT(fs.paths(), ElementsAre("/d/a"));
  EXPECT_EQ(fs.total_bytes(), 6U);
  const auto after = fs.after_power_cut(PowerCutChoices::kNothing);
  EXPECT_THAT(after->paths(), ElementsAre("/d/a"));
  EXPECT_EQ(after->content("/d/a"), "abXYef");
}

TEST(SimulatedControls, OpenFilesSeeWhatSomebodyElseChanged) {
  SimulatedFileSystem fs;
  fs.put("/a", "abc");
  auto file = fs.open("/a", OpenMode::read);
  fs.put("/a", "something else");
  EXPECT_EQ((*file)->info()->size, 14U);
}

TEST(SimulatedControls, ThereIsNoContentOfWhatIsNoFile) {
  SimulatedFileSystem fs;
  EXPECT_FALSE(fs.content("/none"));
  EXPECT_FALSE(fs.content("/none/below"));
  EXPECT_FALSE(fs.content("/"));
  EXPECT_FALSE(fs.durable_content("/none"));
}

TEST(SimulatedControls, ReadOnlyRefusesEveryChangeAndNoLook) {
  SimulatedFileSystem fs;
  fs.put("/a", "abc");
  auto open = fs.open("/a", OpenMode::write);
  ASSERT_TRUE(open);
  fs.set_read_only(true);
  EXPECT_EQ((*open)->write_at(0, as_bytes("x")).error().code, Errc::permission_denied);
  EXPECT_EQ((*open)->truncate(0).error().code, Errc::permission_denied);
  EXPECT_EQ(fs.open("/a", OpenMode::write).error().code, Errc::permission_denied);
  EXPECT_EQ(fs.open("/b", OpenMode::create).error().code, Errc::permission_denied);
  EXPECT_EQ(fs.make_directory("/d").error().code, Errc::permission_denied);
  EXPECT_EQ(fs.rename("/a", "/b").error().code, Errc::permission_denied);
  EXPECT_EQ(fs.remove("/a").error().code, Errc::permission_denied);
  EXPECT_TRUE(fs.open("/a", OpenMode::read));
  EXPECT_EQ(fs.after_process_crash()->remove("/a").error().code, Errc::permission_denied);
  fs.set_read_only(false);
  EXPECT_TRUE(fs.remove("/a"));
}

TEST(SimulatedControls, KindOfFileSystemIsWhatTheTestSays) {
  SimulatedFileSystem fs;
  EXPECT_EQ(*fs.unsuitable_for_writing("/"), "");
  fs.set_unsuitable("nfs");
  EXPECT_EQ(*fs.unsuitable_for_writing("/"), "nfs");
  EXPECT_EQ(*fs.after_power_cut(3)->unsuitable_for_writing("/"), "nfs");
  EXPECT_EQ(fs.unsuitable_for_writing("/none").error().code, Errc::not_found);
}

TEST(SimulatedControls, FaultsCanBeDroppedAndDoNotOutliveACrash) {
  SimulatedFileSystem fs;
  fs.fail_at(0, FaultKind::io_error);
  EXPECT_TRUE(fs.after_process_crash()->make_directory("/d"));
  fs.clear_faults();
  EXPECT_TRUE(fs.make_directory("/d"));
  EXPECT_EQ(fs.faults_hit(), 0U);
  EXPECT_EQ(fs.steps(), 1U);
  EXPECT_EQ(fs.after_process_crash()->steps(), 0U);
}

TEST(SimulatedControls, CrashEndsEveryCallUntilTheNextLife) {
  SimulatedFileSystem fs;
  fs.put("/a", "abc");
  EXPECT_FALSE(fs.crashed());
  fs.crash();
  EXPECT_TRUE(fs.crashed());
  EXPECT_FALSE(fs.open("/a", OpenMode::read));
  EXPECT_FALSE(fs.open("/a", OpenMode::create));
  EXPECT_FALSE(fs.make_directory("/d"));
  EXPECT_FALSE(fs.sync_directory("/"));
  EXPECT_FALSE(fs.rename("/a", "/b"));
  EXPECT_FALSE(fs.remove("/a"));
  EXPECT_FALSE(fs.list("/"));
  EXPECT_FALSE(fs.stat("/a"));
  EXPECT_FALSE(fs.boot_id());
  EXPECT_EQ(fs.steps(), 0U) << "a process that is gone takes no steps";
  EXPECT_FALSE(fs.after_process_crash()->crashed());
  EXPECT_TRUE(fs.after_power_cut(0)->open("/a", OpenMode::read));
}

}  // namespace
}  // namespace tally::storage
