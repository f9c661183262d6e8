// SPDX-License-Identifier: Apache-2.0
// Administration of a gateway as its HTTP requests show it: events, targets, old and new values.
#include "record/http_operation.h"

#include "event/catalog.h"
#include "record/http_harness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::record {
namespace {

using testing::ElementsAre;

const Headers kForm{{"Content-Type", "application/x-www-form-urlencoded"}};

HttpRecorderOptions gateway_options() {
  HttpRecorderOptions out = HttpHarness::default_options();
  const auto rows = rest::contextforge_paths();
  out.paths = {rows.begin(), rows.end()};
  out.server_name = "gw";
  return out;
}

class Gateway : public HttpHarness {
 public:
  Gateway() : HttpHarness(gateway_options()) {}

  /// One exchange with JSON both ways; `reply` empty: no body. Gives its completed record.
  const Seen& ask(std::string_view method, std::string_view target, std::string_view request = "",
                  int status = 200, std::string_view reply = "", const Headers& headers = kJsonType,
                  const Headers& reply_headers = {}) {
    const auto exchange = begin(method, target, headers, !request.empty());
    take(request.empty() ? exchange->on_request(now()) : exchange->on_request_body(request, now()));
    head(*exchange, status, kJsonType + reply_headers);
    if (!reply.empty() && exchange->tee_plan() != TeePlan::none) {
      add(exchange->on_response_body(reply, now()));
    }
    end(*exchange);
    return last();
  }
  [[nodiscard]] std::string name() const { return last().event.event_name; }
  [[nodiscard]] std::string target() const {
    return last().at("target_type") + ' ' + last().at("target_id") + ' ' + last().at("target_name");
  }
};

TEST(HttpOperation, LifeOfATool) {
  Gateway g;
  g.ask("POST", "/tools", R"({"name":"deploy","url":"http://h/x","authToken":"s3cret"})", 201,
        R"({"id":7,"name":"deploy","url":"http://h/x","enabled":true})");
  EXPECT_EQ(g.briefs().front(), "admin-tool-created initiated/pending");
  EXPECT_TRUE(g.verdict.must_wait);
  EXPECT_EQ(g.name(), "admin-tool-created");
  EXPECT_EQ(g.target(), "tool gw/7 deploy");
  EXPECT_EQ(g.last().at("event_action"), "create");
  EXPECT_EQ(g.last().at("severity"), "info");
  EXPECT_EQ(g.last().at("old_values"), "");
  EXPECT_EQ(g.last().at("new_values"),
            R"({"id":7,"name":"deploy","url":"http://h/x","enabled":true})");
  EXPECT_EQ(g.last().at("details.object.new"), "response");

  g.ask("PUT", "/tools/7", R"({"url":"http://h/y"})", 200,
        R"({"id":7,"name":"deploy","url":"http://h/y","enabled":true})");
  EXPECT_EQ(g.name(), "admin-tool-updated");
  EXPECT_EQ(g.last().at("old_values"), R"({"url":"http://h/x"})");
  EXPECT_EQ(g.last().at("new_values"), R"({"url":"http://h/y"})");
  EXPECT_EQ(g.last().at("details.object.old"), "seen");
  EXPECT_NE(g.last().at("details.object.seen_at"), "");

  g.ask(
      "POST", "/tools/7/toggle?activate=false", "", 200,
      R"({"status":"success","tool":{"id":7,"name":"deploy","url":"http://h/y","enabled":false}})");
  EXPECT_EQ(g.name(), "admin-tool-state-changed");
  EXPECT_EQ(g.last().at("old_values"), R"({"enabled":true})");
  EXPECT_EQ(g.last().at("new_values"), R"({"enabled":false})");

  g.ask("DELETE", "/tools/7", "", 200, R"({"status":"success","message":"gone"})");
  EXPECT_EQ(g.name(), "admin-tool-deleted");
  EXPECT_EQ(g.target(), "tool gw/7 deploy");
  EXPECT_EQ(g.last().at("old_values"),
            R"({"id":7,"name":"deploy","url":"http://h/y","enabled":false})");
  EXPECT_EQ(g.last().at("new_values"), "");

  g.ask("DELETE", "/tools/7");
  EXPECT_EQ(g.last().at("details.object.old"), "unknown");
  EXPECT_EQ(g.last().at("old_values"), "");
  EXPECT_FALSE(g.anything_says("s3cret"));
}

TEST(HttpOperation, EveryKindHasItsEvents) {
  for (const char* type : {"tool", "resource", "prompt", "server", "gateway"}) {
    for (const std::string& base :
         {"/" + std::string(type) + "s", "/admin/" + std::string(type) + "s"}) {
      Gateway g;
      const std::string start = "admin-" + std::string(type);
      g.ask("POST", base, R"({"name":"n"})", 201, R"({"id":"1","name":"n"})");
      EXPECT_EQ(g.name(), start + "-created");
      g.ask("PUT", base + "/1", R"({"name":"m"})");
      EXPECT_EQ(g.name(), start + "-updated");
      g.ask("POST", base + "/1/state", R"({"activate":false})");
      EXPECT_EQ(g.name(), start + "-state-changed");
      EXPECT_EQ(g.last().at("new_values"), R"({"activate":false})");
      g.ask("DELETE", base + "/1");
      EXPECT_EQ(g.name(), start + "-deleted");
    }
  }
  Gateway g;
  g.ask("POST", "/admin/users/a%40b.example/deactivate");
  EXPECT_EQ(g.name(), "admin-user-state-changed");
  EXPECT_EQ(g.target(), "user gw/a@b.example a@b.example");
  EXPECT_EQ(g.last().at("new_values"), R"({"enabled":false})");
  g.ask("POST", "/teams", R"({"name":"blue"})", 201, R"({"id":"t1","name":"blue"})");
  EXPECT_EQ(g.name(), "admin-team-created");
}

TEST(HttpOperation, ListsAndViewsTeachTheOldValues) {
  Gateway g;
  g.ask("GET", "/servers", "", 200,
        R"([{"id":"s1","name":"a","tags":[1]},{"id":"s2","name":"a"}])");
  EXPECT_EQ(g.last().brief(), "http-request succeeded/success");
  EXPECT_EQ(g.last().at("event_action"), "list");
  EXPECT_EQ(g.last().at("target_type"), "endpoint");
  g.ask("POST", "/admin/servers/s2/edit", "name=b", 303, "", kForm);
  EXPECT_EQ(g.last().at("old_values"), R"({"name":"a"})");
  EXPECT_EQ(g.last().at("new_values"), R"({"name":"b"})");
  EXPECT_EQ(g.last().at("details.object.new"), "request");
  // What the change did is not known in full, so the next one has nothing to compare with.
  g.ask("POST", "/admin/servers/s2/edit", "name=c", 303, "", kForm);
  EXPECT_EQ(g.last().at("details.object.old"), "unknown");
  g.ask("GET", "/servers/s2", "", 200, R"({"id":"s2","name":"c"})");
  EXPECT_EQ(g.last().at("event_action"), "view");
  EXPECT_EQ(g.target(), "server gw/s2 s2");
  g.ask("DELETE", "/servers/s2", "", 204);
  EXPECT_EQ(g.last().at("old_values"), R"({"id":"s2","name":"c"})");
}

TEST(HttpOperation, WhatFailedChangedNothing) {
  Gateway g;
  g.ask("GET", "/tools/7", "", 200, R"({"id":7,"name":"x","a":1})");
  struct Case {
    int status;
    const char *reply, *name, *result;
  };
  const Case cases[] = {
      {422, R"({"detail":"bad"})", "admin-tool-updated", "failure"},
      {404, R"({"id":7,"a":9})", "admin-tool-updated", "failure"},
      {403, "", "access-denied", "denied"},
      {401, "", "auth-failure", "failure"},
      {429, "", "rate-limit-exceeded", "denied"},
      {200, R"({"success":false,"message":"no"})", "admin-tool-updated", "failure"},
  };
  for (const Case& c : cases) {
    g.ask("PUT", "/tools/7", R"({"a":2})", c.status, c.reply, kJsonType, {{"Retry-After", "9"}});
    EXPECT_EQ(g.name(), c.name) << c.status;
    EXPECT_EQ(g.last().at("event_result"), c.result) << c.status;
    EXPECT_EQ(g.last().at("new_values"), "") << c.status;
    EXPECT_EQ(g.last().at("old_values"), "") << c.status;
    EXPECT_EQ(g.target(), "tool gw/7 x") << c.status;
    EXPECT_EQ(g.last().at("event_action"), "update") << c.status;
    EXPECT_EQ(g.last().at("interaction_id"), g.all[g.all.size() - 2].at("interaction_id"));
    EXPECT_EQ(g.last().at("details.request_body"), R"({"a":2})");
  }
  EXPECT_EQ(g.only("rate-limit-exceeded").at("details.retry_after"), "9");
  EXPECT_EQ(g.only("access-denied").at("details.operation"), "admin-tool-updated");
  g.ask("PUT", "/tools/7", R"({"a":2})", 200, R"({"id":7,"name":"x","a":2})");
  EXPECT_EQ(g.last().at("old_values"), R"({"a":1})") << "still what it was";
  // A broken answer may have changed it.
  g.ask("PUT", "/tools/7", R"({"a":3})", 500);
  EXPECT_EQ(g.last().at("severity"), "error");
  g.ask("DELETE", "/tools/7");
  EXPECT_EQ(g.last().at("details.object.old"), "unknown");
}

TEST(HttpOperation, NoOutcomeNoNewValue) {
  Gateway g;
  g.ask("GET", "/tools/7", "", 200, R"({"id":7,"a":1})");
  const auto gone = g.begin("PUT", "/tools/7", kJsonType, true);
  g.take(gone->on_request_body(R"({"a":2})", g.now()));
  g.end(*gone, HttpEnd::upstream_broke, 502);
  EXPECT_EQ(g.last().brief(), "admin-tool-updated failed/unknown");
  EXPECT_EQ(g.last().at("new_values"), "");
  const auto held = g.begin("DELETE", "/tools/8");
  g.take(held->on_request(g.now()));
  g.add(held->not_forwarded(g.now()));
  EXPECT_EQ(g.last().brief(), "admin-tool-deleted failed/denied");
  EXPECT_EQ(g.target(), "tool gw/8 8");
}

TEST(HttpOperation, AnotherObjectIsNotBelieved) {
  Gateway g;
  g.ask("GET", "/tools/7", "", 200, R"({"id":8,"a":1})");
  g.ask("PUT", "/tools/7", R"({"a":2})", 200, R"({"id":"8","a":"evil"})");
  EXPECT_EQ(g.target(), "tool gw/7 7");
  EXPECT_EQ(g.last().at("details.object"), R"({"old":"unknown","new":"request","claimed_id":"8"})");
  EXPECT_EQ(g.last().at("new_values"), R"({"a":2})");
  g.ask("DELETE", "/tools/8");
  EXPECT_EQ(g.last().at("details.object.old"), "unknown");
}

TEST(HttpOperation, AnAnswerFromBeforeAChangeIsOld) {
  Gateway g;
  const auto slow = g.get("/tools/7");
  g.ask("PUT", "/tools/7", R"({"a":2})", 200, R"({"id":7,"a":2})");
  g.head(*slow, 200, kJsonType);
  g.add(slow->on_response_body(R"({"id":7,"a":1})", g.now()));
  g.end(*slow);
  g.ask("DELETE", "/tools/7");
  EXPECT_EQ(g.last().at("old_values"), R"({"id":7,"a":2})");
}

TEST(HttpOperation, AtLevelMetadataThereAreNoValues) {
  HttpRecorderOptions options = HttpHarness::default_options();
  options.paths = {{.path = "/t/{id}", .target_type = "tool", .level = policy::Level::metadata}};
  HttpHarness h(options);
  const auto put = h.begin("PUT", "/t/7", kJsonType, true);
  EXPECT_EQ(put->body_plan(), BodyPlan::pass);
  h.take(put->on_request(h.now()));
  EXPECT_TRUE(h.verdict.must_wait);
  h.head(*put, 200, kJsonType);
  EXPECT_EQ(put->tee_plan(), TeePlan::none);
  h.end(*put);
  EXPECT_EQ(h.last().brief(), "admin-tool-updated succeeded/success");
  EXPECT_EQ(h.last().at("new_values"), "");
}

TEST(HttpOperation, BodiesThatAreNoObjects) {
  Gateway g;
  for (const char* body : {"not json", "[1,2]", "7", "\"x\"", "{\"a\":1,\"a\":2}", "{"}) {
    g.ask("PUT", "/tools/7", body, 200, "<html>");
    EXPECT_EQ(g.name(), "admin-tool-updated") << body;
    EXPECT_EQ(g.last().at("new_values"), "") << body;
    EXPECT_EQ(g.last().at("details.object.new"), "unknown") << body;
  }
  const auto large = g.begin("PUT", "/tools/7", kJsonType, true);
  g.take(large->on_request_body("{\"text\":\"" + std::string(100'000, 'x') + "\"}", g.now()));
  g.head(*large, 200);
  g.end(*large);
  EXPECT_LE(g.last().json.size(), kEntryBytesMax);
  EXPECT_NE(g.last().at("new_values"), "");
}

TEST(HttpOperation, LoginsAndTokens) {
  Gateway g;
  const char* good = R"({"email":"eve@b.example","password":"sesame"})";
  g.ask("POST", "/auth/login", good, 200, R"({"access_token":"eyTOKEN"})");
  EXPECT_EQ(g.last().brief(), "auth-login succeeded/success");
  EXPECT_EQ(g.target(), "user gw/eve@b.example eve@b.example");
  EXPECT_EQ(g.last().at("details.user"), "eve@b.example");
  EXPECT_EQ(g.last().at("event_action"), "login");
  EXPECT_EQ(g.last().at("event_type"), "auth");
  g.ask("POST", "/auth/login", good, 401, R"({"detail":"wrong"})");
  EXPECT_EQ(g.last().brief(), "auth-failure failed/failure");
  EXPECT_EQ(g.last().at("details.reason"), "login_failed");
  EXPECT_EQ(g.last().at("details.operation"), "auth-login");
  EXPECT_EQ(g.last().at("severity"), "warning");
  EXPECT_EQ(g.target(), "user gw/eve@b.example eve@b.example");
  g.ask("POST", "/auth/login", good, 200, R"({"success":false})");
  EXPECT_EQ(g.last().brief(), "auth-failure failed/failure");
  g.ask("POST", "/auth/login", good, 429);
  EXPECT_EQ(g.last().brief(), "rate-limit-exceeded failed/denied");
  const char* form = "username=eve&password=sesame";
  const std::pair<const char*, const char*> redirections[] = {
      {"/admin", "auth-login"},
      {"/admin/login?error=invalid_credentials", "auth-failure"},
      {"http://h/admin/login", "auth-failure"},
      {"/?error=1", "auth-failure"}};
  for (const auto& [location, name] : redirections) {
    g.ask("POST", "/admin/login", form, 303, "", kForm, {{"Location", location}});
    EXPECT_EQ(g.name(), name) << location;
    EXPECT_EQ(g.last().at("details.user"), "eve");
  }
  g.ask("POST", "/auth/logout");
  EXPECT_EQ(g.last().brief(), "auth-logout succeeded/success");
  g.ask("POST", "/tokens", R"({"name":"ci","expires_in_days":30})", 201,
        R"({"access_token":"eyTOKEN","token":{"id":"t1"}})");
  EXPECT_EQ(g.name(), "auth-token-issued");
  EXPECT_EQ(g.target(), "token gw/ci ci");
  EXPECT_EQ(g.last().at("new_values"), R"({"name":"ci","expires_in_days":30})");
  g.ask("DELETE", "/tokens/t1");
  EXPECT_EQ(g.name(), "auth-token-revoked");
  EXPECT_EQ(g.target(), "token gw/t1 t1");
  g.ask("POST", "/auth/email/change-password", R"({"old_password":"sesame"})");
  EXPECT_EQ(g.last().brief(), "auth-request succeeded/success");
  EXPECT_FALSE(g.anything_says("sesame"));
  EXPECT_FALSE(g.anything_says("eyTOKEN"));
}

TEST(HttpOperation, FormsOfBrowsersAreRead) {
  Gateway g;
  const Headers multipart{{"Content-Type", "multipart/form-data; boundary=b"}};
  const auto part = [](const std::string& name, const std::string& value) {
    return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  };
  g.ask("POST", "/admin/users", part("email", "a@b.example") + part("password", "sesame") + "--b--",
        200, R"({"success":true})", multipart);
  EXPECT_EQ(g.name(), "admin-user-created");
  EXPECT_EQ(g.last().at("new_values"), R"({"email":"a@b.example","password":"[redacted]"})");
  EXPECT_EQ(g.last().at("details.request_body"),
            R"({"email":"a@b.example","password":"[redacted]"})");
  g.ask("POST", "/admin/login", part("email", "eve") + part("password", "sesame") + "--b--", 401,
        "", multipart);
  EXPECT_EQ(g.last().at("details.user"), "eve");
  // What is broken could be anything.
  g.ask("POST", "/admin/users", part("password", "sesame"), 422, "", multipart);
  EXPECT_NE(g.last().at("details.request_body.digest").find("hmac:"), std::string::npos);
  g.ask("POST", "/auth/login", "sesame", 422, "", {{"Content-Type", "text/plain"}});
  EXPECT_NE(g.last().at("details.request_body.digest").find("hmac:"), std::string::npos);
  EXPECT_FALSE(g.anything_says("sesame"));
  // Two readers, two users: none is named.
  g.ask("POST", "/auth/login", R"({"email":"eve","email":"bob"})", 401);
  EXPECT_EQ(g.last().at("details.user"), "");
  g.ask("POST", "/auth/login", "email=eve&email=bob", 401, "", kForm);
  EXPECT_EQ(g.last().at("details.user"), "");
}

TEST(HttpOperation, SecretsInPathsAreDigests) {
  Gateway g;
  for (const char* path : {"/auth/reset-password/S3CRET", "/auth//reset-password/S3CRET?x=1",
                           "/auth/%72eset-password/S3CRET", "/auth/x/../reset-password/S3CRET"}) {
    g.ask("POST", path, R"({"new_password":"p"})");
    EXPECT_EQ(g.name(), "auth-request") << path;
    EXPECT_EQ(g.last().at("details.path"), "/auth/reset-password/" + g.digest("S3CRET")) << path;
  }
  // Nor in what a server answers, and in what was refused before there was an exchange.
  g.ask("GET", "/login", "", 302, "", {},
        {{"Location", "https://gw/auth/reset-password/S3CRET/?x=1"}});
  EXPECT_NE(g.last().at("details.http.location").find(g.digest("S3CRET")), std::string::npos);
  for (const char* target : {"/auth/reset-password/S3CRET?a=b", "//auth/reset-password/S3CRET"}) {
    g.add(g.recorder.on_refused({.reason = "bad chunk", .method = "POST", .target = target}, "::1",
                                g.now()));
    EXPECT_NE(g.last().at("details.path").find(g.digest("S3CRET")), std::string::npos) << target;
  }
  EXPECT_FALSE(g.anything_says("S3CRET"));
}

TEST(HttpOperation, DodgesAreStagedAndSaid) {
  Gateway g;
  for (const char* path : {"/x/../tools/7", "/mcp/%2e%2e/tools/7", "/health;x/../tools/7"}) {
    g.ask("DELETE", path);
    EXPECT_TRUE(g.verdict.must_wait) << path;
    EXPECT_EQ(g.name(), "admin-tool-deleted") << path;
    EXPECT_EQ(g.last().at("details.ambiguous_path"), "true") << path;
  }
  g.ask("GET", "/tools/7", "", 200, "", {{"X-HTTP-Method-Override", "DELETE"}});
  EXPECT_EQ(g.name(), "admin-tool-deleted");
  EXPECT_TRUE(g.verdict.must_wait);
  // Which of several the server takes nobody knows.
  g.ask("GET", "/tools/7", "", 200, "",
        {{"X-HTTP-Method-Override", "GET"}, {"X-Method-Override", "DELETE"}});
  EXPECT_EQ(g.name(), "admin-tool-deleted");
  EXPECT_TRUE(g.verdict.must_wait);
}

TEST(HttpOperation, ABodyThatLooksLikeAMessageIsNoWayAround) {
  const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping","name":"evil"})";
  Gateway g;
  g.ask("POST", "/tools", ping, 201, R"({"id":"9","name":"evil"})");
  EXPECT_EQ(g.briefs(), (std::vector<std::string>{"admin-tool-created initiated/pending",
                                                  "admin-tool-created succeeded/success"}));
  EXPECT_TRUE(g.verdict.must_wait);
  EXPECT_EQ(g.target(), "tool gw/9 evil");
  for (const char* path : {"/admin/config/reset", "/auth/z"}) {
    g.ask("POST", path, ping);
    EXPECT_TRUE(g.verdict.must_wait) << path;
    EXPECT_EQ(g.last().at("event_action"), "execute") << path;
  }
  EXPECT_EQ(g.count("mcp-ping"), 0U);
  // Nor are headers that make it MCP.
  g.all.clear();
  g.ask("POST", "/tools", ping, 201, "", kJsonType + kModern);
  EXPECT_TRUE(g.verdict.must_wait);
  EXPECT_EQ(g.count("admin-tool-created"), 2U);
  EXPECT_EQ(g.only("mcp-ping").at("event_result"), "unknown");
  // Also where what they make of the body has to wait by itself.
  for (const std::string& body :
       {std::string(R"({"name":"evil","url":"http://x"})"), std::string("{half"),
        rpc("2", "tools/call", R"({"name":"act"})")}) {
    g.all.clear();
    g.ask("POST", "/tools", body, 201, "", kJsonType + kModern);
    EXPECT_TRUE(g.verdict.must_wait) << body;
    EXPECT_EQ(g.count("admin-tool-created"), 2U) << body;
  }
  g.all.clear();
  const auto held = g.post(ping, kModern, "/tools");
  g.add(held->not_forwarded(g.now()));
  EXPECT_EQ(g.last().brief(), "admin-tool-created failed/denied");
  EXPECT_EQ(g.recorder.open_requests(), 0U);
  // Below /api/ there may be MCP that nobody told us of.
  g.all.clear();
  g.ask("POST", "/api/x", ping, 200, answer("1"));
  EXPECT_EQ(g.briefs(), (std::vector<std::string>{"ping succeeded/success"}));
}

TEST(HttpOperation, McpEndpointsOfTheSettingsAreNothingElse) {
  HttpRecorderOptions options = gateway_options();
  options.mcp_paths.push_back("/api/mcp-actions/*");
  HttpHarness h(options);
  for (const char* path : {"/api/mcp-actions/v1", "/API//mcp-actions/v1/"}) {
    h.all.clear();
    const auto list = h.post(rpc("1", "tools/list"), {}, path);
    EXPECT_FALSE(h.verdict.must_wait) << path;
    h.head(*list, 200, kJsonType);
    h.body(*list, answer("1"));
    h.end(*list);
    EXPECT_EQ(h.briefs(), (std::vector<std::string>{"tools/list succeeded/success"})) << path;
    h.all.clear();
    const auto stream = h.get(path);
    h.head(*stream, 200, kStreamType);
    h.end(*stream);
    EXPECT_EQ(h.last().at("event_name"), "mcp-stream");
    EXPECT_EQ(h.last().at("event_action"), "subscribe");
    const auto gone = h.begin("DELETE", path);
    h.take(gone->on_request(h.now()));
    EXPECT_FALSE(h.verdict.must_wait) << path;
  }
  const auto dodge = h.begin("DELETE", "/api/mcp-actions/../../tools/7");
  h.take(dodge->on_request(h.now()));
  EXPECT_TRUE(h.verdict.must_wait);
  EXPECT_EQ(h.last().brief(), "admin-tool-deleted initiated/pending");
}

TEST(HttpOperation, RpcAndMcpPaths) {
  Gateway g;
  g.ask("POST", "/rpc", rpc("1", "ping"), 200, answer("1"));
  EXPECT_EQ(g.last().event.event_name, "mcp-ping");
  g.ask("POST", "/rpc", "half", 200, "x");
  EXPECT_EQ(g.last().event.event_name, "rpc-request");
  EXPECT_TRUE(g.verdict.must_wait);
  g.ask("POST", "/servers/s/mcp", rpc("1", "ping"), 200, answer("1"));
  EXPECT_EQ(g.last().event.event_name, "mcp-ping");
  g.ask("POST", "/servers/s/mcp", "half", 200, "x");
  EXPECT_EQ(g.count("mcp-unparsed"), 2U);
  g.ask("POST", "/api/x", R"({"a":1})");
  EXPECT_EQ(g.last().brief(), "http-request succeeded/success");
  EXPECT_EQ(g.last().at("details.request_body"), "null");
  EXPECT_TRUE(g.verdict.must_wait);
  g.ask("POST", "/else", R"({"a":1})");
  EXPECT_FALSE(g.verdict.must_wait);
}

/// Compression we do not have, and bodies that nobody holds: by size and keyed digest, at every
/// level that has bodies, and they wait as any other.
TEST(HttpOperation, BodiesThatNobodyReads) {
  Gateway g;
  const std::string body =
      R"({"username":"ann","password":"1234","more":")" + std::string(100, 'x') + "\"}";
  const std::string expected =
      R"({"bytes":)" + std::to_string(body.size()) + R"(,"digest":")" + g.digest(body) + "\"}";
  const auto opaque = g.begin("POST", "/auth/login", kJsonType, true);
  const std::string digest = g.digest(body);
  g.take(opaque->on_request_undecodable({"content-encoding zstd", body.size(), digest}, g.now()));
  EXPECT_TRUE(g.verdict.must_wait);
  EXPECT_TRUE(g.verdict.forward);
  EXPECT_EQ(g.last().brief(), "auth-login initiated/pending");
  EXPECT_EQ(g.last().at("details.request_body"), expected);
  g.head(*opaque, 401);
  g.end(*opaque);
  EXPECT_EQ(g.last().event.event_name, "auth-failure");
  EXPECT_EQ(g.last().at("details.request_body"), expected);

  const auto passing = g.begin("POST", "/auth/login", kJsonType, true);
  g.take(passing->on_request_oversize(std::string_view(body).substr(0, 20), g.now()));
  EXPECT_TRUE(g.verdict.must_wait) << "before more of it is read";
  EXPECT_TRUE(g.verdict.forward);
  EXPECT_EQ(g.last().brief(), "auth-login initiated/pending");
  passing->on_oversize_bytes(std::string_view(body).substr(20, 50));
  passing->on_oversize_bytes(std::string_view(body).substr(70));
  g.add(passing->on_oversize_end(true, g.now()));
  g.head(*passing, 200);
  g.end(*passing);
  EXPECT_EQ(g.last().brief(), "auth-login succeeded/success");
  EXPECT_EQ(g.last().at("details.request_body"), expected);

  const auto listed = g.begin("POST", "/api/x", kJsonType, true);
  g.take(listed->on_request_undecodable({"x", body.size(), digest}, g.now()));
  g.head(*listed, 200);
  g.end(*listed);
  EXPECT_EQ(g.last().at("details.request_body"), "null") << "level metadata has none";
  for (const Seen& each : g.all) EXPECT_EQ(each.event.details.find("sha256:"), std::string::npos);
}

/// What the server did not get, and what it refused, changed nothing; of anything else nobody
/// knows.
TEST(HttpOperation, OnlyWhatReachedTheServerIsDoubted) {
  const auto old_after = [](int status, HttpEnd how, bool nothing_sent) {
    Gateway g;
    g.ask("GET", "/tools/7", "", 200, R"({"id":7,"name":"deploy","url":"a"})");
    const auto exchange = g.begin("DELETE", "/tools/7");
    g.take(exchange->on_request(g.now()));
    if (status != 0) g.head(*exchange, status);
    g.add(exchange->on_end({.how = how, .nothing_sent = nothing_sent}, g.now()));
    g.ask("PUT", "/tools/7", R"({"url":"b"})", 200, R"({"id":7,"name":"deploy","url":"b"})");
    return g.last().at("details.object.old");
  };
  EXPECT_EQ(old_after(0, HttpEnd::client_left, true), "seen") << "left while we connected";
  EXPECT_EQ(old_after(0, HttpEnd::drained, true), "seen");
  EXPECT_EQ(old_after(0, HttpEnd::upstream_unreachable, false), "seen");
  for (const int status : {400, 401, 403, 404, 405, 409, 422, 429}) {
    EXPECT_EQ(old_after(status, HttpEnd::complete, false), "seen") << status;
  }
  EXPECT_EQ(old_after(0, HttpEnd::client_left, false), "unknown");
  EXPECT_EQ(old_after(0, HttpEnd::upstream_broke, false), "unknown");
  EXPECT_EQ(old_after(0, HttpEnd::timed_out, false), "unknown");
  EXPECT_EQ(old_after(500, HttpEnd::complete, false), "unknown");
  EXPECT_EQ(old_after(204, HttpEnd::complete, false), "unknown") << "it is gone";
}

/// Requests about things that are not there, whatever comes of them, push nothing out.
TEST(HttpOperation, AFloodOfFailingDeletesForgetsNothing) {
  Gateway g;
  g.ask("GET", "/tools/7", "", 200, R"({"id":7,"name":"deploy","url":"a"})");
  for (int i = 0; i < 10'500; ++i) {
    const auto exchange = g.begin("DELETE", "/tools/none-" + std::to_string(i));
    g.take(exchange->on_request(g.now()));
    if (i % 3 == 0) g.head(*exchange, 500);
    g.end(*exchange, i % 3 == 1 ? HttpEnd::client_left : HttpEnd::upstream_broke);
    g.all.clear();
  }
  g.ask("PUT", "/tools/7", R"({"url":"b"})", 200, R"({"id":7,"name":"deploy","url":"b"})");
  EXPECT_EQ(g.last().at("old_values"), R"({"url":"a"})");
}

/// Every member of details that is written stands in the catalogue.
TEST(HttpOperation, DetailsAreInTheCatalogue) {
  Gateway g;
  for (const int status : {200, 401, 403, 429, 500}) {
    for (const char* path : {"/tools/7", "/x/../tools/7", "/auth/login", "/auth/logout", "/tokens",
                             "/auth/z", "/admin/z", "/rpc", "/admin/users/u/activate"}) {
      g.ask("POST", path, R"({"name":"x","email":"e"})", status, R"({"id":9})");
    }
  }
  const auto common = event::common_details();
  for (const Seen& s : g.all) {
    const event::CatalogEntry* entry = event::find_event(s.event.event_name);
    ASSERT_NE(entry, nullptr) << s.event.event_name;
    json::Document document;
    for (const json::Value member : document.parse(std::string_view(s.event.details))->children()) {
      const bool known = std::ranges::find(common, member.key()) != common.end() ||
                         std::ranges::find(entry->details, member.key()) != entry->details.end();
      EXPECT_TRUE(known) << s.event.event_name << ' ' << member.key();
    }
  }
}

}  // namespace
}  // namespace tally::record
