// SPDX-License-Identifier: Apache-2.0
#include "server/reading.h"

#include "base/json.h"
#include "server/api_fixture.h"

namespace tally::server {
namespace {

constexpr std::string_view kLine =
    R"({"seq":7,"timestamp":"2026-11-21T19:00:00.123456Z","event_id":"x","actor_id":"alice"})";

TEST(Reading, AnEntryHasTheFieldsThatClientsIterateOver) {
  std::string out;
  append_entry(out, kLine, "aa", "bb");
  json::Document document;
  const auto object = document.parse(out);
  ASSERT_TRUE(object) << out;
  EXPECT_TRUE(object->find("actor_id")->text_is("alice"));
  EXPECT_TRUE(object->find("checksum")->text_is("aa"));
  EXPECT_TRUE(object->find("previous_checksum")->text_is("bb"));
  for (const char* name :
       {"event_type", "event_action", "event_result", "severity", "actor_type", "actor_ip",
        "target_type", "target_id", "target_name", "request_id", "session_id", "details"}) {
    ASSERT_TRUE(object->find(name)) << name;
    EXPECT_TRUE(object->find(name)->is(json::Kind::null)) << name;
  }
  EXPECT_FALSE(json::ambiguous_key(*object));
}

TEST(Reading, ANullThatStandsThereIsNotAddedAgain) {
  for (const char* line : {R"({"seq":1,"actor_id":null})", R"({"details":{"actor_id":null}})"}) {
    std::string out;
    append_entry(out, line);
    json::Document document;
    const auto object = document.parse(out);
    ASSERT_TRUE(object) << out;
    EXPECT_FALSE(json::ambiguous_key(*object)) << out;
    EXPECT_TRUE(object->find("actor_id")->is(json::Kind::null)) << out;
  }
  std::string first;
  append_entry(first, "{}", "aa", "");
  EXPECT_NE(first.find("\"previous_checksum\":null"), std::string::npos) << "of the first entry";
}

TEST(Reading, AScopeSeesOnlyItsServers) {
  access::Scope scope;
  const std::string files = R"({"target_type":"tool","target_id":"files/x","target_name":"x"})";
  EXPECT_TRUE(may_see(scope, "anything"));
  ASSERT_TRUE(scope.add("server=files"));
  EXPECT_TRUE(may_see(scope, files));
  EXPECT_FALSE(may_see(scope, R"({"target_type":"tool","target_id":"git/x","target_name":"x"})"));
  EXPECT_FALSE(may_see(scope, "{}"));
  EXPECT_FALSE(may_see(scope, "anything"));
}

TEST(Reading, TheRecordedQueryHasNoSecrets) {
  const redact::KeyedDigest digest(as_bytes(std::string_view("0123456789abcdef")));
  static constexpr std::array kRecorded{Parameter{"session_id", ParameterKind::text, "s"},
                                        Parameter{"q", ParameterKind::text, "q"}};
  Operation operation = operations()[0];
  operation.query = kRecorded;
  Request request;
  ParameterReader reader(system_clock().now());
  ASSERT_FALSE(reader.read_query(operation, "session_id=raw-id&q=Bearer%20abcdefghijklmnop"));
  request.parameters = reader.take();
  const std::string query = query_of(request, digest);
  EXPECT_EQ(query.find("raw-id"), std::string::npos) << query;
  EXPECT_EQ(query.find("abcdefghijklmnop"), std::string::npos) << query;
  EXPECT_NE(query.find("[redacted]"), std::string::npos) << query;
}

}  // namespace
}  // namespace tally::server
