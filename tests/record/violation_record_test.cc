// SPDX-License-Identifier: Apache-2.0
#include "record/violation_record.h"

#include "record/harness.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

class ViolationRecordTest : public testing::Test {
 protected:
  mcp::Message& message(std::string t) {
    text = std::move(t);
    return reader.read(text).messages.front();
  }
  FixedClock clock;
  CountingRandom random;
  UuidSource uuids{clock, random};
  redact::KeyedDigest digest{as_bytes("key")};
  Context context{Harness::default_options(), uuids, digest};
  mcp::Moment now = mcp::moment_of(clock);
  std::string text;
  mcp::MessageReader reader;
};

TEST_F(ViolationRecordTest, ShowsBothOfTwoEqualKeysAndNoSecret) {
  const Seen s(violation_record(
      context, mcp::Direction::c2s,
      message(
          R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"look","name":"act","arguments":{"password":"hunter2"}}})"),
      "i-1", std::nullopt, now));
  EXPECT_EQ(s.at("details.violations"), R"([{"kind":"duplicate_key","where":"params.name"}])");
  EXPECT_EQ(s.at("details.violating_method"), "tools/call");
  EXPECT_EQ(s.at("details.violating_id"), "1");
  EXPECT_TRUE(s.at("details.message.preview").find("look") != std::string::npos);
  EXPECT_TRUE(s.at("details.message.preview").find("act") != std::string::npos);
  EXPECT_FALSE(s.says("hunter2"));
  EXPECT_EQ(s.at("interaction_id"), "i-1");
  EXPECT_EQ(s.at("event_result"), "failure");
  EXPECT_EQ(s.at("severity_level"), "high");
}

TEST_F(ViolationRecordTest, BatchPlaces) {
  EXPECT_EQ(batch_json({"b", 2, 5}), R"({"id":"b","index":2,"size":5})");
  const Seen s(violation_record(context, mcp::Direction::s2c, message("{}"), "",
                                BatchPlace{"b", 0, 1}, now));
  EXPECT_EQ(s.at("details.batch.id"), "b");
  EXPECT_EQ(s.at("interaction_id"), "");
  EXPECT_EQ(s.at("target_type"), "client");
}

TEST_F(ViolationRecordTest, Unparsed) {
  const Seen s(unparsed_record(
      context, {.direction = mcp::Direction::c2s, .message = &message("\xFFgarbage"), .facts = {}},
      event::EventResult::success, now));
  EXPECT_EQ(s.at("event_name"), "mcp-unparsed");
  EXPECT_EQ(s.at("details.reason"), "unparsable");
  EXPECT_EQ(s.at("details.content.bytes"), "8");
  EXPECT_EQ(s.at("interaction_id"), s.at("event_id"));
  const Seen quiet(unparsed_record(context,
                                   {.direction = mcp::Direction::c2s,
                                    .message = &message("garbage"),
                                    .facts = {},
                                    .payloads = false},
                                   event::EventResult::success, now));
  EXPECT_EQ(quiet.at("details.content"), "");
}

TEST_F(ViolationRecordTest, Unmatched) {
  const Seen s(
      unmatched_record(context, mcp::Direction::s2c,
                       message(R"({"jsonrpc":"2.0","id":"x","error":{"code":-1,"message":"m"}})"),
                       std::nullopt, now));
  EXPECT_EQ(s.at("details.jsonrpc_id"), "x");
  EXPECT_EQ(s.at("details.outcome"), R"({"rpc_error":-1,"is_error":null,"reason":"no_request"})");
  EXPECT_EQ(s.at("details.direction"), "s2c");
}

}  // namespace
}  // namespace tally::record
