// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor_disk.h"

#include "storage/simulated_file_system.h"
#include "storage/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

namespace tally::cli {
namespace {

using ::testing::HasSubstr;

const DoctorLine* line_of(const DoctorReport& report, std::string_view check) {
  for (const DoctorLine& each : report.lines()) {
    if (each.check == check) return &each;
  }
  ADD_FAILURE() << check << " was not checked";
  return nullptr;
}

TEST(DoctorDisk, ALocalFolderIsFineAndNothingIsLeftInIt) {
  const storage::TemporaryDirectory home;
  DoctorReport report;
  check_disk(report, storage::posix_file_system(), system_clock(), home.path(), false);
  EXPECT_NE(line_of(report, "log.space"), nullptr);
  const DoctorLine* const sync = line_of(report, "log.sync");
  ASSERT_NE(sync, nullptr);
  const std::string wanted = sync->finding == Finding::note ? "not measured" : "a sync takes ";
  EXPECT_THAT(sync->text, HasSubstr(wanted));
  EXPECT_TRUE(storage::posix_file_system().list(home.path())->empty());
}

TEST(DoctorDisk, AFolderThatCannotBeWrittenIsAFailure) {
  DoctorReport report;
  // Nobody can make files there, root neither.
  check_disk(report, storage::posix_file_system(), system_clock(), "/proc/self", false);
  const DoctorLine* const sync = line_of(report, "log.sync");
  ASSERT_NE(sync, nullptr);
  EXPECT_NE(sync->finding, Finding::fine) << sync->text;
}

TEST(DoctorDisk, AFolderThatIsNotThereIsTold) {
  DoctorReport report;
  check_disk(report, storage::posix_file_system(), system_clock(), "/nowhere/at/all", false);
  EXPECT_EQ(line_of(report, "log.sync")->finding, Finding::failed);
  EXPECT_EQ(line_of(report, "log.space")->finding, Finding::warning);
}

}  // namespace
}  // namespace tally::cli
