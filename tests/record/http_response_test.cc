// SPDX-License-Identifier: Apache-2.0
// What responses say: statuses, challenges, sessions, streams, and the places where an outcome may
// arrive.
#include "record/http_harness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::record {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kCall = rpc("1", "tools/call", R"({"name":"x"})");

struct StatusCase {
  int status;
  std::string body;
  const char* brief;
  const char* severity;
  std::string outcome;
};

TEST(HttpResponse, OutcomeOfAllLayers) {
  const std::string error = R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no"}})";
  const std::string internal = R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"no"}})";
  const std::string no_id =
      R"({"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Bad Request"}})";
  const std::string plain = R"({"error":"nope"})";
  const StatusCase cases[] = {
      {200, answer("1"), "tools/call succeeded/success", "info",
       R"({"http_status":200,"rpc_error":null,"is_error":null})"},
      {200, error, "tools/call failed/failure", "warning",
       R"({"http_status":200,"rpc_error":-32602,"is_error":null})"},
      {200, internal, "tools/call failed/error", "error",
       R"({"http_status":200,"rpc_error":-32603,"is_error":null})"},
      {400, internal, "tools/call failed/error", "error",
       R"({"http_status":400,"rpc_error":-32603,"is_error":null})"},
      {400, no_id, "tools/call failed/failure", "warning",
       R"({"http_status":400,"rpc_error":-32000,"is_error":null})"},
      {404, error, "tools/call failed/failure", "warning",
       R"({"http_status":404,"rpc_error":-32602,"is_error":null})"},
      {500, error, "tools/call failed/error", "error",
       R"({"http_status":500,"rpc_error":-32602,"is_error":null})"},
      {400, plain, "tools/call failed/failure", "warning",
       R"({"http_status":400,"reason":"http_status"})"},
      {503, "<html>", "tools/call failed/error", "error",
       R"({"http_status":503,"reason":"http_status"})"},
      {500, answer("1"), "tools/call failed/error", "error",
       R"({"http_status":500,"rpc_error":null,"is_error":null})"},
      {200, "", "tools/call failed/unknown", "warning",
       R"({"http_status":200,"reason":"no_response"})"},
      {202, "", "tools/call failed/unknown", "warning",
       R"({"http_status":202,"reason":"no_response"})"},
      {307, "", "tools/call failed/unknown", "warning",
       R"({"http_status":307,"reason":"redirected"})"},
  };
  for (const StatusCase& c : cases) {
    HttpHarness h;
    h.call(kCall, c.body, {}, c.status);
    ASSERT_EQ(h.all.size(), 2U) << c.status << c.body;
    EXPECT_EQ(h.last().brief(), c.brief) << c.status << c.body;
    EXPECT_EQ(h.last().at("severity"), c.severity) << c.status << c.body;
    EXPECT_EQ(h.last().at("details.outcome"), c.outcome) << c.status << c.body;
    EXPECT_EQ(h.recorder.open_requests(), 0U);
  }
}

struct RefusalCase {
  int status;
  Headers request, response;
  const char* event;  // "": none beside the record of the call
  const char* call_result;
  std::vector<std::pair<const char*, const char*>> fields;
};

TEST(HttpResponse, RefusalsByTheServer) {
  const Headers origin{{"Origin", "https://evil.example"}};
  const RefusalCase cases[] = {
      {401,
       {},
       {{"WWW-Authenticate", R"(Bearer resource_metadata="https://x.example", scope="a b")"}},
       "auth-failure",
       "failure",
       {{"event_result", "failure"},
        {"event_type", "auth"},
        {"details.reason", "unauthorized"},
        {"details.challenge",
         R"({"scheme":"Bearer","scope":"a b","resource_metadata":"https://x.example"})"},
        {"severity", "warning"}}},
      {401,
       {},
       {{"WWW-Authenticate", "Bearer error=invalid_token"}},
       "auth-failure",
       "failure",
       {{"details.reason", "invalid_token"}}},
      {403,
       {},
       {{"WWW-Authenticate", R"(Bearer error="insufficient_scope", scope="files:write")"}},
       "auth-scope-challenge",
       "denied",
       {{"details.scopes", "files:write"}, {"event_result", "denied"}}},
      {403,
       origin,
       {},
       "access-denied",
       "denied",
       {{"details.reason", "origin"}, {"details.origin", "https://evil.example"}}},
      {403,
       {{"Origin", "https://mcp.example"}},
       {},
       "access-denied",
       "denied",
       {{"details.reason", "forbidden"}}},
      {403,
       origin,
       {{"WWW-Authenticate", "Bearer error=access_denied"}},
       "access-denied",
       "denied",
       {{"details.reason", "access_denied"}}},
      {403, {}, {}, "access-denied", "denied", {{"details.reason", "forbidden"}}},
      {429,
       {},
       {{"Retry-After", "30"}, {"X-RateLimit-Limit", "100"}},
       "rate-limit-exceeded",
       "denied",
       {{"details.retry_after", "30"}, {"details.limit", "100"}, {"event_type", "access"}}},
      {400, {}, {}, "", "failure", {}},
      {404, {}, {}, "", "failure", {}},
  };
  for (const RefusalCase& c : cases) {
    HttpHarness h;
    h.call(kCall, R"({"error":"x"})", c.request, c.status, c.response);
    EXPECT_EQ(h.last().brief(), "tools/call failed/" + std::string(c.call_result)) << c.status;
    EXPECT_EQ(h.last().at("details.outcome.http_status"), std::to_string(c.status));
    ASSERT_EQ(h.all.size(), c.event[0] == '\0' ? 2U : 3U) << c.status;
    if (h.all.size() < 3) continue;
    const Seen& refusal = h.only(c.event);
    EXPECT_EQ(refusal.at("interaction_id"), h.last().at("interaction_id"));
    EXPECT_EQ(refusal.at("details.status_code"), std::to_string(c.status));
    EXPECT_TRUE(refusal.at("error_message").starts_with("HTTP " + std::to_string(c.status)));
    for (const auto& [path, value] : c.fields) EXPECT_EQ(refusal.at(path), value) << path;
    EXPECT_EQ(h.last().at("details.http.challenge").empty(),
              c.response.empty() || c.response.front().first != "WWW-Authenticate");
  }
}

/// A refusal has no message that answers: its head is all there is.
TEST(HttpResponse, RefusalsWithoutABodySayWhy) {
  struct Case {
    int status;
    Headers response;
    const char* error;
  };
  const Case cases[] = {
      {401, {}, "HTTP 401"},
      {401,
       {{"WWW-Authenticate", R"(Bearer error="invalid_token", error_description="expired")"}},
       "HTTP 401: invalid_token (expired)"},
      {403,
       {{"WWW-Authenticate", R"(Bearer error="insufficient_scope", scope="files:write")"}},
       "HTTP 403: insufficient_scope, scope files:write"},
      {403, {}, "HTTP 403"},
      {429, {{"Retry-After", "30"}}, "HTTP 429: retry after 30"},
      {503, {{"Retry-After", "5"}}, "HTTP 503: retry after 5"},
  };
  for (const Case& c : cases) {
    HttpHarness h;
    const auto exchange = h.post(kCall);
    h.head(*exchange, c.status, c.response);
    h.end(*exchange);
    EXPECT_EQ(h.last().at("error_message"), c.error);
    EXPECT_EQ(h.last().at("details.outcome.http_status"), std::to_string(c.status));
    EXPECT_EQ(h.last().at("details.outcome.reason"), "http_status");
    // The same for an exchange that carries no message at all.
    const auto get = h.get("/mcp");
    h.head(*get, c.status, c.response);
    h.end(*get);
    EXPECT_EQ(h.last().at("error_message"), c.error);
    EXPECT_EQ(h.last().at("details.status_code"), std::to_string(c.status));
  }
}

/// The five places of an outcome, over HTTP: each is found, and leads back to the call.
TEST(HttpResponse, EveryPlaceOfAnOutcome) {
  HttpHarness h;
  const std::string failed = R"({"content":[],"isError":true})";
  // In the response.
  h.call(modern("1", "tools/call", R"("name":"x")"), answer("1", failed), kModern);
  EXPECT_EQ(h.last().brief(), "tools/call failed/failure");
  // In what answers a retry.
  h.call(modern("2", "tools/call", R"("name":"x")"),
         answer("2", R"({"resultType":"input_required","inputRequests":{},"requestState":"s1"})"),
         kModern);
  const std::string flow = h.last().at("interaction_id");
  h.call(modern("3", "tools/call", R"("name":"x","requestState":"s1","inputResponses":{})"),
         answer("3", failed), kModern);
  EXPECT_EQ(h.last().brief(), "tools/call failed/failure");
  EXPECT_EQ(h.last().at("flow_id"), flow);
  // In the state of a task, whose status alone would say that all was well.
  h.call(modern("4", "tools/call", R"("name":"x")"),
         answer("4", R"({"resultType":"task","taskId":"t1"})"), kModern);
  EXPECT_EQ(h.last().brief(), "tools/call succeeded/deferred");
  const std::string task = h.last().at("interaction_id");
  h.call(modern("5", "tasks/get", R"("taskId":"t1")"),
         answer("5", R"({"taskId":"t1","status":"completed","result":)" + failed + "}"), kModern);
  EXPECT_EQ(h.last().brief(), "tasks/get failed/failure");
  EXPECT_EQ(h.last().at("severity"), "warning");
  EXPECT_EQ(h.last().at("details.task_status"), "completed");
  EXPECT_EQ(h.last().at("details.task_outcome"), R"({"is_error":true})");
  EXPECT_EQ(h.last().at("flow_id"), task);
  const auto stream = h.post(modern("6", "subscriptions/listen", R"("notifications":{})"), kModern);
  h.head(*stream, 200, kStreamType);
  h.sse(*stream, R"({"jsonrpc":"2.0","method":"notifications/tasks","params":{"taskId":"t1",)"
                 R"("status":"failed","error":{"code":-32000,"message":"x"}}})");
  EXPECT_EQ(h.only("mcp-task-status").brief(), "notifications/tasks failed/failure");
  EXPECT_EQ(h.only("mcp-task-status").at("error_message"), "x");
  EXPECT_EQ(h.only("mcp-task-status").at("details.task_outcome"), R"({"rpc_error":-32000})");
  EXPECT_EQ(h.only("mcp-task-status").at("flow_id"), task);
  h.end(*stream);
  // In tasks/result, and on a stream that resumes another.
  h.all.clear();
  h.initialize("s");
  h.call(rpc("1", "tools/call", R"({"name":"x","task":{}})"),
         answer("1", R"({"task":{"taskId":"t2","status":"working"}})"), in_session("s"));
  const std::string old_task = h.last().at("interaction_id");
  h.call(rpc("2", "tasks/result", R"({"taskId":"t2"})"), answer("2", failed), in_session("s"));
  EXPECT_EQ(h.last().brief(), "tasks/result failed/failure");
  EXPECT_EQ(h.last().at("flow_id"), old_task);
  const auto cut = h.post(rpc("3", "tools/call", R"({"name":"x"})"), in_session("s"));
  h.head(*cut, 200, kStreamType);
  h.sse(*cut, "", "e1");
  h.end(*cut);
  const auto resumed = h.get("/mcp", in_session("s") + Headers{{"Last-Event-ID", "e1"}});
  h.head(*resumed, 200, kStreamType);
  h.sse(*resumed, answer("3", failed), "e2");
  EXPECT_EQ(h.last().brief(), "tools/call failed/failure");
  h.end(*resumed);
}

TEST(HttpResponse, NotificationsSayWhatBecameOfThem) {
  const std::pair<int, const char*> cases[] = {
      {202, "notifications/initialized succeeded/success"},
      {400, "notifications/initialized failed/failure"},
      {403, "notifications/initialized failed/denied"},
      {502, "notifications/initialized failed/error"},
  };
  for (const auto& [status, brief] : cases) {
    HttpHarness h;
    h.initialize("s");
    const auto exchange = h.post(note("notifications/initialized"), in_session("s"));
    EXPECT_THAT(h.all, IsEmpty());
    h.head(*exchange, status);
    const Seen& record = h.only("mcp-initialized");
    EXPECT_EQ(record.brief(), brief);
    EXPECT_EQ(record.at("details.outcome.http_status"), std::to_string(status));
    EXPECT_EQ(record.at("details.http.status"), std::to_string(status));
    EXPECT_EQ(record.at("details.http.host"), "mcp.example");
    EXPECT_EQ(record.at("session_id"), h.digest("s"));
    EXPECT_EQ(record.at("severity") == "debug", status == 202);
    h.end(*exchange);
    EXPECT_EQ(h.count("mcp-initialized"), 1U);
    EXPECT_EQ(h.count("http-request"), 0U);
  }
}

TEST(HttpResponse, SseOfAPost) {
  HttpHarness h;
  h.initialize("s");
  const auto exchange = h.post(
      rpc("1", "tools/call", R"({"name":"x","_meta":{"progressToken":"p"}})"), in_session("s"));
  h.head(*exchange, 200, kStreamType);
  EXPECT_EQ(exchange->tee_plan(), TeePlan::events);
  h.sse(*exchange, "", "e0");
  h.sse(
      *exchange,
      R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p","progress":1}})",
      "e1");
  h.sse(*exchange, rpc("1", "elicitation/create", R"({"message":"sure?","requestedSchema":{}})"),
        "e2");
  // The user's answer comes in a POST of its own.
  const auto reply =
      h.post(answer("1", R"({"action":"accept","content":{"pin":"1"}})"), in_session("s"));
  h.head(*reply, 202);
  h.end(*reply);
  h.sse(*exchange, answer("1", R"({"content":[]})"), "e3");
  h.end(*exchange);
  ASSERT_THAT(
      h.briefs(),
      ElementsAre("tools/call initiated/pending", "notifications/progress succeeded/success",
                  "elicitation/create succeeded/success", "tools/call succeeded/success"));
  const Seen& elicitation = h.all[2];
  EXPECT_EQ(elicitation.at("actor_id"), "files");
  EXPECT_EQ(elicitation.at("actor_type"), "service");
  EXPECT_EQ(elicitation.at("target_type"), "client");
  EXPECT_EQ(elicitation.at("on_behalf_of"), R"(["anonymous"])");
  EXPECT_EQ(elicitation.at("details.direction"), "s2c");
  EXPECT_EQ(elicitation.at("details.user_action"), "accept");
  EXPECT_EQ(elicitation.at("details.outcome.http_status"), "202");
  EXPECT_EQ(h.last().at("details.progress_notifications"), "1");
  EXPECT_EQ(h.last().at("details.http.content_type"), "text/event-stream");
  EXPECT_EQ(h.recorder.open_requests(), 0U);
}

TEST(HttpResponse, EqualIdsInOneSessionGoToTheirOwnExchange) {
  HttpHarness h;
  h.initialize("s");
  const auto a = h.post(rpc("1", "tools/call", R"({"name":"a"})"), in_session("s"));
  const auto b = h.post(rpc("1", "tools/call", R"({"name":"b"})"), in_session("s"));
  h.all.clear();
  h.head(*b, 200, kJsonType);
  h.body(*b, answer("1"));
  h.end(*b);
  EXPECT_EQ(h.last().at("target_name"), "b");
  h.head(*a, 200, kJsonType);
  h.body(*a, answer("1"));
  h.end(*a);
  EXPECT_EQ(h.last().at("target_name"), "a");
  EXPECT_EQ(h.recorder.open_requests(), 0U);
}

TEST(HttpResponse, SameIdInOtherSessionsIsAnother) {
  HttpHarness h;
  h.initialize("s");
  h.initialize("t");
  const auto a = h.post(kCall, in_session("s"));
  const auto stream = h.get("/mcp", kStreamType + in_session("t"));
  h.head(*stream, 200, kStreamType);
  h.sse(*stream, answer("1"));
  EXPECT_EQ(h.last().at("event_name"), "mcp-unmatched-response");
  EXPECT_EQ(h.recorder.open_requests(), 1U);
}

TEST(HttpResponse, ResumedStreamBringsTheOutcome) {
  HttpHarness h;
  h.initialize("s");
  const auto post = h.post(kCall, in_session("s"));
  h.head(*post, 200, kStreamType);
  h.sse(*post, "", "e0");
  h.sse(*post, R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info"}})",
        "e1");
  h.end(*post);  // the server closes and lets the client poll
  EXPECT_EQ(h.recorder.open_requests(), 1U);
  h.all.clear();
  const auto get = h.get("/mcp", in_session("s") + Headers{{"Last-Event-ID", "e0"}});
  h.head(*get, 200, kStreamType);
  h.sse(*get, R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info"}})",
        "e1");  // seen before
  h.sse(*get, answer("1"), "e2");
  h.end(*get, HttpEnd::client_left);
  ASSERT_THAT(h.briefs(),
              ElementsAre("mcp-stream initiated/pending", "tools/call succeeded/success",
                          "mcp-stream succeeded/success"));
  EXPECT_EQ(h.all[1].at("http_method"), "POST");  // where the call came in
  EXPECT_EQ(h.last().at("http_method"), "GET");
  EXPECT_EQ(h.last().at("details.events"), "2");
  EXPECT_EQ(h.last().at("details.replayed_events"), "1");
  EXPECT_EQ(h.last().at("details.stream"), "get");
  EXPECT_EQ(h.last().at("details.http.last_event_id"), h.digest("e0"));
  EXPECT_EQ(h.all[0].at("interaction_id"), h.all[2].at("interaction_id"));
}

TEST(HttpResponse, AnEventIdUsedTwiceHidesNothing) {
  HttpHarness h;
  h.initialize("s");
  const auto get = h.get("/mcp", in_session("s"));
  h.head(*get, 200, kStreamType);
  h.sse(*get, note("notifications/tools/list_changed"), "1");
  h.sse(*get, note("notifications/prompts/list_changed"), "1");
  EXPECT_EQ(h.count("mcp-tool-list-changed"), 1U);
  EXPECT_EQ(h.count("mcp-prompt-list-changed"), 1U);
}

TEST(HttpResponse, LegacySse) {
  HttpHarness h;
  const auto stream = h.get("/sse");
  h.head(*stream, 200, kStreamType);
  h.sse(*stream, "/message?sessionId=sesame", "", "endpoint");
  EXPECT_EQ(h.recorder.sessions(), 1U);
  const std::string target = "/message?sessionId=sesame";
  const auto open =
      h.post(rpc("1", "initialize", R"({"protocolVersion":"2024-11-05"})"), {}, target);
  h.head(*open, 202);
  h.end(*open);
  h.sse(*stream, answer("1", R"({"protocolVersion":"2024-11-05","serverInfo":{"name":"old"}})"));
  const auto call = h.post(rpc("2", "tools/call", R"({"name":"x"})"), {}, target);
  h.head(*call, 202);
  h.end(*call);
  h.sse(*stream, answer("2", R"({"isError":true})"));
  const auto lost = h.post(rpc("3", "tools/call", R"({"name":"y"})"), {}, target);
  h.head(*lost, 202);
  h.end(*lost);
  h.end(*stream, HttpEnd::client_left);
  ASSERT_THAT(h.briefs(),
              ElementsAre("mcp-stream initiated/pending", "initialize succeeded/success",
                          "tools/call initiated/pending", "tools/call failed/failure",
                          "tools/call initiated/pending", "mcp-stream succeeded/success",
                          "tools/call failed/unknown", "mcp-session-end succeeded/success"));
  EXPECT_EQ(h.all[3].at("details.transport"), "http+sse");
  EXPECT_EQ(h.all[3].at("session_id"), h.digest("sesame"));
  EXPECT_EQ(h.all[3].at("details.protocol_version"), "2024-11-05");
  EXPECT_EQ(h.all[3].at("api_endpoint"), "/message?sessionId=" + h.digest("sesame"));
  EXPECT_EQ(h.all[5].at("details.stream"), "http+sse");
  EXPECT_EQ(h.all[5].at("details.endpoint"), "/message?sessionId=" + h.digest("sesame"));
  EXPECT_EQ(h.all[6].at("details.outcome.reason"), "disconnected");
  EXPECT_EQ(h.recorder.sessions(), 0U);
  EXPECT_FALSE(h.anything_says("=sesame"));
}

TEST(HttpResponse, LegacySseAtAnUnusualPath) {
  HttpHarness h;
  const auto stream = h.get("/events", {{"Accept", "text/event-stream"}});
  h.head(*stream, 200, kStreamType);
  h.sse(*stream, "http://mcp.example/rpc/42", "", "endpoint");
  const auto call = h.post(rpc("2", "tools/call", R"({"name":"x"})"), {}, "/rpc/42");
  h.head(*call, 202);
  h.end(*call);
  h.sse(*stream, answer("2"));
  EXPECT_EQ(h.last().brief(), "tools/call succeeded/success");
  EXPECT_EQ(h.last().at("session_id"), h.digest("/rpc/42"));
  h.add(stream->on_end({.endpoint_rewritten = true}, h.now()));
  EXPECT_EQ(h.count("mcp-session-end"), 1U);
  const Seen& end = h.all[h.all.size() - 2];
  ASSERT_EQ(end.brief(), "mcp-stream succeeded/success");
  EXPECT_EQ(end.at("details.endpoint"), "/rpc/42");
  EXPECT_EQ(end.at("details.endpoint_origin"), "http://mcp.example");
  EXPECT_EQ(end.at("details.endpoint_rewritten"), "true");
}

TEST(HttpResponse, Batches) {
  HttpHarness h;
  h.initialize("s", {}, "2025-03-26");
  const auto exchange = h.post("[" + rpc("1", "tools/call", R"({"name":"a"})") + "," +
                                   rpc("2", "ping") + "," + note("notifications/initialized") + "]",
                               in_session("s"));
  h.head(*exchange, 200, kJsonType);
  h.body(*exchange, "[" + answer("2") + "," + answer("1", R"({"isError":true})") + "]");
  h.end(*exchange);
  ASSERT_THAT(h.briefs(), ElementsAre("tools/call initiated/pending",
                                      "notifications/initialized succeeded/success",
                                      "ping succeeded/success", "tools/call failed/failure"));
  EXPECT_EQ(h.last().at("details.batch.index"), "0");
  EXPECT_EQ(h.last().at("details.batch.size"), "3");
  EXPECT_EQ(h.count("mcp-protocol-violation"), 0U);
}

TEST(HttpResponse, LongBodiesAndEventsHaveTheRightOutcome) {
  HttpHarness h;
  h.initialize("s");
  const std::string text =
      answer("1", R"({"content":[{"text":")" + std::string(5000, 'x') + R"("}],"isError":true})");
  for (const bool stream : {false, true}) {
    const auto exchange = h.post(kCall, in_session("s"));
    h.head(*exchange, 200, stream ? kStreamType : kJsonType);
    exchange->on_oversize_bytes(std::string_view(text).substr(0, 3000));
    exchange->on_oversize_bytes(std::string_view(text).substr(3000));
    h.add(exchange->on_oversize_end(true, h.now()));
    EXPECT_EQ(h.last().brief(), "tools/call failed/failure");
    EXPECT_EQ(h.last().at("details.result.digest"), h.digest(text));
    EXPECT_EQ(h.last().at("details.oversize"), "true");
    EXPECT_EQ(h.last().at("details.outcome.http_status"), "200");
    h.end(*exchange);
  }
  EXPECT_EQ(h.recorder.open_requests(), 0U);
}

TEST(HttpResponse, InitializeCarriesTheSessionItOpens) {
  HttpHarness h;
  h.call(rpc("0", "initialize", R"({"protocolVersion":"2025-11-25","clientInfo":{"name":"ide"}})"),
         answer("0", R"({"protocolVersion":"2025-11-25"})"), {}, 200, in_session("new"));
  EXPECT_EQ(h.last().at("session_id"), h.digest("new"));
  EXPECT_EQ(h.last().at("details.protocol_version"), "2025-11-25");
  h.call(rpc("1", "ping"), answer("1"), in_session("new"));
  EXPECT_EQ(h.last().at("details.client.name"), "ide");
  EXPECT_EQ(h.last().at("details.protocol_version"), "2025-11-25");
}

TEST(HttpResponse, AnIdThatIsGivenAgainIsNegotiatedAgain) {
  HttpHarness h;
  const auto initialize = [&](std::string_view version, std::string_view capabilities,
                              std::string_view client, bool fails = false) {
    const std::string said = R"({"protocolVersion":")" + std::string(version) +
                             R"(","capabilities":)" + std::string(capabilities);
    const std::string error = R"({"jsonrpc":"2.0","id":0,"error":{"code":1,"message":"no"}})";
    h.call(rpc("0", "initialize",
               R"({"protocolVersion":")" + std::string(version) +
                   R"(","capabilities":{},"clientInfo":{"name":")" + std::string(client) + "\"}}"),
           fails ? error : answer("0", said + "}"), {}, 200, in_session("always"));
    h.all.clear();
    h.call(rpc("1", "tools/list"), answer("1", R"({"tools":[]})"), in_session("always"));
  };
  initialize("2025-06-18", "{}", "first");
  EXPECT_EQ(h.last().at("details.capability"), "undeclared");
  EXPECT_EQ(h.last().at("details.protocol_version"), "2025-06-18");
  initialize("2025-11-25", R"({"tools":{}})", "second", true);
  EXPECT_EQ(h.last().at("details.protocol_version"), "2025-06-18") << "it failed";
  initialize("2025-11-25", R"({"tools":{}})", "second");
  EXPECT_NE(h.last().at("details.capability"), "undeclared");
  EXPECT_EQ(h.last().at("details.protocol_version"), "2025-11-25");
  EXPECT_EQ(h.last().at("details.client.name"), "second");
  h.call(rpc("2", "ping"), answer("2"), {}, 200, in_session("always"));
  h.call(rpc("3", "tools/list"), answer("3", R"({"tools":[]})"), in_session("always"));
  EXPECT_NE(h.last().at("details.capability"), "undeclared") << "no initialize, nothing new";
}

TEST(HttpResponse, AnotherTypeOfEventIsNoMessage) {
  HttpHarness h;
  h.initialize("s");
  const auto get = h.get("/mcp", in_session("s"));
  h.head(*get, 200, kStreamType);
  h.sse(*get, rpc("1", "ping"), "", "heartbeat");
  EXPECT_EQ(h.recorder.open_requests(), 0U);
  h.sse(*get, "not json", "");
  EXPECT_EQ(h.count("mcp-unparsed"), 1U);
}

}  // namespace
}  // namespace tally::record
