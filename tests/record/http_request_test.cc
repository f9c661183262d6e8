// SPDX-License-Identifier: Apache-2.0
// What is recorded before a request is forwarded, what has to wait for it, and what is refused.
#include "record/http_harness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::record {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct VerdictCase {
  std::string body;
  bool forward;
  bool must_wait;
  int status;  // of the refusal, if it comes to one
  std::string refusal;
};

TEST(HttpRequest, VerdictsByBody) {
  const std::string error = R"(,"error":{"code":-32603,"message":"Internal error"}})";
  const std::string refused_1 = R"({"jsonrpc":"2.0","id":1)" + error;
  const std::string invalid =
      R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid Request"}})";
  const VerdictCase cases[] = {
      {rpc("1", "tools/call", R"({"name":"x"})"), true, true, 503, refused_1},
      {rpc("1", "tools/list"), true, false, 503, ""},
      {rpc("1", "tasks/cancel", R"({"taskId":"t"})"), true, true, 503, refused_1},
      {note("notifications/initialized"), true, false, 503, ""},
      {"[" + rpc("1", "tools/list") + "," + rpc("2", "tools/call", R"({"name":"x"})") + "]", true,
       true, 503, "[" + refused_1 + R"(,{"jsonrpc":"2.0","id":2)" + error + "]"},
      {"not json", true, true, 503, R"({"jsonrpc":"2.0","id":null)" + error},
      {"\r\n", true, false, 503, ""},
      {"", true, false, 503, ""},
      // Two readers, two calls: nobody is asked to run either.
      {R"({"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"})", false, false, 400,
       invalid},
      {R"({"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call"})", false, false, 400,
       invalid},
      {R"({"jsonrpc":"2.0","id":1,"method":"ping","\u006dethod":"tools/call"})", false, false, 400,
       invalid},
      {R"({"jsonrpc":"2.0","id":1,"ID":2,"method":"ping"})", false, false, 400, invalid},
      {R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","Name":"b"}})", false,
       false, 400, invalid},
      {R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{},"params":{}})", false, false,
       400, invalid},
      {"[" + rpc("1", "ping") + R"(,{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}])", false,
       false, 400, invalid},
      // Inside the arguments it is the tool's business: held, recorded, forwarded.
      {R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":)"
       R"({"a":1,"a":2}}})",
       true, true, 503, refused_1},
  };
  for (const VerdictCase& c : cases) {
    HttpHarness h;
    const auto exchange = h.post(c.body);
    EXPECT_EQ(h.verdict.forward, c.forward) << c.body;
    EXPECT_EQ(h.verdict.must_wait, c.must_wait) << c.body;
    EXPECT_EQ(h.verdict.refusal.status, c.status) << c.body;
    EXPECT_EQ(h.verdict.refusal.body, c.refusal) << c.body;
    EXPECT_EQ(h.verdict.refusal.content_type, c.refusal.empty() ? "" : "application/json");
    EXPECT_EQ(h.verdict.must_wait && h.verdict.events.empty(), false) << c.body;
  }
}

TEST(HttpRequest, TwoReadingsAreClosedAsDenied) {
  HttpHarness h;
  const auto exchange =
      h.post(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"b"}})");
  ASSERT_THAT(h.briefs(), ElementsAre("mcp-protocol-violation failed/failure",
                                      "tools/call initiated/pending", "tools/call failed/denied"));
  EXPECT_EQ(h.last().at("details.outcome"), R"({"http_status":400,"reason":"ambiguous"})");
  EXPECT_EQ(h.all[0].at("interaction_id"), h.last().at("interaction_id"));
  EXPECT_EQ(h.recorder.open_requests(), 0U);
  // Whatever the proxy does now is not another record.
  h.end(*exchange, HttpEnd::client_left);
  h.add(exchange->not_forwarded(h.now()));
  EXPECT_EQ(h.all.size(), 3U);
}

TEST(HttpRequest, NotForwardedIsDenied) {
  HttpHarness h;
  const auto exchange = h.post("[" + rpc("1", "tools/call", R"({"name":"x"})") + "," +
                               note("notifications/initialized") + "]");
  h.all.clear();
  h.add(exchange->not_forwarded(h.now()));
  EXPECT_THAT(h.briefs(),
              ElementsAre("tools/call failed/denied", "notifications/initialized failed/denied"));
  for (const Seen& s : h.all) EXPECT_EQ(s.at("details.outcome.reason"), "not_forwarded");
  h.end(*exchange);
  EXPECT_EQ(h.all.size(), 2U);
}

struct HeaderCase {
  Headers headers;
  std::string body;
  std::vector<std::string> differs;
};

TEST(HttpRequest, HeadersMustSayWhatTheBodySays) {
  const std::string call = modern("1", "tools/call", R"("name":"écrire")");
  const std::string base64 = "=?base64?" + to_base64(as_bytes("écrire")) + "?=";
  const HeaderCase cases[] = {
      {kModern + Headers{{"Mcp-Method", "tools/call"}, {"Mcp-Name", base64}}, call, {}},
      {kModern + Headers{{"Mcp-Method", "tools/list"}}, call, {"Mcp-Method"}},
      {kModern + Headers{{"Mcp-Name", "read"}}, call, {"Mcp-Name"}},
      {kModern + Headers{{"Mcp-Name", "=?base64?###?="}}, call, {"Mcp-Name"}},
      {{{"MCP-Protocol-Version", "2025-11-25"}}, call, {"MCP-Protocol-Version"}},
      {kModern + Headers{{"Mcp-Name", "file:///a"}},
       modern("1", "resources/read", R"("uri":"file:///a")"),
       {}},
      {kModern + Headers{{"Mcp-Name", "file:///b"}},
       modern("1", "resources/read", R"("uri":"file:///a")"),
       {"Mcp-Name"}},
      {kModern + Headers{{"Mcp-Name", "t1"}}, modern("1", "tasks/get", R"("taskId":"t1")"), {}},
      {kModern + Headers{{"Mcp-Name", "x"}}, modern("1", "tools/list"), {}},
      {kModern + Headers{{"Mcp-Method", "Tools/Call"}, {"Mcp-Name", "x"}},
       call,
       {"Mcp-Method", "Mcp-Name"}},
  };
  for (const HeaderCase& c : cases) {
    HttpHarness h;
    const auto exchange = h.post(c.body, c.headers);
    EXPECT_TRUE(h.verdict.forward) << "the server decides, with -32020";
    if (c.differs.empty()) {
      EXPECT_EQ(h.count("mcp-protocol-violation"), 0U) << c.body;
      continue;
    }
    std::string expected = "[";
    for (const std::string& header : c.differs) {
      if (expected.size() > 1) expected += ',';
      expected += R"({"kind":"header_mismatch","where":")" + header + "\"}";
    }
    EXPECT_EQ(h.only("mcp-protocol-violation").at("details.violations"), expected + "]") << c.body;
    EXPECT_TRUE(h.verdict.must_wait) << c.body;
  }
}

TEST(HttpRequest, VersionHeaderOfASessionIsTheNegotiatedOne) {
  HttpHarness h;
  h.initialize("s");
  h.call(rpc("1", "ping"), answer("1"),
         in_session("s") + Headers{{"MCP-Protocol-Version", "2025-06-18"}});
  EXPECT_EQ(h.count("mcp-protocol-violation"), 1U);
  h.all.clear();
  h.call(rpc("1", "ping"), answer("1"),
         in_session("s") + Headers{{"MCP-Protocol-Version", "2025-11-25"}});
  h.call(rpc("1", "ping"), answer("1"), in_session("s"));
  EXPECT_EQ(h.count("mcp-protocol-violation"), 0U);
}

TEST(HttpRequest, BodiesThatCannotBeDecoded) {
  HttpHarness h;
  const auto exchange = h.begin("POST", "/mcp", {}, true);
  h.take(exchange->on_request_undecodable(
      {.reason = "content-encoding zstd", .bytes = 17, .digest = "hmac:k:ab12"}, h.now()));
  EXPECT_TRUE(h.verdict.must_wait);
  ASSERT_THAT(h.briefs(), ElementsAre("mcp-unparsed initiated/pending"));
  EXPECT_EQ(h.last().at("details.reason"), "content-encoding zstd");
  EXPECT_EQ(h.last().at("details.content"), R"({"bytes":17,"digest":"hmac:k:ab12"})");
  h.head(*exchange, 200, kJsonType);
  EXPECT_EQ(h.last().brief(), "mcp-unparsed succeeded/success");
  EXPECT_EQ(h.last().at("details.outcome.http_status"), "200");
  EXPECT_EQ(h.all[0].at("interaction_id"), h.all[1].at("interaction_id"));
  h.end(*exchange);
  EXPECT_EQ(h.all.size(), 2U);

  const auto elsewhere = h.begin("POST", "/other", kJsonType, true);
  h.take(elsewhere->on_request_undecodable({.reason = "x", .bytes = 1, .digest = "ab"}, h.now()));
  EXPECT_FALSE(h.verdict.must_wait);
  EXPECT_THAT(h.verdict.events, IsEmpty());
}

TEST(HttpRequest, OversizeIsRefusedUnlessConfigured) {
  HttpHarness h;
  const auto exchange = h.begin("POST", "/mcp", kJsonType, true);
  h.take(exchange->on_request_oversize(R"({"jsonrpc":"2.0","id":1)", h.now()));
  EXPECT_FALSE(h.verdict.forward);
  EXPECT_EQ(h.verdict.refusal.status, 413);
  ASSERT_THAT(h.briefs(), ElementsAre("mcp-unparsed failed/denied"));
  EXPECT_EQ(h.last().at("details.outcome"), R"({"http_status":413,"reason":"oversize"})");
  h.end(*exchange);
  EXPECT_EQ(h.all.size(), 1U);
}

TEST(HttpRequest, OversizeForwardedByDigest) {
  HttpRecorderOptions options = HttpHarness::default_options();
  options.forward_oversize = true;
  HttpHarness h(options);
  const std::string body =
      rpc("5", "tools/call", R"({"name":"x","arguments":{"a":")" + std::string(100, 'y') + "\"}}");
  const auto exchange = h.begin("POST", "/mcp", kJsonType, true);
  h.take(exchange->on_request_oversize(std::string_view(body).substr(0, 20), h.now()));
  EXPECT_TRUE(h.verdict.forward);
  EXPECT_TRUE(h.verdict.must_wait);
  exchange->on_oversize_bytes(std::string_view(body).substr(20, 50));
  exchange->on_oversize_bytes(std::string_view(body).substr(70));
  h.add(exchange->on_oversize_end(true, h.now()));
  h.head(*exchange, 200, kJsonType);
  h.body(*exchange, answer("5", R"({"isError":true})"));
  h.end(*exchange);
  ASSERT_THAT(h.briefs(),
              ElementsAre("mcp-unparsed initiated/pending", "tools/call failed/failure"));
  EXPECT_EQ(h.last().at("details.arguments_digest.bytes"), std::to_string(body.size()));
  EXPECT_EQ(h.last().at("details.arguments_digest.digest"), h.digest(body));
  EXPECT_EQ(h.last().at("target_name"), "x");
}

TEST(HttpRequest, OversizeAnsweredBeforeItsEnd) {
  HttpRecorderOptions options = HttpHarness::default_options();
  options.forward_oversize = true;
  HttpHarness h(options);
  const auto exchange = h.begin("POST", "/mcp", kJsonType, true);
  h.take(
      exchange->on_request_oversize(R"({"jsonrpc":"2.0","id":1,"method":"tools/call",)", h.now()));
  exchange->on_oversize_bytes(R"("params":{"name":"x")");
  h.head(*exchange, 413, kJsonType);
  h.body(*exchange, R"({"error":"too large"})");
  h.end(*exchange);
  ASSERT_THAT(h.briefs(),
              ElementsAre("mcp-unparsed initiated/pending", "tools/call failed/failure"));
  EXPECT_EQ(h.last().at("event_name"), "mcp-unparsed");
  EXPECT_EQ(h.last().at("details.outcome"), R"({"http_status":413})");
  EXPECT_EQ(h.last().at("details.cut_off"), "true");
  EXPECT_EQ(h.recorder.open_requests(), 0U);
}

TEST(HttpRequest, OversizeRefusedByTheWriteAheadRule) {
  HttpRecorderOptions options = HttpHarness::default_options();
  options.forward_oversize = true;
  HttpHarness h(options);
  const auto exchange = h.begin("POST", "/mcp", kJsonType, true);
  h.take(exchange->on_request_oversize(R"({"jsonrpc":"2.0","id":1)", h.now()));
  h.add(exchange->not_forwarded(h.now()));
  EXPECT_EQ(h.last().brief(), "mcp-unparsed failed/denied");
  EXPECT_EQ(h.last().at("details.outcome.reason"), "not_forwarded");
}

struct RouteCase {
  const char* target;
  Headers headers;
  std::string body;
  const char* event;
};

TEST(HttpRequest, AMessageIsOneWhereverItIsPosted) {
  const std::string call = rpc("1", "tools/call", R"({"name":"x"})");
  const RouteCase cases[] = {
      {"/anything", kJsonType, call, "mcp-tool-execution"},
      {"/anything", {{"Content-Type", "text/plain"}}, call, "mcp-tool-execution"},
      {"/anything", kJsonType, "  [" + call + "]", "mcp-tool-execution"},
      {"/anything", kJsonType, R"({"jsonrpc":"2.0"})", "mcp-unparsed"},
      {"/anything", kJsonType,
       R"({"\u006asonrpc":"2.0","id":1,"\u006dethod":"tools/call","\u0070arams":{"name":"x"}})",
       "mcp-tool-execution"},
      {"/mcp", {{"Content-Type", "application/x-www-form-urlencoded"}}, call, "mcp-tool-execution"},
  };
  for (const RouteCase& c : cases) {
    HttpHarness h;
    const auto exchange = h.begin("POST", c.target, c.headers, true);
    h.take(exchange->on_request_body(c.body, h.now()));
    ASSERT_FALSE(h.all.empty()) << c.target;
    EXPECT_EQ(h.last().at("event_name"), c.event) << c.body;
    EXPECT_TRUE(h.verdict.must_wait);
  }
  for (const std::string body : {R"({"a":1})", "name=x", "", "[1,2]", R"({"method":"card"})",
                                 R"({"name":"Andr\u00e9 \u0061"})"}) {
    HttpHarness h;
    const auto exchange = h.begin("POST", "/anything", kJsonType, true);
    h.take(exchange->on_request_body(body, h.now()));
    EXPECT_THAT(h.all, IsEmpty()) << body;
    h.head(*exchange, 200, kJsonType);
    h.body(*exchange, R"({"b":2})");
    h.end(*exchange);
    EXPECT_THAT(h.briefs(), ElementsAre("http-request succeeded/success")) << body;
  }
}

TEST(HttpRequest, AuditedPathsAreStagedAndKeepBodies) {
  HttpRecorderOptions options = HttpHarness::default_options();
  options.paths = {{.path = "/admin/*"},
                   {.path = "/soft/*", .on_failure = policy::OnFailure::allow},
                   {.path = "/none/*", .level = policy::Level::none}};
  HttpHarness h(options);
  const auto exchange = h.begin("PUT", "/admin/users?dry=1", kJsonType, true);
  h.take(exchange->on_request_body("{\"name\":\"eve\",\n\"password\":\"sesame\"}", h.now()));
  EXPECT_TRUE(h.verdict.must_wait);
  EXPECT_EQ(h.verdict.refusal.status, 503);
  EXPECT_EQ(h.verdict.refusal.body, "");
  h.head(*exchange, 201, kJsonType);
  h.end(*exchange);
  ASSERT_THAT(h.briefs(),
              ElementsAre("http-request initiated/pending", "http-request succeeded/success"));
  EXPECT_EQ(h.all[0].at("interaction_id"), h.all[1].at("interaction_id"));
  for (const Seen& s : h.all) {
    EXPECT_EQ(s.at("details.request_body"), R"({"name":"eve", "password":"[redacted]"})");
    EXPECT_EQ(s.at("details.query_params"), R"({"dry":"1"})");
    EXPECT_EQ(s.at("details.path"), "/admin/users");
  }
  h.all.clear();

  const auto form = h.begin("POST", "/admin/login",
                            {{"Content-Type", "application/x-www-form-urlencoded"}}, true);
  h.take(form->on_request_body("user=eve&password=sesame", h.now()));
  EXPECT_EQ(h.last().at("details.request_body"), "user=eve&password=[redacted]");
  h.add(form->not_forwarded(h.now()));
  EXPECT_EQ(h.last().brief(), "http-request failed/denied");
  h.all.clear();

  const auto soft = h.begin("DELETE", "/soft/1");
  h.take(soft->on_request(h.now()));
  EXPECT_FALSE(h.verdict.must_wait);
  EXPECT_EQ(h.all.size(), 1U);
  h.all.clear();
  const auto none = h.begin("DELETE", "/none/1");
  h.take(none->on_request(h.now()));
  h.head(*none, 200);
  h.end(*none);
  const auto read = h.get("/admin/users");
  EXPECT_THAT(h.all, IsEmpty());
  h.head(*read, 200);
  h.end(*read);
  EXPECT_EQ(h.all.size(), 1U);
}

TEST(HttpRequest, OneSessionTwoPrincipals) {
  HttpHarness h;
  const auto as = [](std::string_view user) {
    return Headers{{"Authorization", "Basic " + to_base64(as_bytes(std::string(user) + ":x"))}} +
           in_session("s");
  };
  h.initialize("s", {{"Authorization", "Basic " + to_base64(as_bytes("ann:x"))}});
  h.call(rpc("1", "ping"), answer("1"), as("ann"));
  EXPECT_EQ(h.count("mcp-session-shared"), 0U);
  h.call(rpc("1", "ping"), answer("1"), as("bob"));
  h.call(rpc("1", "ping"), answer("1"), as("bob"));
  h.call(rpc("1", "ping"), answer("1"), as("ann"));
  const Seen& shared = h.only("mcp-session-shared");
  EXPECT_EQ(shared.at("actor_id"), "bob");
  EXPECT_EQ(shared.at("details.differs"), "principal");
  EXPECT_EQ(shared.at("details.first_principal"), "ann");
  EXPECT_EQ(shared.at("session_id"), h.digest("s"));
  EXPECT_EQ(shared.at("event_type"), "security");
}

TEST(HttpRequest, OneSessionTwoAddresses) {
  identity::Options who;
  who.trusted_addresses = {"198.51.100.7"};
  HttpHarness h(HttpHarness::default_options(), std::move(who));
  const auto from = [](const std::string& address) {
    return Headers{{"X-Forwarded-For", address}} + in_session("s");
  };
  h.initialize("s", {{"X-Forwarded-For", "203.0.113.1"}});
  for (const auto* address : {"203.0.113.1", "203.0.113.2", "203.0.113.2", "203.0.113.1"}) {
    h.call(rpc("1", "ping"), answer("1"), from(address));
  }
  const Seen& shared = h.only("mcp-session-shared");
  EXPECT_EQ(shared.at("actor_ip"), "203.0.113.2");
  EXPECT_EQ(shared.at("details.differs"), "address");
  EXPECT_EQ(shared.at("details.first_address"), "203.0.113.1");
  EXPECT_EQ(shared.at("details.addresses"), "2");
}

TEST(HttpRequest, OtherSettingsOfIdentityMakeNoOtherUser) {
  HttpHarness h;
  const Headers ann = Headers{{"Authorization", "Basic " + to_base64(as_bytes("ann:x"))},
                              {"X-User", "Ann Example"},
                              {"X-Forwarded-For", "203.0.113.1"}} +
                      in_session("s");
  h.initialize("s", ann);
  h.call(rpc("1", "ping"), answer("1"), ann);
  const auto under_way = h.begin("POST", "/mcp", kJsonType + ann, true);
  identity::Options who;
  who.user_headers = {"X-User"};
  who.trusted_addresses = {"198.51.100.7"};
  h.recorder.use_identifier(std::move(*identity::Identifier::make(who, h.digest)));
  h.call(rpc("2", "ping"), answer("2"), ann);
  EXPECT_EQ(h.last().at("actor_id"), "Ann Example");
  h.take(under_way->on_request_body(rpc("3", "ping"), h.now()));
  h.end(*under_way);
  h.call(rpc("4", "ping"), answer("4"), ann);
  EXPECT_EQ(h.count("mcp-session-shared"), 0U);
  h.call(rpc("5", "ping"), answer("5"), Headers{{"X-User", "Bob"}} + in_session("s"));
  EXPECT_EQ(h.count("mcp-session-shared"), 2U) << "by name and by address";
}

TEST(HttpRequest, OneSessionTwoClients) {
  HttpHarness h;
  h.initialize("s");
  const std::string again =
      R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"curl","version":"1"}})";
  h.call(rpc("5", "initialize", again), answer("5"), in_session("s"));
  h.call(rpc("6", "initialize", again), answer("6"), in_session("s"));
  const Seen& shared = h.only("mcp-session-shared");
  EXPECT_EQ(shared.at("details.differs"), "client");
  EXPECT_EQ(shared.at("details.first_client"), R"({"name":"ide","version":"2.1"})");
  EXPECT_EQ(shared.at("details.client.name"), "curl");
}

/// MCP 2026-07-28: a requestState that comes back twice, with another call, or from nowhere.
TEST(HttpRequest, WhatBecomesOfARequestState) {
  HttpHarness h;
  const auto call = [&](const std::string& params) {
    h.call(modern("4", "tools/call", params), answer("4"), kModern);
    return h.last().at("details.request_state_use");
  };
  EXPECT_EQ(call(R"("name":"y")"), "");
  h.call(modern("2", "tools/call", R"("name":"y")"),
         answer("2", R"({"resultType":"input_required","inputRequests":{},"requestState":"s1"})"),
         kModern);
  EXPECT_EQ(call(R"("name":"y","requestState":"s1")"),
            R"({"known":true,"times":1,"same_call":true})");
  EXPECT_EQ(call(R"("name":"z","requestState":"s1")"),
            R"({"known":true,"times":2,"same_call":false})");
  EXPECT_EQ(call(R"("name":"y","requestState":"made-up")"), R"({"known":false})");
}

TEST(HttpRequest, HandlesOfAnotherPrincipal) {
  HttpHarness h;
  const auto as = [](std::string_view user) {
    return Headers{{"Authorization", "Basic " + to_base64(as_bytes(std::string(user) + ":x"))}} +
           kModern;
  };
  h.call(modern("1", "tools/call", R"("name":"x")"),
         answer("1", R"({"resultType":"task","taskId":"t1"})"), as("ann"));
  h.call(modern("2", "tools/call", R"("name":"y")"),
         answer("2", R"({"resultType":"input_required","inputRequests":{},"requestState":"s1"})"),
         as("ann"));
  const std::string get = modern("3", "tasks/get", R"("taskId":"t1")");
  const std::string retry =
      modern("4", "tools/call",
             R"("name":"y","requestState":"s1","inputResponses":{"a":{"action":"accept"}})");
  h.call(get, answer("3"), as("ann"));
  h.call(retry, answer("4"), as("ann"));
  EXPECT_EQ(h.count("mcp-protocol-violation"), 0U);
  for (const std::string& request : {get, retry}) {
    h.all.clear();
    h.call(request, answer("3"), as("bob"));
    const Seen& violation = h.only("mcp-protocol-violation");
    EXPECT_EQ(violation.at("details.violations"),
              R"([{"kind":"foreign_handle","where":"params"}])");
    EXPECT_EQ(violation.at("actor_id"), "bob");
    EXPECT_FALSE(h.anything_says("\"t1\""));
  }
}

TEST(HttpRequest, EqualRetriesOfTwoPrincipalsAreTwoChains) {
  HttpHarness h;
  const auto as = [](std::string_view user) {
    return Headers{{"Authorization", "Basic " + to_base64(as_bytes(std::string(user) + ":x"))}} +
           kModern;
  };
  const std::string call = modern("1", "tools/call", R"("name":"x")");
  const std::string retry = modern("2", "tools/call", R"("name":"x","inputResponses":{})");
  const std::string wanted = answer("1", R"({"resultType":"input_required","inputRequests":{}})");
  h.call(call, wanted, as("ann"));
  const std::string anns = h.last().at("interaction_id");
  h.call(call, wanted, as("bob"));
  const std::string bobs = h.last().at("interaction_id");
  h.call(retry, answer("2"), as("ann"));
  EXPECT_EQ(h.last().at("flow_id"), anns);
  h.call(retry, answer("2"), as("bob"));
  EXPECT_EQ(h.last().at("flow_id"), bobs);
}

TEST(HttpRequest, OneTokenAtTwoServersOrForAnother) {
  CredentialTable credentials;
  HttpRecorderOptions options = HttpHarness::default_options();
  options.credentials = &credentials;
  HttpHarness first(options);
  options.upstream_host = "127.0.0.1:3002";
  HttpHarness second(options);
  const auto b64 = [](std::string_view text) {
    std::string out = to_base64(as_bytes(text));
    while (out.back() == '=') out.pop_back();
    return out;
  };
  const auto bearer = [&](std::string_view claims) {
    return Headers{
        {"Authorization", "Bearer " + b64(R"({"alg":"x"})") + '.' + b64(claims) + ".AA"}};
  };
  const Headers ours = bearer(R"({"sub":"jane","aud":"https://mcp.example/mcp"})");
  first.call(rpc("1", "ping"), answer("1"), ours);
  EXPECT_EQ(first.count("auth-token-misuse"), 0U);
  second.call(rpc("1", "ping"), answer("1"), ours);
  second.call(rpc("1", "ping"), answer("1"), ours);
  EXPECT_EQ(second.only("auth-token-misuse").at("details.reason"), "second_server");
  EXPECT_EQ(second.only("auth-token-misuse").at("details.first_server"), "127.0.0.1:3001");
  second.all.clear();
  const Headers theirs = bearer(R"({"sub":"jane","aud":["https://other.example"]})");
  second.call(rpc("1", "ping"), answer("1"), theirs);
  second.call(rpc("1", "ping"), answer("1"), theirs);
  EXPECT_EQ(second.only("auth-token-misuse").at("details.reason"), "audience");
  EXPECT_EQ(second.only("auth-token-misuse").at("details.audiences"),
            R"(["https://other.example"])");
  second.all.clear();
  second.call(rpc("1", "ping"), answer("1"), bearer(R"({"sub":"jane","aud":"client-7"})"));
  EXPECT_EQ(second.count("auth-token-misuse"), 0U);
}

}  // namespace
}  // namespace tally::record
