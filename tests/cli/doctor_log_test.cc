// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor_log.h"

#include "cli/program.h"
#include "log/lock_file.h"
#include "storage/file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace tally::cli {
namespace {

using ::testing::HasSubstr;

class DoctorLogTest : public ::testing::Test {
 protected:
  /// Looks at the log that the program made.
  DoctorReport look() {
    config_.log.directory = user_.log();
    const log::Environment environment = [this](const std::string& name) {
      return name == "HOME" ? std::optional(user_.home()) : std::nullopt;
    };
    DoctorReport report;
    check_log(report, {storage::posix_file_system(), system_clock(), environment, config_});
    return report;
  }
  static DoctorLine line(const DoctorReport& report, std::string_view check) {
    for (const DoctorLine& each : report.lines()) {
      if (each.check == check) return each;
    }
    return {std::string(check), Finding::failed, "not checked", ""};
  }
  test::User user_;
  config::ServeConfig config_;
};

TEST_F(DoctorLogTest, NoLogYetIsANote) {
  EXPECT_EQ(line(look(), "log.directory").finding, Finding::note);
}

TEST_F(DoctorLogTest, ASoundLog) {
  ASSERT_EQ(user_.run({"append"}, test::events(3)).status, 0);
  const DoctorReport report = look();
  for (const char* const check : {"log.directory", "log.keys", "log.head", "log.recovery",
                                  "log.signed", "log.checkpoints", "index"}) {
    EXPECT_EQ(line(report, check).finding, Finding::fine)
        << check << ": " << line(report, check).text;
  }
  EXPECT_THAT(line(report, "log.head").text, HasSubstr("3 committed entries"));
}

TEST_F(DoctorLogTest, TheMarkOfAFailedSyncSaysWhatToDo) {
  ASSERT_EQ(user_.run({"append"}, test::events(2)).status, 0);
  EXPECT_EQ(line(look(), "log.sync-failed").finding, Finding::fine);
  {
    auto lock = log::LockFile::open(storage::posix_file_system(), log::Layout(user_.log()));
    lock->set_failed_mark(TreeSize{2});
  }
  const DoctorLine now = line(look(), "log.sync-failed");
  EXPECT_EQ(now.finding, Finding::failed);
  EXPECT_THAT(now.text, HasSubstr("behind 2 entries"));
  EXPECT_THAT(now.remedy, HasSubstr("start serve again"));
  {
    auto lock = log::LockFile::open(storage::posix_file_system(), log::Layout(user_.log()));
    ASSERT_TRUE(lock->clear_failed_mark());
    std::fstream file(user_.log() + "/lock", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(128);  // docs/format/log.md, "lock"
    file << "failed 11111111-2222-3333-4444-555555555555 2";
  }
  const DoctorLine before = line(look(), "log.sync-failed");
  EXPECT_EQ(before.finding, Finding::warning);
  EXPECT_THAT(before.remedy, HasSubstr("tallystick verify"));
  ASSERT_EQ(user_.run({"append"}, test::events(1)).status, 0);
  EXPECT_EQ(line(look(), "log.sync-failed").finding, Finding::fine) << "who writes takes it away";
}

TEST_F(DoctorLogTest, KeysThatOthersMayReadAreAFailure) {
  ASSERT_EQ(user_.run({"append"}, test::events(1)).status, 0);
  ASSERT_EQ(::chmod((user_.keys() + "/hmac.key").c_str(), 0644), 0);
  const DoctorLine keys = line(look(), "log.keys");
  EXPECT_EQ(keys.finding, Finding::failed);
  EXPECT_THAT(keys.text, HasSubstr("hmac.key"));
}

TEST_F(DoctorLogTest, MissingKeysAndABrokenHeadAreFailures) {
  ASSERT_EQ(user_.run({"append"}, test::events(1)).status, 0);
  std::filesystem::remove(user_.keys() + "/sign.key");
  test::write_whole(user_.log() + "/head", "nonsense");
  const DoctorReport report = look();
  EXPECT_EQ(line(report, "log.keys").finding, Finding::failed);
  EXPECT_EQ(line(report, "log.head").finding, Finding::failed);
}

TEST_F(DoctorLogTest, WhatWaitsInTheSpoolIsTold) {
  ASSERT_EQ(user_.run({"append"}, test::events(1)).status, 0);
  const std::string id = std::filesystem::path(user_.keys()).filename();
  config_.spool.directory = user_.home() + "/spool";
  EXPECT_EQ(line(look(), "spool").finding, Finding::note);
  std::filesystem::create_directory(config_.spool.directory);
  EXPECT_EQ(line(look(), "spool").finding, Finding::fine);
  test::write_whole(config_.spool.directory + "/another.x.1.spool", "{}\n");
  EXPECT_EQ(line(look(), "spool").finding, Finding::fine);
  test::write_whole(config_.spool.directory + "/" + id + ".x.1.spool", "{}\n");
  EXPECT_EQ(line(look(), "spool").finding, Finding::warning);
}

TEST_F(DoctorLogTest, ARecoveryIsTold) {
  const std::string events = R"({"event_name":"audit-log-recovered","details":{"bytes":7}})"
                             "\n";
  ASSERT_EQ(user_.run({"append"}, events).status, 0);
  const DoctorLine recovery = line(look(), "log.recovery");
  EXPECT_EQ(recovery.finding, Finding::warning);
  EXPECT_THAT(recovery.text, HasSubstr("entry 0 of "));
}

}  // namespace
}  // namespace tally::cli
