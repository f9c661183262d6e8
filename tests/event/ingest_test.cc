// SPDX-License-Identifier: Apache-2.0
// Contract 6, POST /api/audit/events: what is needed, what is filled in, what is refused and how it
// is said.
#include "event/ingest.h"

#include "base/json.h"
#include "base/limits.h"
#include "event/codec.h"
#include "event/json_scan.h"
#include "samples.h"

#include <gtest/gtest.h>

namespace tally::event {
namespace {

class IngestTest : public ::testing::Test {
 protected:
  std::string accept(std::string_view json) {
    Ingest ingest(clock_, uuids_, options_);
    auto text = ingest.accept(json);
    return text ? *text : "error: " + text.error().detail;
  }
  Event event(std::string_view json) {
    const auto decoded = decode(accept(json));
    EXPECT_TRUE(decoded) << accept(json);
    return decoded ? decoded->event : Event{};
  }

  FixedClock clock_;
  SeededRandom random_;
  UuidSource uuids_{clock_, random_};
  IngestOptions options_{.instance = "i-1"};
};

TEST_F(IngestTest, ANameIsEnough) {
  const std::string text = accept(R"({"event_name":"mcp-tool-execution"})");
  const Event e = decode(text)->event;
  EXPECT_EQ(e.timestamp, clock_.time);
  EXPECT_FALSE(e.recorded_at);
  EXPECT_TRUE(is_uuid(e.event_id));
  EXPECT_EQ(e.event_type, EventType::mcp);
  EXPECT_EQ(e.event_action, "execute");
  EXPECT_EQ(e.event_result, EventResult::success);
  EXPECT_EQ(e.status, Status::succeeded);
  EXPECT_EQ(e.severity, Severity::info);
  EXPECT_EQ(e.severity_level, SeverityLevel::medium);
  EXPECT_EQ(e.instance, "i-1");
  EXPECT_EQ(e.source, "append");
  EXPECT_EQ(encode(e), text);
  EXPECT_EQ(text.substr(0, 14), R"({"timestamp":")");
}

TEST_F(IngestTest, TellsWhetherItMadeTheId) {
  Ingest ingest(clock_, uuids_, options_);
  const std::string id = "019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d";
  ASSERT_TRUE(ingest.accept(R"({"event_name":"x"})"));
  EXPECT_TRUE(ingest.made_id());
  ASSERT_TRUE(ingest.accept(R"({"event_name":"x"})", {}, id));
  EXPECT_FALSE(ingest.made_id());
  ASSERT_TRUE(ingest.accept(R"({"event_name":"x","event_id":")" + id + "\"}"));
  EXPECT_FALSE(ingest.made_id());
}

TEST_F(IngestTest, TypeAndActionAreEnough) {
  const Event e = event(R"({"event_type":"admin","event_action":"delete"})");
  EXPECT_EQ(e.event_name, "admin-delete");
  EXPECT_EQ(e.severity_level, SeverityLevel::medium);
}

TEST_F(IngestTest, AnUnknownNameGetsNeutralFacts) {
  const Event e = event(R"({"event_name":"deployment.finished"})");
  EXPECT_EQ(e.event_type, EventType::api);
  EXPECT_EQ(e.event_action, "unknown");
}

TEST_F(IngestTest, TheCatalogueFillsOnlyWhatIsMissing) {
  const Event e =
      event(R"({"event_name":"auth-failure","event_action":"token","severity_level":"low"})");
  EXPECT_EQ(e.event_type, EventType::auth);
  EXPECT_EQ(e.event_action, "token");
  EXPECT_EQ(e.severity_level, SeverityLevel::low);
}

TEST_F(IngestTest, StatusAndSeverityFollowAStatedResult) {
  Event e = event(R"({"event_name":"x","event_result":"error"})");
  EXPECT_EQ(e.status, Status::failed);
  EXPECT_EQ(e.severity, Severity::error);
  e = event(R"({"event_name":"x","status":"failed"})");
  EXPECT_EQ(e.event_result, EventResult::failure);
  e = event(R"({"event_name":"x","status":"initiated"})");
  EXPECT_EQ(e.event_result, EventResult::pending);
  // What is stated is kept, even when it contradicts itself.
  e = event(
      R"({"event_name":"x","event_result":"failure","status":"succeeded","severity":"debug"})");
  EXPECT_EQ(e.status, Status::succeeded);
  EXPECT_EQ(e.severity, Severity::debug);
}

TEST_F(IngestTest, TimesBecomeUtcMicrosecondsAndRecordingIsStamped) {
  const std::string text =
      accept(R"({"event_name":"x","timestamp":"2026-11-21T20:00:00.5+01:00"})");
  EXPECT_EQ(
      text.substr(0, 88),
      R"({"timestamp":"2026-11-21T19:00:00.500000Z","recorded_at":"2026-11-21T19:00:01.000002Z",")");
  // The clock's own time: nothing to add.
  EXPECT_FALSE(
      event(R"({"event_name":"x","timestamp":"2026-11-21T19:00:01.000002Z"})").recorded_at);
}

TEST_F(IngestTest, TimesOfOneSecondAndOthersAgreeWithTheParser) {
  Ingest ingest(clock_, uuids_, options_);
  for (const char* time :
       {"2026-11-21T19:00:00.000001Z", "2026-11-21T19:00:00.999999Z", "2026-11-21T19:00:00.5Z",
        "2026-11-21T19:00:00.123456z", "2026-11-21t19:00:00.123456Z", "2026-11-21T19:00:00.12345Z",
        "2026-12-31T23:59:60.123456Z", "2026-12-31T23:59:60.654321Z", "2026-12-31T23:59:59.000000Z",
        "2026-11-21T19:00:00.123456+00:00", "2026-11-21 19:00:00.123456Z",
        "1970-01-01T00:00:00.000000Z"}) {
    const auto text =
        ingest.accept(R"({"event_name":"x","timestamp":")" + std::string(time) + "\"}");
    ASSERT_TRUE(text) << time;
    EXPECT_EQ(text->substr(14, 27), format_time(*parse_time(time))) << time;
  }
  for (const char* time : {"2026-11-21T19:00:00.12345xZ", "2026-11-21T19:00:00.       Z",
                           "2026-11-21T19:00:61.123456Z", "2026-13-21T19:00:00.123456Z",
                           "2026-11-21", "1969-12-31T23:59:59.999999Z", ""}) {
    const auto text =
        ingest.accept(R"({"event_name":"x","timestamp":")" + std::string(time) + "\"}");
    ASSERT_FALSE(text) << time;
    EXPECT_EQ(text.error().detail.substr(0, 37), "timestamp: must be an RFC 3339 time f");
  }
}

TEST_F(IngestTest, WhatIsOursIsReplaced) {
  const std::string text = accept(
      R"({"seq":7,"recorded_at":"1999-01-01T00:00:00Z","source":"forged","instance":"forged","event_name":"x",)"
      R"("checksum":"00","previous_checksum":"00"})");
  EXPECT_EQ(text.find("forged"), std::string::npos);
  EXPECT_EQ(text.find("seq"), std::string::npos);
  EXPECT_EQ(text.find("1999"), std::string::npos);
  EXPECT_EQ(text.find("checksum"), std::string::npos);
  EXPECT_EQ(accept(R"({"event_name":"x","enc":{}})"),
            "error: enc: this name is reserved for encrypted entries");
  EXPECT_EQ(accept(R"({"event_name":"x","salt":"1"})"),
            "error: salt: this name is reserved for encrypted entries");
}

TEST_F(IngestTest, UnknownFieldsAreKeptCompactAndInOrder) {
  const std::string text = accept(
      R"({ "zeta" : { "a" : [ 1, 2.500 ] }, "event_name" : "x", "caf\u00e9" : "\u0041" , "alpha":1e400})");
  EXPECT_NE(text.find(R"("zeta":{"a":[1,2.500]},"café":"\u0041","alpha":1e400})"),
            std::string::npos)
      << text;
  EXPECT_EQ(encode(decode(text)->event), text);
}

TEST_F(IngestTest, NullIsAbsent) {
  const Event e =
      event(R"({"event_name":"x","actor_id":null,"timestamp":null,"details":null,"extra":null})");
  EXPECT_FALSE(e.actor_id);
  EXPECT_EQ(e.details, "");
  EXPECT_EQ(e.unknown, (std::vector<RawMember>{{"extra", "null"}}));
  EXPECT_EQ(accept(R"({"event_name":null})"),
            "error: event: needs event_name, or event_type and event_action");
}

TEST_F(IngestTest, RefusalsNameTheFieldAndWhatIsAllowed) {
  const struct {
    const char* json;
    const char* detail;
  } rows[] = {
      {"{}", "event: needs event_name, or event_type and event_action"},
      {R"({"event_type":"mcp"})", "event: needs event_name, or event_type and event_action"},
      {R"({"event_name":""})",
       "event_name: must be 1 to 128 characters: ASCII letters, digits and - _ . : /"},
      {R"({"event_name":"two words"})",
       "event_name: must be 1 to 128 characters: ASCII letters, digits and - _ . : /"},
      {R"({"event_name":"x\u0000"})", "event_name: must not contain NUL"},
      {R"({"event_name":["x"]})", "event_name: must be a string"},
      {R"({"event_type":"mcp","event_action":"a b"})",
       "event_action: must be 1 to 128 characters: ASCII letters, digits and - _ . : /"},
      {R"({"event_name":"x","event_type":"mpc"})",
       "event_type: must be one of auth, admin, api, rpc, mcp, access, security, system, audit"},
      {R"({"event_name":"x","event_result":1})",
       "event_result: must be one of success, failure, denied, error, deferred, pending, unknown"},
      {R"({"event_name":"x","severity":"WARNING"})",
       "severity: must be one of debug, info, warning, error, critical"},
      {R"({"event_name":"x","severity_level":"none"})",
       "severity_level: must be one of low, medium, high, critical"},
      {R"({"event_name":"x","actor_type":"robot"})",
       "actor_type: must be one of user, service, api_key, system, anonymous"},
      {R"({"event_name":"x","event_id":"7"})",
       "event_id: must be a UUID such as \"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d\""},
      {R"({"event_name":"x","details":"text"})", "details: must be an object"},
      {R"({"event_name":"x","old_values":[]})", "old_values: must be an object"},
      {R"({"event_name":"x","duration_ms":-3})",
       "duration_ms: must be a number of milliseconds from 0 to 100 years"},
      {R"({"event_name":"x","details":{"a":{"b":1,"b":2}}})",
       R"(details: repeated key "b" at byte 44)"},
      {R"({"event_name":"x","details":{"a":"\udead"}})",
       "details: a surrogate escape without its partner at byte 35"},
      {R"({"event_name":"x"} trailing)", "event: more after the object at byte 19"},
      {"", "event: not a JSON object at byte 0"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(accept(row.json), std::string("error: ") + row.detail) << row.json;
}

TEST_F(IngestTest, ErrorsNeverRepeatValues) {
  for (const char* json :
       {R"({"event_name":"x","actor_type":"s3cr3t"})", R"({"event_name":"s3cr3t value"})",
        R"({"event_name":"x","timestamp":"s3cr3t"})", R"({"event_name":"x","event_id":"s3cr3t"})",
        R"({"event_name":"x","details":"s3cr3t"})", R"({"a":"s3cr3t)", R"({"a":s3cr3t})"}) {
    EXPECT_EQ(accept(json).find("s3cr3t"), std::string::npos) << accept(json);
  }
}

TEST_F(IngestTest, SizeIsLimitedAfterCompletion) {
  const auto sized = [](std::size_t bytes) {
    return R"({"event_name":"x","details":{"a":")" + std::string(bytes, 'x') + "\"}}";
  };
  const std::size_t overhead = accept(sized(0)).size();
  const std::string largest = accept(sized(options_.bytes_max - overhead));
  EXPECT_EQ(largest.size(), options_.bytes_max);
  EXPECT_LE(largest.size() + std::string("\"seq\":18446744073709551615,").size(), kEntryBytesMax);
  EXPECT_EQ(accept(sized(kShortenedBytesMax)).substr(0, 6), "error:");
}

TEST_F(IngestTest, WhatIsTooLongForAnEntryIsShortenedAndSaysSo) {
  for (const std::size_t bytes : {std::size_t{48'000}, std::size_t{200'000}}) {
    const std::string text =
        accept(R"({"event_name":"x","actor_id":"jane","odd":1,"details":{"a":")" +
               std::string(bytes, 'x') + R"(","b":{"kept":true}},"error_message":"why"})");
    EXPECT_LE(text.size(), options_.bytes_max);
    const auto decoded = decode(text);
    ASSERT_TRUE(decoded) << text.substr(0, 200);
    EXPECT_EQ(decoded->event.actor_id, "jane");
    EXPECT_EQ(decoded->event.error_message, "why");
    EXPECT_NE(decoded->event.details.find(R"("b":{"kept":true})"), std::string::npos);
    EXPECT_NE(text.find(R"("truncated":["details"])"), std::string::npos);
    EXPECT_NE(text.find(R"("odd":1)"), std::string::npos);
  }
}

TEST_F(IngestTest, WriterRoleClaimsItsIdentitiesAndMayNotWriteOurTypes) {
  options_.identity_is_claimed = true;
  options_.refuse_own_types = true;
  EXPECT_EQ(event(R"({"event_name":"x","actor_verified":true})").actor_verified,
            ActorVerified::claimed);
  EXPECT_EQ(event(R"({"event_name":"x","actor_verified":false})").actor_verified,
            ActorVerified::no);
  for (const char* json :
       {R"({"event_name":"x","event_type":"audit"})", R"({"event_name":"audit-gap"})",
        R"({"event_name":"mcp-server-start"})"}) {
    EXPECT_EQ(accept(json), "error: event_type: audit and system are written by the log itself");
  }
  for (
      const char* json :
      {R"({"event_name":"audit-gap","event_type":"api"})",
       R"({"event_name":"Audit-Gap","event_type":"api"})",
       R"({"event_name":"AUDIT-GAP","event_type":"api","event_action":"x","severity_level":"low"})",
       R"({"event_name":"audit\u002dgap","event_type":"api"})",
       R"({"event_name":"mcp-server-start","event_type":"mcp","event_action":"x","severity_level":"low"})"}) {
    EXPECT_EQ(accept(json), "error: event_name: this event is written by the log itself") << json;
  }
  EXPECT_EQ(event(R"({"event_name":"mcp-tool-execution","event_type":"api"})").event_type,
            EventType::api);
  options_.refuse_own_types = false;
  EXPECT_EQ(event(R"({"event_name":"audit-gap","event_type":"api"})").event_type, EventType::api);
}

TEST_F(IngestTest, AcceptedTextsAreFixedPoints) {
  EventMaker make(9);
  Ingest ingest(clock_, uuids_, {.instance = "", .source = ""});
  for (int i = 0; i < 1000; ++i) {
    Event e = make.next();
    e.recorded_at.reset();
    e.instance.reset();
    e.source.reset();
    const auto text = ingest.accept(encode(e));
    ASSERT_TRUE(text) << text.error().detail << encode(e);
    Event back = decode(*text)->event;
    EXPECT_EQ(back.recorded_at, clock_.time);
    back.recorded_at.reset();
    ASSERT_EQ(back, e) << *text;
  }
}

/// Masks members called "hide", strings with "!", and session ids.
class HideFilter final : public PayloadFilter {
 public:
  [[nodiscard]] bool wants_key(std::string_view key) const override { return key == "hide"; }
  [[nodiscard]] bool wants_string(std::string_view body) const override {
    return body.find('!') != std::string_view::npos;
  }
  [[nodiscard]] std::string apply(std::string_view json, std::string_view path,
                                  std::vector<Redaction>& redactions) const override {
    redactions.push_back({std::string(path), "test", "mask"});
    if (json.front() != '{') return "\"masked\"";
    MemberScan members(json);
    EXPECT_TRUE(members.next());  // the tests put what is to be masked first
    std::string out(json);
    out.replace(static_cast<std::size_t>(members.raw().data() - json.data()), members.raw().size(),
                "\"masked\"");
    return out;
  }
  [[nodiscard]] std::string pseudonym(std::string_view value) const override {
    return value.substr(0, 5) == "hmac:" ? std::string(value)
                                         : "hmac:0:" + std::to_string(value.size());
  }
};

TEST_F(IngestTest, TheFilterSeesPayloadsAndItsFindingsAreListed) {
  const HideFilter filter;
  options_.filter = &filter;
  const Event e = event(
      R"({"event_name":"x","details":{"hide":"s3cr3t","n":1.50},"error_message":"s3cr3t!","hide":[1],"actor_id":"a!",)"
      R"("session_id":"s3cr3t-session","redactions":[{"path":"p","rule":"r","action":"mask"}],"keep":"y","also":"s!"})");
  EXPECT_EQ(e.details, R"({"hide":"masked","n":1.50})");
  EXPECT_EQ(e.error_message, "masked");
  EXPECT_EQ(e.actor_id, "a!");  // identifying fields are not payload
  EXPECT_EQ(e.session_id, "hmac:0:14");
  EXPECT_EQ(e.unknown[0], (RawMember{"hide", "\"masked\""}));
  EXPECT_EQ(e.unknown[1], (RawMember{"keep", "\"y\""}));
  EXPECT_EQ(e.unknown[2], (RawMember{"also", "\"masked\""}));
  ASSERT_EQ(e.redactions.size(), 6U);
  EXPECT_EQ(e.redactions[0].rule, "r");
  EXPECT_EQ(event(R"({"event_name":"x","session_id":"hmac:k:1"})").redactions.size(), 0U);
}

}  // namespace
}  // namespace tally::event
