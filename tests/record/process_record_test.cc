// SPDX-License-Identifier: Apache-2.0
#include "record/process_record.h"

#include "record/harness.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

class ProcessRecordTest : public testing::Test {
 protected:
  FixedClock clock;
  CountingRandom random;
  UuidSource uuids{clock, random};
  redact::KeyedDigest digest{as_bytes("key")};
  Context context{Harness::default_options(), uuids, digest};
  mcp::Moment now = mcp::moment_of(clock);
};

TEST_F(ProcessRecordTest, StartSaysWhatRuns) {
  StartInfo info;
  info.arguments = {"node", "server.js", "two words", "\xFF"};
  info.environment_names = {"HOME", "SECRET_TOKEN"};
  info.program = "/usr/bin/node";
  info.pid = 7;
  const Seen s(start_record(context, info, ProgramDigest{5, "ab", ""}, now));
  EXPECT_EQ(s.at("details.command"), "node");
  EXPECT_EQ(s.at("details.arguments"), "[\"node\",\"server.js\",\"two words\",\"\xEF\xBF\xBD\"]");
  EXPECT_EQ(s.at("details.environment_names"), R"(["HOME","SECRET_TOKEN"])");
  EXPECT_EQ(s.at("details.executable_digest"), "sha256:ab");
  EXPECT_EQ(s.at("details.executable_bytes"), "5");
  EXPECT_EQ(s.at("actor_id"), "jane");
  EXPECT_EQ(s.at("target_id"), "@scope/server-files");
  EXPECT_EQ(s.at("details.method"), "");
}

TEST_F(ProcessRecordTest, LongListsAreCutAndCounted) {
  StartInfo info;
  info.arguments.assign(5000, "an argument of some length");
  info.environment_names.assign(5000, "A_NAME_OF_SOME_LENGTH");
  const Seen s(start_record(context, info, std::nullopt, now));
  EXPECT_LT(s.json.size(), kEntryBytesMax);
  EXPECT_NE(s.at("details.arguments_omitted"), "");
  EXPECT_NE(s.at("details.environment_names_omitted"), "");
}

TEST_F(ProcessRecordTest, AProgramThatCouldNotBeHashed) {
  const Seen s(start_record(context, {}, ProgramDigest{0, "", "permission denied"}, now));
  EXPECT_EQ(s.at("details.executable_digest"), "");
  EXPECT_EQ(s.at("details.executable_digest_error"), "permission denied");
}

TEST_F(ProcessRecordTest, Exits) {
  ExitInfo info;
  info.code = 0;
  EXPECT_EQ(Seen(exit_record(context, info, std::nullopt, std::nullopt, now)).brief(),
            "mcp-server-exit succeeded/success");
  info.code = 3;
  info.exit_status = 3;
  const Seen s(exit_record(context, info, std::nullopt, std::nullopt, now));
  EXPECT_EQ(s.brief(), "mcp-server-exit failed/failure");
  EXPECT_EQ(s.at("details.exit_code"), "3");
  EXPECT_EQ(s.at("duration_ms"), "");
  info.killed_by_wrap = true;
  EXPECT_EQ(Seen(exit_record(context, info, std::nullopt, std::nullopt, now)).at("details.reason"),
            "killed_by_wrap");
}

}  // namespace
}  // namespace tally::record
