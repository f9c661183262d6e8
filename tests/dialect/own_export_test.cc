// SPDX-License-Identifier: Apache-2.0
// There and back: what `export --format backstage` writes becomes the event that it was.
#include "dialect/own_export.h"

#include "dialect/accepted.h"
#include "dialect/backstage.h"
#include "event/view.h"
#include "sink/exported.h"

#include <gtest/gtest.h>

namespace tally::dialect {
namespace {

using event::Field;
using test::accepted;

/// Everything but what a log stamps itself.
void expect_same(const std::string& one, const std::string& other) {
  event::EventView a, b;
  ASSERT_TRUE(a.parse(one)) << one;
  ASSERT_TRUE(b.parse(other)) << other;
  for (std::size_t i = 0; i < event::kFieldCount; ++i) {
    const auto field = static_cast<Field>(i);
    if (event::kind_of(field) == event::FieldKind::ours) continue;
    EXPECT_EQ(a.raw(field), b.raw(field)) << event::name_of(field);
  }
  ASSERT_EQ(a.others().size(), b.others().size()) << other;
  for (std::size_t i = 0; i < a.others().size(); ++i) {
    EXPECT_EQ(a.others()[i].key, b.others()[i].key);
    EXPECT_EQ(a.others()[i].raw, b.others()[i].raw);
  }
}

std::string there_and_back(const std::string& line) {
  const std::string numbered = "{\"seq\":7," + line.substr(1);
  const std::string exported = sink::test::exported("backstage", {numbered});
  BackstageReader reader;
  const auto back = reader.read(exported);
  EXPECT_TRUE(back && *back) << exported;
  return back && *back ? accepted(**back) : "";
}

TEST(OwnExport, EveryFieldComesBack) {
  const std::vector<std::string> events{
      R"({"event_name":"mcp-tool-execution","event_result":"denied","actor_id":"jane","actor_type":"user","actor_ip":"10.0.0.1",)"
      R"("actor_user_agent":"a","actor_verified":true,"on_behalf_of":["x"],"target_type":"tool","target_id":"files/read",)"
      R"("target_name":"read","request_id":"r","session_id":"hmac:k1:9b1f","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736",)"
      R"("api_endpoint":"/mcp","http_method":"POST","duration_ms":3.4,"details":{"arguments":{"token":"x","a":[1,{}]}},)"
      R"("error_message":"no \"way\"","old_values":{"a":1},"new_values":{"a":2},"interaction_id":"i","flow_id":"f","extra":{"k":1}})",
      R"({"event_name":"auth-failure","event_result":"failure","actor_id":"x"})",
      R"({"event_name":"custom","status":"failed","http_method":"GET"})",
      R"({"event_type":"api","event_action":"list","error_message":"odd","timestamp":"2026-01-01T00:00:00Z"})",
      R"({"event_name":"x","details":{"plugin":"catalog","backstage":{"eventId":"entity-fetch"}}})",
  };
  for (const std::string& event : events) {
    const std::string line = accepted(event);
    ASSERT_FALSE(line.starts_with("error")) << line;
    expect_same(line, there_and_back(line));
  }
}

TEST(OwnExport, WhatCameFromBackstageGoesBackUnderItsNames) {
  const std::string came =
      R"({"plugin":"mcp-actions","eventId":"tool-execution","severityLevel":"medium","actor":{"actorId":"a","hostname":"h"},)"
      R"("request":{"url":"/u","method":"POST"},"meta":{"toolName":"t"},"status":"failed","error":{"name":"E","message":"m"}})";
  BackstageReader reader;
  const auto event = reader.read(came);
  ASSERT_TRUE(event && *event);
  const std::string line = accepted(**event);
  const std::string exported = sink::test::exported("backstage", {line});
  test::Line out(exported);
  EXPECT_EQ(out.at({"plugin"}), "\"mcp-actions\"");
  EXPECT_EQ(out.at({"eventId"}), "\"tool-execution\"");
  EXPECT_EQ(out.at({"severityLevel"}), "\"medium\"");
  EXPECT_EQ(out.at({"actor", "actorId"}), "\"a\"");
  EXPECT_EQ(out.at({"request"}), R"({"url":"/u","method":"POST"})");
  EXPECT_EQ(out.at({"status"}), "\"failed\"");
  EXPECT_EQ(out.at({"error", "message"}), "\"m\"");
  EXPECT_EQ(out.at({"meta", "toolName"}), "\"t\"");
  expect_same(line, there_and_back(line));
}

TEST(OwnExport, AnothersMetaIsNotMistakenForOurs) {
  json::Document document;
  for (
      const std::string_view text :
      {R"({"plugin":"a","eventId":"b","status":"succeeded","meta":{"seq":1,"event_id":"no uuid","timestamp":"t","event_type":"api"}})",
       R"({"plugin":"a","eventId":"b","status":"succeeded","meta":{"event_id":"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d"}})",
       R"({"plugin":"a","eventId":"b","status":"succeeded"})"}) {
    EXPECT_FALSE(from_own_export(*document.parse(text))) << text;
  }
}

}  // namespace
}  // namespace tally::dialect
