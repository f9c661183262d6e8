// SPDX-License-Identifier: Apache-2.0
// How exchanges end, and what that means for what they carried.
#include "record/http_harness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::record {
namespace {

using testing::ElementsAre;

enum class Version { modern, session, bare };

struct EndCase {
  Version version;
  int status;  // 0: no response head
  bool stream;
  HttpEnd how;
  std::optional<int> answered;
  const char* result;  // "": still open
  const char* reason;
};

TEST(HttpEnd, OfARequestWithoutAnswer) {
  using V = Version;
  using E = HttpEnd;
  const EndCase cases[] = {
      // Closing the stream is the cancellation only in 2026-07-28.
      {V::modern, 0, false, E::client_left, {}, "unknown", "cancelled"},
      {V::modern, 200, true, E::client_left, {}, "unknown", "cancelled"},
      {V::session, 0, false, E::client_left, {}, "", ""},
      {V::session, 200, true, E::client_left, {}, "", ""},
      {V::bare, 200, true, E::client_left, {}, "unknown", "disconnected"},
      // A stream that ends without the response may be resumed in a session.
      {V::session, 200, true, E::complete, {}, "", ""},
      {V::session, 200, true, E::upstream_broke, {}, "", ""},
      {V::session, 202, false, E::complete, {}, "", ""},
      {V::session, 200, false, E::complete, {}, "unknown", "no_response"},
      {V::modern, 200, true, E::complete, {}, "unknown", "no_response"},
      {V::bare, 200, true, E::complete, {}, "unknown", "no_response"},
      {V::modern, 200, true, E::upstream_broke, {}, "error", "upstream_broke"},
      {V::session, 200, false, E::upstream_broke, {}, "error", "upstream_broke"},
      {V::modern, 0, false, E::upstream_unreachable, 502, "error", "upstream_unreachable"},
      {V::session, 0, false, E::upstream_unreachable, 502, "error", "upstream_unreachable"},
      // A byte of it went out: nobody knows.
      {V::modern, 0, false, E::upstream_broke, 502, "unknown", "no_response"},
      {V::session, 0, false, E::upstream_broke, 502, "unknown", "no_response"},
      {V::modern, 0, false, E::timed_out, 504, "unknown", "timed_out"},
      {V::session, 200, true, E::drained, {}, "unknown", "drained"},
      {V::modern, 200, true, E::drained, {}, "unknown", "drained"},
  };
  int n = 0;
  for (const EndCase& c : cases) {
    SCOPED_TRACE(n++);
    HttpHarness h;
    if (c.version == V::session) h.initialize("s");
    const auto exchange = c.version == V::modern
                              ? h.post(modern("1", "tools/call", R"("name":"x")"), kModern)
                              : h.post(rpc("1", "tools/call", R"({"name":"x"})"),
                                       c.version == V::session ? in_session("s") : Headers{});
    if (c.status != 0) h.head(*exchange, c.status, c.stream ? kStreamType : kJsonType);
    h.end(*exchange, c.how, c.answered);
    if (c.result[0] == '\0') {
      EXPECT_THAT(h.briefs(), ElementsAre("tools/call initiated/pending"));
      EXPECT_EQ(h.recorder.open_requests(), 1U);
      h.wait(kResumeGrace);
      h.add(h.recorder.on_tick(h.now()));
      EXPECT_EQ(h.last().brief(), "tools/call failed/unknown");
      EXPECT_EQ(h.last().at("details.outcome.reason"), "disconnected");
      EXPECT_EQ(h.last().at("session_id"), h.digest("s"));
    } else {
      ASSERT_EQ(h.all.size(), 2U);
      EXPECT_EQ(h.last().brief(), "tools/call failed/" + std::string(c.result));
      EXPECT_EQ(h.last().at("details.outcome.reason"), c.reason);
      EXPECT_EQ(h.last().at("details.outcome.http_status"),
                c.answered ? std::to_string(*c.answered)
                           : (c.status != 0 ? std::to_string(c.status) : ""));
      EXPECT_EQ(h.last().at("details.http.answered_by"), c.answered ? "proxy" : "");
      EXPECT_EQ(h.last().at("details.cancelled"),
                std::string(c.reason) == "cancelled" ? "true" : "");
    }
    EXPECT_EQ(h.recorder.open_requests(), 0U);
    EXPECT_EQ(h.count("http-request"), 0U);
  }
}

TEST(HttpEnd, AnAnswerThatCannotBeReadIsNone) {
  HttpHarness h;
  const auto exchange = h.post(rpc("1", "tools/call", R"({"name":"x"})"));
  h.head(*exchange, 200, kJsonType + Headers{{"Content-Encoding", "zstd"}});
  exchange->on_response_undecodable();
  EXPECT_EQ(exchange->tee_plan(), TeePlan::none);
  h.end(*exchange);
  EXPECT_EQ(h.last().at("details.outcome"), R"({"http_status":200,"reason":"undecodable"})");
}

TEST(HttpEnd, OutcomeAfterADisconnectStillCounts) {
  HttpHarness h;
  h.initialize("s");
  const auto post = h.post(rpc("1", "tools/call", R"({"name":"x"})"), in_session("s"));
  h.head(*post, 200, kStreamType);
  h.end(*post, HttpEnd::client_left);
  const auto get = h.get("/mcp", in_session("s"));
  h.head(*get, 200, kStreamType);
  h.sse(*get, answer("1"));
  EXPECT_EQ(h.last().brief(), "tools/call succeeded/success");
  h.wait(kResumeGrace);
  h.add(h.recorder.on_tick(h.now()));
  EXPECT_EQ(h.last().brief(), "tools/call succeeded/success");
}

struct HttpCase {
  const char* method;
  const char* target;
  int status;
  HttpEnd how;
  std::optional<int> answered;
  const char* event;
  const char* brief;
};

TEST(HttpEnd, AnExchangeWithoutMessagesIsOneEvent) {
  using E = HttpEnd;
  const HttpCase cases[] = {
      {"GET", "/", 200, E::complete, {}, "http-request", "http-request succeeded/success"},
      {"GET", "/x", 304, E::complete, {}, "http-request", "http-request succeeded/success"},
      {"GET", "/x", 404, E::complete, {}, "http-request", "http-request failed/failure"},
      {"GET", "/x", 401, E::complete, {}, "http-request", "http-request failed/failure"},
      {"GET", "/x", 403, E::complete, {}, "http-request", "http-request failed/denied"},
      {"GET", "/x", 500, E::complete, {}, "http-request", "http-request failed/error"},
      {"OPTIONS", "/mcp", 204, E::complete, {}, "http-request", "http-request succeeded/success"},
      {"GET", "/mcp", 405, E::complete, {}, "http-request", "http-request failed/failure"},
      {"GET", "/mcp", 401, E::complete, {}, "auth-failure", "auth-failure failed/failure"},
      {"GET", "/mcp", 403, E::complete, {}, "access-denied", "access-denied failed/denied"},
      {"GET",
       "/mcp",
       429,
       E::complete,
       {},
       "rate-limit-exceeded",
       "rate-limit-exceeded failed/denied"},
      {"GET", "/x", 200, E::client_left, {}, "http-request", "http-request failed/unknown"},
      {"GET", "/x", 0, E::client_left, {}, "http-request", "http-request failed/unknown"},
      {"GET", "/x", 200, E::upstream_broke, {}, "http-request", "http-request failed/error"},
      {"GET", "/x", 0, E::upstream_broke, 502, "http-request", "http-request failed/error"},
      {"POST", "/x", 0, E::upstream_broke, 502, "http-request", "http-request failed/unknown"},
      {"POST", "/x", 0, E::upstream_unreachable, 502, "http-request", "http-request failed/error"},
      {"GET", "/x", 0, E::timed_out, 504, "http-request", "http-request failed/unknown"},
      {"GET", "/ws", 0, E::tunnelled, {}, "http-request", "http-request succeeded/success"},
      {"GET",
       "/.well-known/oauth-protected-resource/mcp",
       200,
       E::complete,
       {},
       "http-request",
       "http-request succeeded/success"},
  };
  for (const HttpCase& c : cases) {
    SCOPED_TRACE(std::string(c.method) + ' ' + c.target + ' ' + std::to_string(c.status));
    HttpHarness h;
    const auto exchange = h.begin(c.method, c.target);
    h.take(exchange->on_request(h.now()));
    if (c.status != 0) h.head(*exchange, c.status, kJsonType);
    const bool has_body = c.status != 204 && c.status != 304;
    if (has_body) h.body(*exchange, R"({"jsonrpc":"2.0","error":{"code":-32000},"id":null})");
    h.end(*exchange, c.how, c.answered);
    ASSERT_EQ(h.all.size(), 1U);
    EXPECT_EQ(h.last().at("event_name"), c.event);
    EXPECT_EQ(h.last().brief(), c.brief);
    EXPECT_EQ(h.last().at("details.path"), c.target);
    EXPECT_EQ(h.last().at("details.request_body"), "null");
    EXPECT_EQ(h.last().at("details.query_params"), "{}");
    EXPECT_NE(h.last().at("details.response_time_ms"), "");
    const int status = c.status != 0 ? c.status : c.answered.value_or(0);
    EXPECT_EQ(h.last().at("details.status_code"), status == 0 ? "null" : std::to_string(status));
  }
}

TEST(HttpEnd, HttpEventFieldByField) {
  HttpHarness h;
  const auto exchange =
      h.begin("GET", "/callback?code=sesame&state=a&state=b&x=%41",
              {{"User-Agent", "curl/8"}, {"Authorization", "Basic amFuZTpzZXNhbWU="}});
  h.take(exchange->on_request(h.now()));
  h.wait(std::chrono::microseconds{1500});
  h.head(*exchange, 302, {{"Location", "https://app.example/?access_token=sesame"}});
  h.end(*exchange);
  const Seen& e = h.only("http-request");
  const std::pair<const char*, std::string> fields[] = {
      {"event_type", "api"},
      {"severity", "debug"},
      {"actor_id", "jane"},
      {"actor_type", "user"},
      {"actor_user_agent", "curl/8"},
      {"target_type", "endpoint"},
      {"target_id", "files/callback"},
      {"target_name", "/callback"},
      {"http_method", "GET"},
      {"duration_ms", "3.5"},
      {"details.transport", "http"},
      {"details.response_time_ms", "3.5"},
      {"details.status_code", "302"},
      {"details.path", "/callback"},
      {"details.request_body", "null"},
      {"details.query_params",
       R"({"code":")" + h.digest("sesame") + R"(","state":["a","b"],"x":"A"})"},
      {"details.auth.method", "basic"},
  };
  for (const auto& [path, value] : fields) EXPECT_EQ(e.at(path), value) << path;
  EXPECT_FALSE(h.anything_says("sesame"));
}

/// Answers of requests that were under way when the session ended, on other connections.
TEST(HttpEnd, AnEndedSessionDoesNotBeginAgainWithALateAnswer) {
  HttpHarness h;
  h.initialize("s");
  const auto late = h.post(rpc("1", "tools/call", R"({"name":"x"})"), in_session("s"));
  const auto later = h.post(rpc("2", "tools/call", R"({"name":"x"})"), in_session("s"));
  const auto gone = h.begin("DELETE", "/mcp", in_session("s"));
  h.take(gone->on_request(h.now()));
  h.head(*gone, 204);
  h.end(*gone);
  ASSERT_EQ(h.count("mcp-session-end"), 1U);
  h.head(*late, 200, kJsonType);
  h.end(*late);
  h.head(*later, 404);
  h.end(*later);
  EXPECT_EQ(h.count("mcp-session-end"), 1U);
}

TEST(HttpEnd, SessionsEnd) {
  struct Case {
    const char* method;
    int status;
    const char* body;
    const char* reason;  // "": it does not
  };
  const Case cases[] = {
      {"DELETE", 200, "", "deleted"},
      {"DELETE", 405, "", ""},
      {"DELETE", 404, "", "not_found"},
      {"POST", 404, R"({"jsonrpc":"2.0","error":{"code":-32001,"message":"Session not found"}})",
       "not_found"},
      {"POST", 404, R"({"jsonrpc":"2.0","id":2,"error":{"code":-32601,"message":"no"}})", ""},
      {"POST", 400, "{}", ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.method) + std::to_string(c.status));
    HttpHarness h;
    h.initialize("s");
    const auto open = h.post(rpc("1", "tools/call", R"({"name":"x"})"), in_session("s"));
    if (std::string_view(c.method) == "POST") {
      h.call(rpc("2", "ping"), c.body, in_session("s"), c.status);
    } else {
      const auto exchange = h.begin(c.method, "/mcp", in_session("s"));
      h.take(exchange->on_request(h.now()));
      h.head(*exchange, c.status);
      h.end(*exchange);
      EXPECT_EQ(h.count("http-request"), 1U);
    }
    EXPECT_EQ(h.recorder.sessions(), c.reason[0] == '\0' ? 1U : 0U);
    ASSERT_EQ(h.count("mcp-session-end"), c.reason[0] == '\0' ? 0U : 1U);
    if (c.reason[0] == '\0') continue;
    EXPECT_EQ(h.last().at("details.reason"), c.reason);
    EXPECT_EQ(h.last().at("details.open_requests"), "1");
    EXPECT_EQ(h.last().at("session_id"), h.digest("s"));
    EXPECT_EQ(h.all[h.all.size() - 2].at("details.outcome.reason"), c.reason);
    EXPECT_EQ(h.recorder.open_requests(), 0U);
  }
}

TEST(HttpEnd, StreamsAreStaged) {
  HttpHarness h;
  h.initialize("s");
  const auto stream = h.get("/mcp", in_session("s"));
  EXPECT_TRUE(h.all.empty());
  h.head(*stream, 200, kStreamType);
  EXPECT_THAT(h.briefs(), ElementsAre("mcp-stream initiated/pending"));
  h.end(*stream, HttpEnd::drained);
  EXPECT_EQ(h.last().brief(), "mcp-stream failed/unknown");
  EXPECT_EQ(h.last().at("details.outcome.reason"), "drained");
  h.all.clear();
  const auto listen = h.post(
      modern("1", "subscriptions/listen", R"("notifications":{"toolsListChanged":true})"), kModern);
  EXPECT_THAT(h.briefs(), ElementsAre("subscriptions/listen initiated/pending"));
  EXPECT_FALSE(h.verdict.must_wait);
  h.head(*listen, 200, kStreamType);
  h.end(*listen, HttpEnd::client_left);
  EXPECT_EQ(h.last().brief(), "subscriptions/listen failed/unknown");
  EXPECT_EQ(h.last().at("details.outcome.reason"), "cancelled");
}

TEST(HttpEnd, NotificationWithoutAnyResponse) {
  HttpHarness h;
  const auto lost = h.post(note("notifications/initialized"));
  h.end(*lost, HttpEnd::upstream_unreachable, 502);
  EXPECT_EQ(h.last().brief(), "notifications/initialized failed/error");
  EXPECT_EQ(h.last().at("details.outcome"),
            R"({"http_status":502,"reason":"upstream_unreachable"})");
  const auto left = h.post(note("notifications/initialized"));
  h.end(*left, HttpEnd::client_left);
  EXPECT_EQ(h.last().brief(), "notifications/initialized failed/unknown");
  EXPECT_EQ(h.last().at("details.outcome.reason"), "disconnected");
}

TEST(HttpEnd, WhatAServerAskedWithoutASessionIsClosed) {
  HttpHarness h;
  const auto post = h.post(rpc("1", "tools/call", R"({"name":"x"})"));
  h.head(*post, 200, kStreamType);
  h.sse(*post, rpc("9", "roots/list"));
  h.sse(*post, answer("1"));
  h.end(*post);
  EXPECT_EQ(h.last().brief(), "roots/list failed/unknown");
  EXPECT_EQ(h.last().at("details.outcome.reason"), "stream_closed");
  EXPECT_EQ(h.recorder.open_requests(), 0U);
}

}  // namespace
}  // namespace tally::record
