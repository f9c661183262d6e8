// SPDX-License-Identifier: Apache-2.0
#include "server/self_audit.h"

#include "server/api_fixture.h"

#include <csignal>
#include <sys/resource.h>

namespace tally::server {
namespace {

class SelfAuditTest : public test::ApiFixture {
 protected:
  SelfAuditTest() { start(); }
  WorkPool workers_{1, 4};
  SelfEvents events_{system_clock(), uuids_, "i", "serve", "origin"};
  Caller caller_{std::nullopt, "192.0.2.1", "", "GET", "/api/audit/logs"};
};

TEST_F(SelfAuditTest, ARecordIsDurableWhenItReturnsAndRepetitionsAreCounted) {
  SelfAudit audit(*log_, workers_, events_, system_clock(), true);
  const auto event = events_.accessed(caller_, "search", "{}", 3);
  EXPECT_TRUE(audit.record("k", event));
  EXPECT_EQ(lines("\"audit-log-access\"").size(), 1U);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(audit.record("k", event));
  EXPECT_EQ(lines("\"audit-log-access\"").size(), 1U);
  audit.flush();
  EXPECT_EQ(lines("\"folded\"").size(), 0U) << "the minute is not over";
  audit.flush(true);
  EXPECT_NE(wait_lines("\"folded\"", 1)[0].find("\"count\":5"), std::string::npos);
}

TEST_F(SelfAuditTest, WhatCouldNotBeWrittenIsNotTakenForRecorded) {
  SelfAudit audit(*log_, workers_, events_, system_clock(), true);
  const auto event = events_.accessed(caller_, "search", "{}", 3);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit full{1, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  EXPECT_FALSE(audit.record("k", event));
  EXPECT_FALSE(audit.record("k", event)) << "the first one is in no log";
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_TRUE(audit.record("k", event));
  EXPECT_EQ(lines("\"audit-log-access\"").size(), 1U);
}

TEST_F(SelfAuditTest, ANoteGoesItsOwnWay) {
  SelfAudit audit(*log_, workers_, events_, system_clock(), true);
  audit.note("k", events_.forbidden(caller_, "role"));
  EXPECT_EQ(wait_lines("\"access-denied\"", 1).size(), 1U);
}

TEST_F(SelfAuditTest, WhatIsNeverCountedIsWrittenEachTimeAlsoAfterTheWorkers) {
  SelfAudit audit(*log_, workers_, events_, system_clock(), true);
  const auto begun = events_.export_begun(caller_, "csv", "{}", 3);
  EXPECT_TRUE(audit.record(begun));
  EXPECT_TRUE(audit.record(events_.export_begun(caller_, "csv", "{}", 3)));
  EXPECT_EQ(lines("\"pending\"").size(), 2U);
  audit.note(events_.export_ended(begun, {.sha256 = "00"}));
  static_cast<void>(wait_lines("\"complete\":true", 1));
  workers_.stop();
  audit.note(events_.export_ended(begun, {.reason = "disconnected"}));
  audit.flush(true);
  static_cast<void>(wait_lines("\"complete\":false", 1));
}

TEST_F(SelfAuditTest, SwitchedOffItWritesNothing) {
  SelfAudit audit(*log_, workers_, events_, system_clock(), false);
  EXPECT_TRUE(audit.record("k", events_.accessed(caller_, "search", "{}", 3)));
  audit.note("k", events_.forbidden(caller_, "role"));
  audit.flush(true);
  workers_.stop();
  EXPECT_EQ(lines("192.0.2.1").size(), 0U);
}

}  // namespace
}  // namespace tally::server
