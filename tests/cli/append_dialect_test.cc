// SPDX-License-Identifier: Apache-2.0
#include "cli/append_dialect.h"

#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::cli {
namespace {

using test::lines_of;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

const std::string kAudit =
    R"({"isAuditEvent":true,"plugin":"mcp-actions","eventId":"tool-execution","meta":{"toolName":"t","password":"hunter2"},"status":"succeeded"})"
    "\n";
const std::string kOther = R"({"level":"info","message":"hello"})"
                           "\n";

class AppendDialectTest : public ::testing::Test {
 protected:
  std::vector<std::string> entries() {
    return lines_of(user_.run({"query", "--oldest-first", "--format", "ndjson"}).out);
  }
  test::User user_;
};

TEST_F(AppendDialectTest, AuditLinesAmongOthers) {
  const auto ran =
      user_.run({"append", "--format", "backstage"}, kOther + kAudit + "text\n" + kAudit);
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_THAT(ran.out,
              HasSubstr("appended 2 events, left out 2 lines without events; the log has"));
  ASSERT_THAT(entries(), SizeIs(2));
  EXPECT_THAT(entries()[0], HasSubstr("\"event_name\":\"mcp-tool-execution\""));
  EXPECT_THAT(entries()[0], Not(HasSubstr("hunter2")));
  EXPECT_THAT(entries()[0], HasSubstr("\"rule\":\"key:password\""));
}

TEST_F(AppendDialectTest, ABrokenAuditLineIsToldWithItsNumber) {
  const auto ran = user_.run({"append", "--json", "--format", "backstage"},
                             kAudit + kAudit.substr(0, 60) + "\n" + kAudit);
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("line 2: seems to be an audit event"));
  EXPECT_THAT(ran.out,
              AllOf(HasSubstr(R"("appended":2,"refused":1,)"), HasSubstr(R"("ignored":0})")));
}

TEST_F(AppendDialectTest, ARequestOfOtlpBecomesSeveralEventsInOrder) {
  const std::string line =
      R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"a"},{"eventName":"b"},7,{"eventName":"c"}]}]}]})"
      "\n{}\n";
  const auto ran = user_.run({"append", "--json", "--format", "otlp"}, line + line);
  EXPECT_EQ(ran.status, 2);  // the 7
  EXPECT_THAT(ran.out,
              AllOf(HasSubstr(R"("appended":6,"refused":2,)"), HasSubstr(R"("ignored":2})")));
  std::string names;
  for (const std::string& entry : entries()) {
    const std::size_t at = entry.find("\"event_name\":\"") + 14;
    names += entry.substr(at, entry.find('"', at) - at);
  }
  EXPECT_EQ(names, "abcabc");
}

TEST_F(AppendDialectTest, WhatWasExportedComesBack) {
  user_.run({"append"},
            R"({"event_name":"x-y","actor_id":"jane","event_result":"denied","details":{"n":1}})");
  const auto exported = user_.run({"export", "--format", "backstage"});
  ASSERT_EQ(user_.run({"append", "--format", "backstage"}, exported.out).status, 0);
  ASSERT_THAT(entries(), SizeIs(2));
  const auto body = [](const std::string& line) {
    const std::size_t at = line.find("\"event_name\"");
    return line.substr(at, line.find("\"instance\"") - at);
  };
  EXPECT_EQ(body(entries()[0]), body(entries()[1]));
}

TEST_F(AppendDialectTest, ABadFormatIsRefusedBeforeALogIsMade) {
  const auto ran = user_.run({"append", "--format", "cef"}, kAudit);
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("--format: must be events, backstage or otlp"));
  EXPECT_THAT(ran.err, Not(HasSubstr("made a new log")));
}

}  // namespace
}  // namespace tally::cli
