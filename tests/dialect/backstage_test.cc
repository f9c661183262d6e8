// SPDX-License-Identifier: Apache-2.0
// Shapes as @backstage/backend-defaults 0.18, plugin-mcp-actions-backend 0.2.2 and
// @janus-idp/backstage-plugin-audit-log-node 1.7.1 write them.
#include "dialect/backstage.h"

#include "dialect/accepted.h"

#include <gtest/gtest.h>

namespace tally::dialect {
namespace {

using test::accepted;
using test::Line;

std::string converted(std::string_view text) {
  BackstageReader reader;
  const auto event = reader.read(text);
  if (!event) return "error: " + event.error().detail;
  return *event ? **event : "ignored";
}

Line line_of(std::string_view text) { return Line(accepted(converted(text))); }

constexpr std::string_view kProductionLine =
    R"({"actor":{"actorId":"mcp-clients","hostname":"127.0.0.1","ip":"::ffff:127.0.0.1","userAgent":"node"},)"
    R"("eventId":"tool-execution","isAuditEvent":true,"level":"info","message":"mcp-actions.tool-execution",)"
    R"("meta":{"toolName":"demo.echo"},"plugin":"mcp-actions","request":{"method":"POST",)"
    R"("url":"/api/mcp-actions/v1"},"service":"backstage","severityLevel":"medium","status":"initiated"})";

TEST(Backstage, TheLineOfProduction) {
  const Line line = line_of(kProductionLine);
  EXPECT_EQ(line.at({"event_name"}), "\"mcp-tool-execution\"");
  EXPECT_EQ(line.at({"event_type"}), "\"mcp\"");
  EXPECT_EQ(line.at({"event_action"}), "\"execute\"");
  EXPECT_EQ(line.at({"event_result"}), "\"pending\"");
  EXPECT_EQ(line.at({"status"}), "\"initiated\"");
  EXPECT_EQ(line.at({"severity"}), "\"info\"");
  EXPECT_EQ(line.at({"severity_level"}), "\"medium\"");
  EXPECT_EQ(line.at({"actor_id"}), "\"mcp-clients\"");
  EXPECT_EQ(line.at({"actor_type"}), "\"service\"");
  EXPECT_EQ(line.at({"actor_verified"}), "\"claimed\"");
  EXPECT_EQ(line.at({"actor_ip"}), "\"127.0.0.1\"");
  EXPECT_EQ(line.at({"actor_user_agent"}), "\"node\"");
  EXPECT_EQ(line.at({"target_type"}), "\"tool\"");
  EXPECT_EQ(line.at({"target_name"}), "\"demo.echo\"");
  EXPECT_EQ(line.at({"target_id"}), "\"mcp-actions/demo.echo\"");
  EXPECT_EQ(line.at({"api_endpoint"}), "\"/api/mcp-actions/v1\"");
  EXPECT_EQ(line.at({"http_method"}), "\"POST\"");
  EXPECT_EQ(
      line.at({"details"}),
      R"({"plugin":"mcp-actions","actor":{"hostname":"127.0.0.1"},"meta":{"toolName":"demo.echo"},)"
      R"("backstage":{"eventId":"tool-execution","isAuditEvent":true,"level":"info","service":"backstage"}})");
}

TEST(Backstage, MetaDoesNotGoBeforeWhatBackstageSays) {
  const Line line = line_of(
      R"({"meta":{"tallystick":{"actor_id":"mallory","actor_ip":"192.0.2.9","event_result":"success",)"
      R"("severity":"info"}},"actor":{"actorId":"user:default/jane","ip":"198.51.100.7"},)"
      R"("eventId":"x","isAuditEvent":true,"plugin":"p","status":"failed"})");
  EXPECT_EQ(line.at({"actor_id"}), "\"user:default/jane\"");
  EXPECT_EQ(line.at({"actor_ip"}), "\"198.51.100.7\"");
  EXPECT_EQ(line.at({"event_result"}), "\"failure\"");
  EXPECT_EQ(line.at({"severity"}), "\"warning\"");
}

TEST(Backstage, AFailedLineWithItsErrorSpreadOut) {
  const Line line = line_of(
      R"({"actor":{"actorId":"user:default/jane"},"eventId":"tool-execution","isAuditEvent":true,"level":"info",)"
      R"("message":"mcp-actions.tool-execution Request failed with 403 Forbidden","meta":{"toolName":"t"},)"
      R"("plugin":"mcp-actions","severityLevel":"medium","status":"failed","stack":"ResponseError: at y.js:1",)"
      R"("name":"ResponseError","statusCode":403,"statusText":"Forbidden","body":{"error":{"name":"NotAllowedError"}}})");
  EXPECT_EQ(line.at({"event_result"}), "\"denied\"");
  EXPECT_EQ(line.at({"severity"}), "\"warning\"");
  EXPECT_EQ(line.at({"actor_type"}), "\"user\"");
  EXPECT_EQ(line.at({"error_message"}), "\"Request failed with 403 Forbidden\"");
  EXPECT_EQ(line.at({"details", "error"}),
            R"({"stack":"ResponseError: at y.js:1","name":"ResponseError","statusCode":403,)"
            R"("statusText":"Forbidden","body":{"error":{"name":"NotAllowedError"}}})");
}

TEST(Backstage, AnAuditorEvent) {
  const Line line = line_of(
      R"({"plugin":"catalog","eventId":"entity-mutate","severityLevel":"medium","actor":{"actorId":"user:default/jane"},)"
      R"("request":{"url":"/entities","method":"DELETE","extra":1},"meta":{"actionType":"delete","entityRef":"component:default/a"},)"
      R"("status":"failed","error":{"name":"ConflictError","message":"no","stack":"s"},"timestamp":"2026-11-21T18:59:59+00:00"})");
  EXPECT_EQ(line.at({"event_name"}), "\"catalog-entity-mutate\"");
  EXPECT_EQ(line.at({"event_type"}), "\"api\"");
  EXPECT_EQ(line.at({"event_action"}), "\"delete\"");
  EXPECT_EQ(line.at({"target_type"}), "\"entity\"");
  EXPECT_EQ(line.at({"target_id"}), "\"component:default/a\"");
  EXPECT_EQ(line.at({"event_result"}), "\"failure\"");
  EXPECT_EQ(line.at({"error_message"}), "\"no\"");
  EXPECT_EQ(line.at({"details", "error"}), R"({"name":"ConflictError","stack":"s"})");
  EXPECT_EQ(line.at({"details", "request"}), R"({"extra":1})");
  EXPECT_EQ(line.at({"timestamp"}), "\"2026-11-21T18:59:59.000000Z\"");
}

TEST(Backstage, TheLineOfJanus) {
  const Line line = line_of(
      R"({"actor":{"actorId":null,"ip":"10.0.0.1"},"eventName":"ScaffolderTaskCreation","isAuditLog":true,"level":"error",)"
      R"("message":"creation failed","meta":{"taskId":"t-1"},"plugin":"scaffolder","request":{"body":{"password":"hunter2"},)"
      R"("method":"POST","params":{},"query":{},"url":"/api/scaffolder/v2/tasks"},"response":{"status":500},"stage":"completion",)"
      R"("status":"failed","errors":[{"name":"Error","message":"broken"}],"timestamp":"2026-11-21 18:00:00"})");
  EXPECT_EQ(line.at({"event_name"}), "\"scaffolder-task-creation\"");
  EXPECT_EQ(line.at({"event_action"}), "\"create\"");
  EXPECT_EQ(line.at({"event_result"}), "\"error\"");
  EXPECT_EQ(line.at({"status"}), "\"failed\"");
  EXPECT_EQ(line.at({"actor_id"}), "");
  EXPECT_EQ(line.at({"error_message"}), "\"broken\"");
  EXPECT_EQ(line.at({"timestamp"}), "\"2026-11-21T18:00:00.000000Z\"");
  EXPECT_EQ(line.at({"details", "request", "body"}), R"({"password":"[redacted]"})");
  EXPECT_EQ(line.at({"details", "backstage", "response"}), R"({"status":500})");
  EXPECT_EQ(line.at({"details", "backstage", "message"}), "\"creation failed\"");
  const Line begun = line_of(
      R"({"eventName":"CatalogEntityFetch","isAuditLog":true,"stage":"initiation","status":"succeeded"})");
  EXPECT_EQ(begun.at({"status"}), "\"initiated\"");
  EXPECT_EQ(begun.at({"event_result"}), "\"pending\"");
}

TEST(Backstage, WhatASenderThatKnowsUsSays) {
  const Line line = line_of(
      R"({"plugin":"mcp-actions","eventId":"tool-execution","status":"succeeded","actor":{},"meta":{"toolName":"t",)"
      R"("tallystick":{"event_id":"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d","interaction_id":"i-7","duration_ms":1.5,)"
      R"("timestamp":"2026-11-21T18:00:00Z","jsonrpc_id":7,"arguments":{"token":"abc"},"plugin":"liar","event_name":"x"}}})");
  EXPECT_EQ(line.at({"event_id"}), "\"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d\"");
  EXPECT_EQ(line.at({"interaction_id"}), "\"i-7\"");
  EXPECT_EQ(line.at({"duration_ms"}), "1.5");
  EXPECT_EQ(line.at({"timestamp"}), "\"2026-11-21T18:00:00.000000Z\"");
  EXPECT_EQ(line.at({"details", "jsonrpc_id"}), "7");
  EXPECT_EQ(line.at({"details", "arguments"}), R"({"token":"[redacted]"})");
  EXPECT_EQ(line.at({"details", "plugin"}), "\"mcp-actions\"");
  EXPECT_EQ(line.at({"event_name"}), "\"mcp-tool-execution\"");
  EXPECT_EQ(line.at({"details", "tallystick"}), R"({"plugin":"liar","event_name":"x"})");
}

TEST(Backstage, OtherLinesAreNone) {
  for (const std::string_view text :
       {"", "   ", "plain text", R"({"level":"info","message":"hello","plugin":"catalog"})", "{",
        "[1]", R"({"isAuditEvent":false})", R"({"plugin":"a","eventId":"b"})", "text {not json",
        "\xFF\xFE"}) {
    EXPECT_EQ(converted(text), "ignored") << text;
  }
}

TEST(Backstage, ABrokenAuditLineIsNeverPassedOver) {
  EXPECT_TRUE(converted(kProductionLine.substr(0, 150)).starts_with("error: seems to be an audit"));
  EXPECT_TRUE(converted("2026 catalog info isAuditEvent=true eventId=\"x\"").starts_with("error"));
  EXPECT_TRUE(
      converted(R"([{"plugin":"a","eventId":"b","status":"succeeded"}])").starts_with("error"));
  EXPECT_TRUE(converted(R"({"isAuditEvent":true})").starts_with("error: eventId"));
  EXPECT_TRUE(
      converted(R"({"isAuditEvent":true,"eventId":"a","eventId":"b"})").starts_with("error"));
  EXPECT_TRUE(
      converted(R"({"isAuditEvent":true,"eventId":"a","x":"\ud800"})").starts_with("error"));
}

TEST(Backstage, AnotherProgramsWordsBeforeTheLine) {
  const std::string text =
      "2026-11-21T18:00:00.123456789Z stdout F " + std::string(kProductionLine);
  EXPECT_EQ(line_of(text).at({"timestamp"}), "\"2026-11-21T18:00:00.123456Z\"");
  EXPECT_EQ(line_of("backend-1 | " + std::string(kProductionLine)).at({"timestamp"}),
            "\"2026-11-21T19:00:01.000002Z\"");  // of the arrival
}

/// Every value of every member replaced by one of another type: the event is taken, and the odd
/// value stands somewhere in it.
TEST(Backstage, WrongTypesEverywhere) {
  const std::vector<std::string_view> members{"plugin", "severityLevel", "actor",   "request",
                                              "meta",   "status",        "message", "service",
                                              "error",  "timestamp",     "stack",   "unknown"};
  for (const std::string_view name : members) {
    for (const std::string_view value :
         {"424242", "[424242]", "{\"x\":424242}", "\"424242\"", "-4.24242e5", "true"}) {
      const std::string text = R"({"isAuditEvent":true,"eventId":"e",")" + std::string(name) +
                               "\":" + std::string(value) + "}";
      const std::string line = accepted(converted(text));
      EXPECT_FALSE(line.starts_with("error")) << text << '\n' << line;
      const bool said = value == "true" || line.find("424242") != std::string::npos ||
                        line.find("4.24242e5") != std::string::npos;
      EXPECT_TRUE(said) << text << '\n' << line;
    }
  }
}

TEST(Backstage, DeepNestingIsRefusedAndNotFollowed) {
  const std::string deep =
      R"({"isAuditEvent":true,"eventId":"e","meta":)" + std::string(100'000, '[');
  EXPECT_TRUE(converted(deep).starts_with("error"));
  const std::string closed = R"({"isAuditEvent":true,"eventId":"e","meta":)" +
                             std::string(127, '[') + std::string(127, ']') + "}";
  EXPECT_TRUE(accepted(converted(closed)).starts_with("error"));  // two levels more in the log
}

TEST(Backstage, TheFewNamesOfTheLogItselfStayItsOwn) {
  // event::Ingest refuses them for a writer; here they must at least keep their name, to be seen.
  EXPECT_EQ(line_of(R"({"plugin":"x","eventId":"audit-log-access","status":"succeeded"})")
                .at({"event_name"}),
            "\"audit-log-access\"");
}

}  // namespace
}  // namespace tally::dialect
