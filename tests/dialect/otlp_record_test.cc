// SPDX-License-Identifier: Apache-2.0
#include "dialect/otlp_record.h"

#include "dialect/accepted.h"

#include <gtest/gtest.h>

namespace tally::dialect {
namespace {

using test::accepted;
using test::Line;

OtlpRecord record(std::string_view text, const OtlpShared& shared = {}) {
  json::Document document;
  return convert_record(*document.parse(text), shared);
}

Line record_line(std::string_view text, const OtlpShared& shared = {}) {
  return Line(accepted(*record(text, shared).event));
}

std::string with_attribute(std::string_view key, std::string_view value) {
  return R"({"attributes":[{"key":")" + std::string(key) + R"(","value":)" + std::string(value) +
         "}]}";
}

TEST(OtlpRecord, EveryMemberOfALogRecordHasAPlace) {
  const Line line = record_line(
      R"({"timeUnixNano":"1795287600123456789","observedTimeUnixNano":"1795287601000000000","severityNumber":17,)"
      R"("severityText":"ERROR","eventName":"deploy.done","body":{"stringValue":"hi"},"attributes":[{"key":"k","value":{"boolValue":true}}],)"
      R"("droppedAttributesCount":2,"flags":1,"traceId":"4BF92F3577B34DA6A3CE929D0E0E4736","spanId":"00f067aa0ba902b7","new":[1]})");
  EXPECT_EQ(line.at({"timestamp"}), "\"2026-11-21T19:00:00.123456Z\"");
  EXPECT_EQ(line.at({"severity"}), "\"error\"");
  EXPECT_EQ(line.at({"event_result"}), "\"error\"");
  EXPECT_EQ(line.at({"event_name"}), "\"deploy.done\"");
  EXPECT_EQ(line.at({"trace_id"}), "\"4bf92f3577b34da6a3ce929d0e0e4736\"");
  EXPECT_EQ(
      line.at({"details"}),
      R"({"time_unix_nano":"1795287600123456789","observed_time_unix_nano":"1795287601000000000","severity_number":17,)"
      R"("severity_text":"ERROR","body":"hi","flags":1,"span_id":"00f067aa0ba902b7","attributes":{"k":true},)"
      R"("other":{"droppedAttributesCount":2,"new":[1]}})");
}

TEST(OtlpRecord, TheTimeOfTheEventGoesBeforeThatOfItsObservation) {
  EXPECT_EQ(
      record_line(
          R"({"observedTimeUnixNano":"1795287601000000000","timeUnixNano":"1795287600000000000"})")
          .at({"timestamp"}),
      "\"2026-11-21T19:00:00.000000Z\"");
  EXPECT_EQ(record_line(R"({"observedTimeUnixNano":"1795287601000000000","timeUnixNano":"0"})")
                .at({"timestamp"}),
            "\"2026-11-21T19:00:01.000000Z\"");
  EXPECT_EQ(record_line(R"({"timeUnixNano":"18446744073709551615"})").at({"timestamp"}),
            "\"2554-07-21T23:34:33.709551Z\"");
  EXPECT_EQ(record_line(R"({"timeUnixNano":"18446744073709551616"})").at({"timestamp"}),
            "\"2026-11-21T19:00:01.000002Z\"");  // no 64-bit number: the time of arrival
}

TEST(OtlpRecord, AttributesWithAPlaceOfTheirOwn) {
  const Line line = record_line(
      R"({"attributes":[{"key":"user.id","value":{"stringValue":"jane"}},{"key":"client.address","value":{"stringValue":"::ffff:10.0.0.1"}},)"
      R"({"key":"mcp.method.name","value":{"stringValue":"tools/call"}},{"key":"gen_ai.tool.name","value":{"stringValue":"read"}},)"
      R"({"key":"http.response.status_code","value":{"intValue":"403"}},{"key":"mcp.session.id","value":{"stringValue":"s3cr3t-session"}},)"
      R"({"key":"target_type","value":{"stringValue":"tool"}},{"key":"password","value":{"stringValue":"hunter2"}}]})",
      {.resource = R"({"service.name":"files"})", .service_name = "files"});
  EXPECT_EQ(line.at({"actor_id"}), "\"jane\"");
  EXPECT_EQ(line.at({"actor_ip"}), "\"10.0.0.1\"");
  EXPECT_EQ(line.at({"event_name"}), "\"mcp-tool-execution\"");
  EXPECT_EQ(line.at({"event_result"}), "\"denied\"");
  EXPECT_EQ(line.at({"details", "attributes", "password"}), "\"[redacted]\"");
  EXPECT_EQ(line.at({"details", "resource"}), R"({"service.name":"files"})");
  EXPECT_TRUE(line.at({"session_id"}).starts_with("\"hmac:")) << line.text();
  EXPECT_EQ(line.text().find("s3cr3t-session"), std::string::npos) << line.text();
  EXPECT_EQ(line.text().find("hunter2"), std::string::npos);
}

TEST(OtlpRecord, AToolIsItsServicesTool) {
  const Line line = record_line(with_attribute("gen_ai.tool.name", R"({"stringValue":"read"})"),
                                {.service_name = "files"});
  EXPECT_EQ(line.at({"target_id"}), "\"files/read\"");
  EXPECT_EQ(line.at({"target_type"}), "\"tool\"");
}

TEST(OtlpRecord, NothingIsNeeded) {
  const Line line = record_line("{}");
  EXPECT_EQ(line.at({"event_name"}), "\"log-record\"");
  EXPECT_EQ(line.at({"event_result"}), "\"success\"");
  EXPECT_EQ(line.at({"details"}), "");
}

TEST(OtlpRecord, UniqueIdsMakeRepetitionsTheSame) {
  const auto by_uuid = record(with_attribute(
      "log.record.uid", R"({"stringValue":"019AA7C2-5B1E-7C3A-9F00-3D2F8A6B1C4D"})"));
  EXPECT_EQ(by_uuid.uid, "");
  EXPECT_EQ(Line(*by_uuid.event).at({"event_id"}), "\"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d\"");
  EXPECT_EQ(
      record(with_attribute("log.record.uid", R"({"stringValue":"01ARZ3NDEKTSV4RRFFQ69G5FAV"})"))
          .uid,
      "01ARZ3NDEKTSV4RRFFQ69G5FAV");
  EXPECT_EQ(record(with_attribute("log.record.uid", R"({"intValue":"1"})")).uid, "");
}

/// Whatever stands in a member, the record is taken and the value is in it.
TEST(OtlpRecord, WrongTypesEverywhere) {
  for (const std::string_view name :
       {"timeUnixNano", "observedTimeUnixNano", "severityNumber", "severityText", "body",
        "attributes", "flags", "traceId", "spanId", "eventName", "unknown"}) {
    for (const std::string_view value :
         {"424242", "\"424242\"", "[424242]", "{\"a\":424242}", "-4.24242e5"}) {
      const std::string text = "{\"" + std::string(name) + "\":" + std::string(value) + "}";
      const std::string line = accepted(*record(text).event);
      EXPECT_FALSE(line.starts_with("error")) << text << line;
      EXPECT_TRUE(line.find("424242") != std::string::npos ||
                  line.find("4.24242e5") != std::string::npos)
          << text << line;
    }
  }
}

TEST(OtlpRecord, AttributesWithOurNamesAndImpossibleValues) {
  for (const std::string_view key :
       {"event_id", "timestamp", "event_type", "severity", "duration_ms", "details", "redactions",
        "seq", "on_behalf_of", "event_name", "enc", "salt", "user.id", "client.address"}) {
    for (const std::string_view value :
         {R"({"stringValue":"a b"})", R"({"intValue":"-5"})", R"({"kvlistValue":{}})", "{}"}) {
      const std::string line = accepted(*record(with_attribute(key, value)).event);
      EXPECT_FALSE(line.starts_with("error")) << key << value << line;
    }
  }
}

}  // namespace
}  // namespace tally::dialect
