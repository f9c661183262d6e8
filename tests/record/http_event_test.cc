// SPDX-License-Identifier: Apache-2.0
#include "record/http_event.h"

#include "record/harness.h"
#include "record/http_harness.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

const redact::KeyedDigest& digest() {
  static const redact::KeyedDigest kDigest(as_bytes("0123456789abcdef0123456789abcdef"));
  return kDigest;
}

TEST(HttpEvent, QueryAsObject) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "{}"},
      {"a=1&b=two+words&c", R"({"a":"1","b":"two words","c":""})"},
      {"a=1&b=2&a=3", R"({"a":["1","3"],"b":"2"})"},
      {"%22q%22=%7B", R"({"\"q\"":"{"})"},
      {"sessionId=s1", R"({"sessionId":")" + digest()("s1") + "\"}"},
      {"access_token=t&x=y", R"({"access_token":")" + digest()("t") + R"(","x":"y"})"},
      {"password=p", R"({"password":")" + digest()("p") + "\"}"},
      {"note=Bearer%20abcdefghijk", R"({"note":"Bearer [redacted]"})"},
  };
  for (const auto& [query, json] : cases) {
    std::vector<event::Redaction> redactions;
    EXPECT_EQ(query_json(query, digest(), redactions), json);
    EXPECT_EQ(redactions.empty(), json.find("hmac:") == std::string::npos &&
                                      json.find("[redacted]") == std::string::npos);
  }
}

TEST(HttpEvent, HugeQueriesEnd) {
  std::string query;
  for (int i = 0; i < 20'000; ++i) query += "key" + std::to_string(i) + "=value&";
  std::vector<event::Redaction> redactions;
  EXPECT_LE(query_json(query, digest(), redactions).size(), 2 * kFieldBytesMax);
}

TEST(HttpEvent, EndpointIsCutAndClean) {
  std::vector<event::Redaction> redactions;
  EXPECT_EQ(endpoint_of("/mcp", digest(), redactions), "/mcp");
  EXPECT_EQ(endpoint_of("/mcp?x=1", digest(), redactions), "/mcp?x=1");
  EXPECT_TRUE(redactions.empty());
  EXPECT_EQ(endpoint_of("/m?session_id=s1&y=2", digest(), redactions),
            "/m?session_id=" + digest()("s1") + "&y=2");
  EXPECT_FALSE(redactions.empty());
  EXPECT_EQ(endpoint_of("/" + std::string(9000, 'a'), digest(), redactions).size(),
            kTargetBytesMax);
}

TEST(HttpEvent, KindsOfRefusal) {
  struct Case {
    int status;
    Headers response;
    const char* origin;
    const char* name;
    const char* says;
  };
  const Case cases[] = {
      {200, {}, "", "", ""},
      {400, {}, "", "", ""},
      {404, {}, "", "", ""},
      {401, {}, "", "auth-failure", R"("reason":"unauthorized")"},
      {401, {{"WWW-Authenticate", "Basic realm=x"}}, "", "auth-failure", R"("scheme":"Basic")"},
      {403, {}, "https://a.example", "access-denied", R"("reason":"forbidden")"},
      {403, {}, "http://b.example", "access-denied", R"("reason":"origin")"},
      {403, {}, "null", "access-denied", R"("reason":"origin")"},
      {403,
       {{"WWW-Authenticate", "Bearer error=insufficient_scope"}},
       "http://b.example",
       "auth-scope-challenge",
       R"("scopes":"")"},
      {429, {{"RateLimit-Limit", "7"}}, "", "rate-limit-exceeded", R"("limit":"7")"},
  };
  for (const Case& c : cases) {
    const RefusalKind kind = refusal_kind(c.status, field_list(c.response), c.origin, "a.example");
    EXPECT_EQ(kind.event_name, c.name) << c.status << c.origin;
    EXPECT_NE(kind.members.find(c.says), std::string::npos) << kind.members;
  }
}

TEST(HttpEvent, ReplyIsMergedIntoAnEventMadeBefore) {
  event::Event event;
  event.event_result = event::EventResult::success;
  event.status = event::Status::succeeded;
  event.severity = event::Severity::debug;
  event.details = R"({"method":"x","http":{"host":"h"},"outcome":{"rpc_error":null}})";
  Reply reply;
  reply.status = 403;
  reply.http = R"("status":403)";
  add_reply(event, reply, event::EventResult::denied, "why");
  EXPECT_EQ(event.details, R"({"method":"x","http":{"host":"h","status":403},)"
                           R"("outcome":{"http_status":403,"rpc_error":null,"reason":"why"}})");
  EXPECT_EQ(event.event_result, event::EventResult::denied);
  EXPECT_EQ(event.severity, event::Severity::warning);
  EXPECT_EQ(event.status, event::Status::failed);
  event::Event plain;
  plain.severity = event::Severity::debug;
  plain.details = "{}";
  add_reply(plain, {.status = 202, .http = {}}, event::EventResult::success, {});
  EXPECT_EQ(plain.details, R"({"outcome":{"http_status":202}})");
  EXPECT_EQ(plain.severity, event::Severity::debug);
}

}  // namespace
}  // namespace tally::record
