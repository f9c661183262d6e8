// SPDX-License-Identifier: Apache-2.0
// Reading back: exact round trips, tolerance for what is missing, errors that name the field.
#include "event/codec.h"
#include "samples.h"

#include <gtest/gtest.h>

namespace tally::event {
namespace {

TEST(Decode, FullEventComesBackWithItsNumber) {
  const std::string object = encode(full_event());
  const auto decoded = decode("{\"seq\":41," + object.substr(1));
  ASSERT_TRUE(decoded) << decoded.error().detail;
  EXPECT_EQ(decoded->seq, 41U);
  EXPECT_EQ(decoded->event, full_event());
  EXPECT_EQ(encode(decoded->event), object);
}

TEST(Decode, RoundTripIsExactForAnyEvent) {
  EventMaker make(2);
  for (int i = 0; i < 2000; ++i) {
    const Event e = make.next();
    const std::string object = encode(e);
    const auto decoded = decode(object);
    ASSERT_TRUE(decoded) << decoded.error().detail << "\n" << object;
    EXPECT_FALSE(decoded->seq);
    ASSERT_EQ(decoded->event, e) << object;
    ASSERT_EQ(encode(decoded->event), object);
  }
}

TEST(Decode, NullIsAbsentAndMissingFieldsKeepDefaults) {
  const auto decoded =
      decode(R"({"seq":0,"event_id":"x","session_id":null,"details":null,"enc":{"k":"v"}})");
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->seq, 0U);
  EXPECT_FALSE(decoded->event.session_id);
  EXPECT_EQ(decoded->event.details, "");
  EXPECT_EQ(decoded->event.event_result, EventResult::success);
  ASSERT_EQ(decoded->event.unknown.size(), 1U);
  EXPECT_EQ(decoded->event.unknown[0], (RawMember{"enc", R"({"k":"v"})"}));
}

TEST(Decode, EscapedKeysAreTheSameKeys) {
  const auto decoded = decode(R"({"\u0061ctor_id":"a","event_name":"n"})");
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->event.actor_id, "a");
}

TEST(Decode, OneStringIsAChainOfOne) {
  EXPECT_EQ(decode(R"({"on_behalf_of":"jane"})")->event.on_behalf_of,
            std::vector<std::string>{"jane"});
}

TEST(Decode, ErrorsNameTheField) {
  const struct {
    const char* line;
    const char* detail;
  } rows[] = {
      {"[]", "event: not a JSON object"},
      {R"({"seq":-1})", "seq: must be a whole number from 0 on"},
      {R"({"seq":"1"})", "seq: must be a whole number from 0 on"},
      {R"({"timestamp":"yesterday"})", "timestamp: must be an RFC 3339 time"},
      {R"({"timestamp":5})", "timestamp: must be an RFC 3339 time"},
      {R"({"event_name":5})", "event_name: must be a string"},
      {R"({"event_type":"MCP"})",
       "event_type: must be one of auth, admin, api, rpc, mcp, access, security, system, audit"},
      {R"({"status":"done"})", "status: must be one of initiated, succeeded, failed"},
      {R"({"actor_verified":1})", "actor_verified: must be true, false or \"claimed\""},
      {R"({"duration_ms":-1})", "duration_ms: must be a number of milliseconds, not negative"},
      {R"({"duration_ms":"1"})", "duration_ms: must be a number of milliseconds, not negative"},
      {R"({"details":[]})", "details: must be an object"},
      {R"({"on_behalf_of":[1]})", "on_behalf_of: must be an array of strings"},
      {R"({"on_behalf_of":{}})", "on_behalf_of: must be an array of strings"},
      {R"({"redactions":{}})", "redactions: must be an array"},
      {R"({"redactions":["x"]})",
       "redactions: must be objects of the strings path, rule and action"},
      {R"({"redactions":[{"path":1}]})",
       "redactions: must be objects of the strings path, rule and action"},
      {R"({"actor_id":"a","actor_id":"b"})", "actor_id: repeated"},
      {R"({"actor_id":"a","actor\u005fid":"b"})", "actor_id: repeated"},
  };
  for (const auto& row : rows) {
    const auto decoded = decode(row.line);
    ASSERT_FALSE(decoded) << row.line;
    EXPECT_EQ(decoded.error().detail, row.detail) << row.line;
    EXPECT_EQ(decoded.error().code, Errc::malformed);
  }
}

TEST(Decode, BrokenJsonSaysWhere) {
  EXPECT_EQ(decode(R"({"details":{"a":01}})").error().detail,
            "JSON: a number with a leading zero at byte 17");
  EXPECT_EQ(decode("").error().code, Errc::malformed);
  EXPECT_EQ(decode("{\"a\":\"\xFF\"}").error().code, Errc::malformed);
}

}  // namespace
}  // namespace tally::event
