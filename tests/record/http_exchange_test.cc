// SPDX-License-Identifier: Apache-2.0
// What the head of a request decides: route, body plan, session, and what is recorded of it.
#include "record/http_exchange.h"

#include "mcp/message.h"
#include "record/http_harness.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

struct PlanCase {
  const char* method;
  const char* target;
  Headers headers;
  bool has_body;
  BodyPlan plan;
};

TEST(HttpExchange, WhichBodiesAreLookedAt) {
  HttpRecorderOptions options = HttpHarness::default_options();
  options.mcp_paths.push_back("/tenants/*/mcp");
  options.paths = {{.path = "/quiet/*", .level = policy::Level::none}, {.path = "/admin/*"}};
  HttpHarness h(options);
  const Headers form{{"Content-Type", "application/x-www-form-urlencoded"}};
  const Headers binary{{"Content-Type", "application/octet-stream"}};
  const PlanCase cases[] = {
      {"GET", "/mcp", {}, false, BodyPlan::none},
      {"POST", "/mcp", {}, false, BodyPlan::none},
      {"POST", "/mcp", kJsonType, true, BodyPlan::whole},
      {"POST", "/mcp/", binary, true, BodyPlan::whole},
      {"POST", "/mcp?x=1", kJsonType, true, BodyPlan::whole},
      {"POST", "/MCP", binary, true, BodyPlan::whole},
      {"POST", "//%6dcp", binary, true, BodyPlan::whole},
      {"POST", "/a/../mcp/server-1", binary, true, BodyPlan::whole},
      {"POST", "/mcpx", binary, true, BodyPlan::pass},
      {"PUT", "/mcp", binary, true, BodyPlan::whole},
      {"POST", "/tenants/7/mcp", binary, true, BodyPlan::whole},
      {"POST", "/message?sessionId=1", kJsonType, true, BodyPlan::whole},
      // Elsewhere a body that may be a message is looked at, an upload is not.
      {"POST", "/other", kJsonType, true, BodyPlan::whole},
      {"POST", "/other", {{"Content-Type", "application/vnd.x+json"}}, true, BodyPlan::whole},
      {"POST", "/other", {}, true, BodyPlan::whole},
      {"POST", "/other", {{"Content-Type", "text/plain"}}, true, BodyPlan::whole},
      {"POST", "/other", binary, true, BodyPlan::pass},
      {"POST", "/other", form, true, BodyPlan::pass},
      {"PUT", "/other", kJsonType, true, BodyPlan::pass},
      {"POST", "/other", binary + Headers{{"Mcp-Session-Id", "s"}}, true, BodyPlan::whole},
      {"POST", "/other", binary + Headers{{"mcp-method", "tools/call"}}, true, BodyPlan::whole},
      {"POST", "/other", binary + kModern, true, BodyPlan::whole},
      {"POST", "/other", form + Headers{{"Accept", "text/event-stream"}}, true, BodyPlan::whole},
      {"PUT", "/admin/x", binary, true, BodyPlan::whole},
      {"PUT", "/quiet/x", binary, true, BodyPlan::pass},
  };
  for (const PlanCase& c : cases) {
    EXPECT_EQ(h.begin(c.method, c.target, c.headers, c.has_body)->body_plan(), c.plan)
        << c.method << ' ' << c.target;
  }
}

TEST(HttpExchange, RequestIdIsTheClientsOrANewOne) {
  HttpHarness h;
  EXPECT_EQ(h.begin("GET", "/", {{"X-Request-Id", "r-1"}})->request_id(), "r-1");
  const auto exchange = h.begin("GET", "/");
  EXPECT_TRUE(is_uuid(exchange->request_id()));
  h.take(exchange->on_request(h.now()));
  h.head(*exchange, 200);
  h.end(*exchange);
  EXPECT_EQ(h.last().at("request_id"), exchange->request_id());
}

TEST(HttpExchange, BearerValuesInAddressesAreHashed) {
  HttpHarness h;
  h.call(rpc("1", "ping"), answer("1"));
  const auto exchange = h.post(rpc("1", "ping"), {}, "/message?sessionId=sesame&x=1");
  h.head(*exchange, 202);
  h.end(*exchange);
  EXPECT_EQ(h.last().at("api_endpoint"), "/message?sessionId=" + h.digest("sesame") + "&x=1");
  EXPECT_FALSE(h.anything_says("=sesame"));
}

TEST(HttpExchange, VersionComesFromTheHeaderWhereTheHandshakeWasNotSeen) {
  HttpHarness h;
  const Headers headers = in_session("old") + Headers{{"MCP-Protocol-Version", "2025-06-18"}};
  h.call(rpc("1", "ping"), answer("1"), headers);
  EXPECT_EQ(h.last().at("details.protocol_version"), "2025-06-18");
  EXPECT_EQ(h.last().at("session_id"), h.digest("old"));
  EXPECT_EQ(h.recorder.sessions(), 1U);
  // From now on it is one that we know.
  h.call(rpc("2", "ping"), answer("2"), in_session("old"));
  EXPECT_EQ(h.last().at("details.protocol_version"), "2025-06-18");
  h.call(rpc("1", "tools/list"), answer("1"), {{"MCP-Protocol-Version", "2025-03-26"}});
  EXPECT_EQ(h.last().at("details.protocol_version"), "2025-03-26");
  EXPECT_EQ(h.last().at("session_id"), "");
}

TEST(HttpExchange, Http10IsSaid) {
  HttpHarness h;
  http::RequestHead head;
  head.method = "GET";
  head.target = "/x";
  head.minor = 0;
  const auto exchange = h.recorder.begin(head, false, "::1", h.now());
  h.take(exchange->on_request(h.now()));
  h.head(*exchange, 200);
  h.end(*exchange);
  EXPECT_EQ(h.last().at("details.http.version"), "1.0");
}

/// White space behind a message changes nothing of what is recorded; with much of it the message is
/// looked at part by part, and without it by one index of the whole.
TEST(HttpExchange, LongMessagesAreRecordedAsShortOnes) {
  const std::vector<std::pair<std::string, std::string>> calls{
      {R"({"name":"t","arguments":{"message":"hello"}})",
       R"({"content":[{"type":"text","text":"a"}]})"},
      {R"({"name":"t","arguments":{"password":"x","a":[1.50]},"x":{"url":"u?q"}})",
       R"({"content":[{"type":"text","text":"Bearer abcdefgh"},{"type":"image","data":"AA","mimeType":"i/p"}]})"},
      {R"({"name":"t","arguments":{"a": 1 ,"a":2},"Name":"u","_meta":{"progressToken":"p"}})",
       R"({"isError":true,"content":[{"type":"text","text":"no\nway"}],"IsError":false})"},
      {R"({"name":"t\u0041","arguments":{"s":"\ud83d\ude00 \ud800"}})",
       R"({"content":[],"structuredContent":{ "data" : [ 1 ] , "n":null}})"},
      {R"({"name":"t","arguments":[{"code":5,"token":true}]})", R"({"n":"data of taskId"})"},
      {R"({"name":"t","arguments":"{\"password\":\"x\"}"})",
       R"({"task":{"taskId":"t-1","status":"working"}})"},
  };
  const std::string padding(2 * mcp::kFrameBytesIndexedWhole, ' ');
  for (const auto& [params, result] : calls) {
    HttpHarness whole, parts;
    for (HttpHarness* h : {&whole, &parts}) {
      const std::string end = h == &whole ? std::string() : padding;
      h->call(rpc("1", "tools/call", params) + end, answer("1", result) + end);
    }
    ASSERT_FALSE(whole.all.empty());
    ASSERT_EQ(whole.all.size(), parts.all.size()) << params;
    for (std::size_t i = 0; i < whole.all.size(); ++i) {
      EXPECT_EQ(whole.all[i].json, parts.all[i].json);
    }
  }
}

}  // namespace
}  // namespace tally::record
