// SPDX-License-Identifier: Apache-2.0
#include "dialect/otlp.h"

#include "dialect/accepted.h"

#include <gtest/gtest.h>

namespace tally::dialect {
namespace {

using test::accepted;
using test::Line;

/// The example of opentelemetry-proto (examples/logs.json), shortened.
constexpr std::string_view kExample =
    R"({"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"my.service"}}],"droppedAttributesCount":1},)"
    R"("scopeLogs":[{"scope":{"name":"my.library","version":"1.0.0","attributes":[{"key":"my.scope.attribute","value":{"stringValue":"some scope attribute"}}]},)"
    R"("schemaUrl":"https://opentelemetry.io/schemas/1.27.0","logRecords":[{"timeUnixNano":"1544712660300000000",)"
    R"("observedTimeUnixNano":"1544712660300000000","severityNumber":10,"severityText":"Information","traceId":"5B8EFFF798038103D269B633813FC60C",)"
    R"("spanId":"EEE19B7EC3C1B174","body":{"stringValue":"Example log record"},"attributes":[{"key":"map.attribute","value":{"kvlistValue":{"values":)"
    R"([{"key":"some.map.key","value":{"stringValue":"some value"}}]}}}]},{"body":{"intValue":"2"}}]}]}],"vendor":true})";

std::vector<OtlpRecord> read(std::string_view json) {
  OtlpReader reader;
  auto out = reader.read(json);
  EXPECT_TRUE(out) << out.error().detail;
  return out ? std::move(*out) : std::vector<OtlpRecord>();
}

std::string trouble(std::string_view json) {
  OtlpReader reader;
  const auto out = reader.read(json);
  return out ? "none" : out.error().detail;
}

TEST(Otlp, TheExampleOfTheProtocol) {
  const auto records = read(kExample);
  ASSERT_EQ(records.size(), 2U);
  const Line first(accepted(*records[0].event));
  EXPECT_EQ(first.at({"timestamp"}), "\"2018-12-13T14:51:00.300000Z\"");
  EXPECT_EQ(first.at({"severity"}), "\"info\"");
  EXPECT_EQ(first.at({"details", "body"}), "\"Example log record\"");
  EXPECT_EQ(first.at({"details", "attributes"}),
            R"({"map.attribute":{"some.map.key":"some value"}})");
  EXPECT_EQ(first.at({"details", "resource"}), R"({"service.name":"my.service"})");
  EXPECT_EQ(
      first.at({"details", "scope"}),
      R"({"name":"my.library","version":"1.0.0","attributes":{"my.scope.attribute":"some scope attribute"}})");
  EXPECT_EQ(first.at({"details", "otlp"}),
            R"({"request":{"vendor":true},"resource":{"droppedAttributesCount":1},)"
            R"("scope_logs":{"schemaUrl":"https://opentelemetry.io/schemas/1.27.0"}})");
  EXPECT_EQ(Line(accepted(*records[1].event)).at({"details", "body"}), "2");
}

TEST(Otlp, NoRecordsAreFine) {
  for (const std::string_view text :
       {"{}", R"({"resourceLogs":[]})", R"({"resourceLogs":null})", R"({"resourceLogs":[{}]})",
        R"({"resourceLogs":[{"scopeLogs":[{}]}]})",
        R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[]}]}]})"}) {
    EXPECT_TRUE(read(text).empty()) << text;
  }
}

TEST(Otlp, WhatIsNoRequestIsSaidToBeNone) {
  for (const std::string_view text :
       {"", "[]", "1", "{", R"({"resourceLogs":{}})", R"({"resourceLogs":[1]})",
        R"({"resourceLogs":[{"scopeLogs":1}]})", R"({"resourceLogs":[{"scopeLogs":[1]}]})",
        R"({"resourceLogs":[{"scopeLogs":[{"logRecords":"x"}]}]})",
        R"({"resourceLogs":[],"resourceLogs":[]})"}) {
    EXPECT_TRUE(trouble(text).starts_with("no ExportLogsServiceRequest")) << text << trouble(text);
  }
}

TEST(Otlp, ABadRecordDoesNotCostTheOthers) {
  const auto records = read(
      R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"a"}},7,{"body":1,"body":2},{"x":"\ud800"},{"body":{"stringValue":"b"}}]}]}]})");
  ASSERT_EQ(records.size(), 5U);
  EXPECT_TRUE(records[0].event);
  for (const std::size_t i : {1U, 2U, 3U}) EXPECT_FALSE(records[i].event) << i;
  EXPECT_EQ(Line(*records[4].event).at({"details", "body"}), "\"b\"");
}

TEST(Otlp, OddResourcesAndScopesAreKept) {
  const auto records =
      read(R"({"resourceLogs":[{"resource":7,"scopeLogs":[{"scope":"s","logRecords":[{}]}]}]})");
  ASSERT_EQ(records.size(), 1U);
  const Line line(accepted(*records[0].event));
  EXPECT_EQ(line.at({"details", "scope"}), R"({"scope":"s"})");
  EXPECT_EQ(line.at({"details", "otlp"}), R"({"resource":7})");
}

TEST(Otlp, WhatIsSharedCannotFillTheMemory) {
  const std::string value = R"({"attributes":[{"key":"a","value":{"stringValue":")" +
                            std::string(40'000, 'x') + R"("}}]})";
  std::string records = "{}";
  for (int i = 0; i < 2'000; ++i) records += ",{}";
  const std::string request = R"({"resourceLogs":[{"resource":)" + value +
                              R"(,"scopeLogs":[{"logRecords":[)" + records + "]}]}]}";
  EXPECT_NE(trouble(request).find("send less at once"), std::string::npos);
  // Beyond an entry, each record is refused, and the resource is not repeated.
  const std::string large = R"({"attributes":[{"key":"a","value":{"stringValue":")" +
                            std::string(4'000'000, 'x') + R"("}}]})";
  const auto refused = read(R"({"resourceLogs":[{"resource":)" + large +
                            R"(,"scopeLogs":[{"logRecords":[)" + records + "]}]}]}");
  ASSERT_EQ(refused.size(), 2'001U);
  EXPECT_NE(refused[0].event.error().detail.find("resource and scope"), std::string::npos);
  // And so for very many resources and scopes without records.
  std::string scopes = "{}";
  for (int i = 0; i < 100'000; ++i) scopes += ",{}";
  EXPECT_TRUE(read(R"({"x":")" + std::string(30'000, 'y') + R"(","resourceLogs":[)" + scopes + "]}")
                  .empty());
}

TEST(Otlp, RecordsAreCounted) {
  OtlpReader reader;
  EXPECT_EQ(reader.read(kExample, 2)->size(), 2U);
  EXPECT_FALSE(reader.read(kExample, 1));
  EXPECT_FALSE(reader.read(kExample, 2, 100));
}

TEST(Otlp, DeepNestingIsRefused) {
  EXPECT_NE(trouble(R"({"resourceLogs":)" + std::string(100'000, '[')), "none");
  std::string deep = R"({"intValue":"1"})";
  for (int i = 0; i < 100; ++i) deep = R"({"arrayValue":{"values":[)" + deep + "]}}";
  EXPECT_NE(trouble(R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":)" + deep + "}]}]}]}"),
            "none");
}

TEST(Otlp, SecretsAreRedactedUnderEveryRoof) {
  const auto records = read(
      R"({"resourceLogs":[{"resource":{"attributes":[{"key":"api_key","value":{"stringValue":"hunter2"}}]},)"
      R"("scopeLogs":[{"scope":{"attributes":[{"key":"token","value":{"stringValue":"hunter2"}}]},"logRecords":[{"body":{"kvlistValue":)"
      R"({"values":[{"key":"password","value":{"stringValue":"hunter2"}}]}},"attributes":[{"key":"x","value":{"kvlistValue":{"values":)"
      R"([{"key":"secret","value":{"stringValue":"hunter2"}}]}}}]}]}]}]})");
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(accepted(*records[0].event).find("hunter2"), std::string::npos)
      << accepted(*records[0].event);
}

}  // namespace
}  // namespace tally::dialect
