// SPDX-License-Identifier: Apache-2.0
#include "event/codec.h"
#include "event/ingest.h"
#include "event/samples.h"
#include "redact/redact.h"

#include <gtest/gtest.h>

namespace tally::redact {
namespace {

event::Event secretive() {
  event::Event e;
  e.event_id = "019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d";
  e.event_name = "x";
  e.event_action = "a";
  e.target_id = "db/postgres://u:s3cr3t@h/db";
  e.session_id = "s3cr3t-session";
  e.api_endpoint = "/mcp?sessionId=s3cr3t";
  e.details = R"({"arguments":{"token":"s3cr3t","n":1.50}})";
  e.error_message = "refused: Bearer s3cr3t-token";
  e.old_values = R"({"password":"s3cr3t"})";
  e.new_values = R"({"password":"s3cr3t"})";
  e.unknown = {{"password", "\"s3cr3t\""}, {"extra", R"({"secret":"s3cr3t"})"}, {"kept", "[1]"}};
  return e;
}

TEST(RedactEvent, EveryPlaceIsClean) {
  event::Event e = secretive();
  redact_event(e);
  EXPECT_EQ(event::encode(e).find("s3cr3t"), std::string::npos) << event::encode(e);
  EXPECT_EQ(e.details, R"({"arguments":{"token":"[redacted]","n":1.50}})");
  EXPECT_EQ(e.unknown[0].json, "\"[redacted]\"");
  EXPECT_EQ(e.unknown[2].json, "[1]");
  EXPECT_EQ(e.session_id, "[redacted]");
  EXPECT_EQ(e.redactions.size(), 9U);
  const event::Event once = e;
  redact_event(e);
  EXPECT_EQ(e, once);
}

TEST(RedactEvent, WithAKeySessionsStayComparable) {
  const KeyedDigest digest(as_bytes("key"));
  event::Event e = secretive();
  redact_event(e, &digest);
  EXPECT_EQ(e.session_id, digest("s3cr3t-session"));
  EXPECT_EQ(e.api_endpoint, "/mcp?sessionId=" + digest("s3cr3t"));
  const event::Event once = e;
  redact_event(e, &digest);
  EXPECT_EQ(e, once);
}

TEST(RedactEvent, IngestWithTheFilterDoesTheSame) {
  const KeyedDigest digest(as_bytes("key"));
  const IngestFilter filter(&digest);
  const event::FixedClock clock;
  event::SeededRandom random;
  UuidSource uuids(clock, random);
  event::Ingest ingest(clock, uuids, {.instance = "", .source = "", .filter = &filter});
  event::Event expected = secretive();
  const auto text = ingest.accept(event::encode(expected));
  ASSERT_TRUE(text) << text.error().detail;
  EXPECT_EQ(text->find("s3cr3t"), std::string::npos) << *text;
  redact_event(expected, &digest);
  event::Event got = event::decode(*text)->event;
  got.recorded_at.reset();
  const auto by_path = [](const Redaction& a, const Redaction& b) { return a.path < b.path; };
  std::sort(got.redactions.begin(), got.redactions.end(), by_path);
  std::sort(expected.redactions.begin(), expected.redactions.end(), by_path);
  EXPECT_EQ(got, expected);
}

TEST(RedactEvent, FilterAsksOnlyForWhatItNeeds) {
  const IngestFilter filter;
  EXPECT_TRUE(filter.wants_key("Set-Cookie"));
  EXPECT_FALSE(filter.wants_key("progressToken"));
  EXPECT_TRUE(filter.wants_string("Bearer abcdefgh"));
  EXPECT_TRUE(filter.wants_string(" {\\\"a\\\":1}"));
  EXPECT_FALSE(filter.wants_string("a sentence: with 3 words, at 19:00"));
}

}  // namespace
}  // namespace tally::redact
