// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor_log.h"

#include "cli/program.h"
#include "storage/file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
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
