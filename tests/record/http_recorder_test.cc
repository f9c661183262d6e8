// SPDX-License-Identifier: Apache-2.0
// Whole conversations over HTTP: the same records as over stdio, with what HTTP adds.
#include "base/encoding.h"
#include "event/catalog.h"
#include "record/http_harness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace tally::record {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(HttpRecorder, ACallFieldByField) {
  HttpHarness h;
  h.initialize("session-1");
  const Headers headers =
      in_session("session-1") + Headers{{"Authorization", "Bearer opaque-sesame"},
                                        {"User-Agent", "ide/2.1"},
                                        {"X-Request-ID", "r-1"},
                                        {"Origin", "https://ide.example"},
                                        {"MCP-Protocol-Version", "2025-11-25"}};
  h.call(rpc("7", "tools/call", R"({"name":"write","arguments":{"path":"/a","token":"sesame"}})"),
         answer("7", R"({"content":[{"type":"text","text":"no"}],"isError":true})"), headers);
  // The second principal in this session is an event of its own.
  ASSERT_THAT(h.briefs(), ElementsAre("mcp-session-shared failed/failure",
                                      "tools/call initiated/pending", "tools/call failed/failure"));
  const std::string who = h.digest("opaque-sesame");
  const std::string session = h.digest("session-1");
  const Seen& initiated = h.all[1];
  const Seen& completed = h.all[2];
  const std::pair<const char*, std::string> both[] = {
      {"event_name", "mcp-tool-execution"},
      {"event_type", "mcp"},
      {"event_action", "execute"},
      {"source", "proxy"},
      {"instance", "instance-1"},
      {"severity_level", "medium"},
      {"actor_id", who},
      {"actor_type", "api_key"},
      {"actor_verified", "false"},
      {"actor_ip", "198.51.100.7"},
      {"actor_user_agent", "ide/2.1"},
      {"target_type", "tool"},
      {"target_id", "files/write"},
      {"target_name", "write"},
      {"request_id", "r-1"},
      {"session_id", session},
      {"api_endpoint", "/mcp"},
      {"http_method", "POST"},
      {"details.transport", "streamable-http"},
      {"details.direction", "c2s"},
      {"details.method", "tools/call"},
      {"details.jsonrpc_id", "7"},
      {"details.protocol_version", "2025-11-25"},
      {"details.server", R"({"name":"fs","version":"0.2.0"})"},
      {"details.client", R"({"name":"ide","version":"2.1"})"},
      {"details.arguments", R"({"path":"/a","token":"[redacted]"})"},
      {"details.auth", R"({"method":"token","reason":"opaque token","digest":")" + who + "\"}"},
      {"details.http.host", "mcp.example"},
      {"details.http.origin", "https://ide.example"},
      {"details.http.protocol_version", "2025-11-25"},
  };
  for (const auto& [path, value] : both) {
    EXPECT_EQ(initiated.at(path), value) << path;
    EXPECT_EQ(completed.at(path), value) << path;
  }
  EXPECT_EQ(initiated.at("interaction_id"), completed.at("interaction_id"));
  EXPECT_EQ(initiated.at("details.http.status"), "");
  EXPECT_EQ(initiated.at("details.outcome"), "");
  EXPECT_EQ(completed.at("details.http.status"), "200");
  EXPECT_EQ(completed.at("details.http.content_type"), "application/json");
  EXPECT_EQ(completed.at("details.outcome"),
            R"({"http_status":200,"rpc_error":null,"is_error":true})");
  EXPECT_EQ(completed.at("details.result.preview"), "no");
  EXPECT_EQ(completed.at("error_message"), "no");
  EXPECT_EQ(completed.at("severity"), "warning");
  EXPECT_EQ(completed.at("duration_ms"), "1");
  EXPECT_FALSE(h.anything_says("sesame"));
  EXPECT_FALSE(h.anything_says("session-1"));
}

/// Leaves out what is HTTP's and what differs by time.
std::string comparable(const Seen& seen) {
  std::string out = seen.brief();
  for (const char* path :
       {"target_id", "severity", "details.arguments", "details.result", "details.outcome.is_error",
        "details.outcome.rpc_error", "details.protocol_version", "details.client",
        "details.direction", "details.jsonrpc_id", "error_message", "details.tool_definition"}) {
    out += '|' + seen.at(path);
  }
  return out;
}

TEST(HttpRecorder, SameRecordsAsOverStdio) {
  const std::pair<std::string, std::string> calls[] = {
      {rpc("1", "tools/list"),
       answer("1", R"({"tools":[{"name":"look","annotations":{"readOnlyHint":true}},)"
                   R"({"name":"act","inputSchema":{}}]})")},
      {rpc("2", "tools/call", R"({"name":"look"})"), answer("2", R"({"content":[]})")},
      {rpc("3", "tools/call", R"({"name":"act","arguments":{"n":1.50}})"),
       answer("3", R"({"content":[{"type":"text","text":"done"}]})")},
      {rpc("4", "resources/read", R"({"uri":"file:///a?token=x"})"),
       R"({"jsonrpc":"2.0","id":4,"error":{"code":-32002,"message":"no such"}})"},
      {rpc("5", "prompts/get", R"({"name":"p"})"), answer("5", R"({"messages":[]})")},
      {rpc("6", "strange/method"), R"({"jsonrpc":"2.0","id":6,"error":{"code":-32601}})"},
  };
  RecorderOptions options = Harness::default_options();
  options.server_name = "files";
  Harness stdio(options);
  stdio.initialize("2025-11-25");
  HttpHarness http;
  http.initialize("s");
  for (const auto& [request, response] : calls) {
    stdio.c2s(request);
    stdio.s2c(response);
    http.call(request, response, in_session("s"));
  }
  ASSERT_EQ(stdio.all.size(), http.all.size());
  for (std::size_t i = 0; i < stdio.all.size(); ++i) {
    EXPECT_EQ(comparable(http.all[i]), comparable(stdio.all[i])) << i;
  }
}

TEST(HttpRecorder, ReadOnlyIsKnownPerPrincipalAndElseByServer) {
  HttpHarness h;
  const auto as = [](const char* user) {
    return Headers{{"Authorization", "Basic " + to_base64(as_bytes(std::string(user) + ":x"))}};
  };
  const std::string look = rpc("2", "tools/call", R"({"name":"look"})");
  h.call(look, answer("2"), as("ann"));
  EXPECT_EQ(h.briefs().front(), "tools/call initiated/pending");
  const auto list = [](const char* hint) {
    return answer("1", R"({"tools":[{"name":"look","annotations":{"readOnlyHint":)" +
                           std::string(hint) + "}}]}");
  };
  h.call(rpc("1", "tools/list"), list("true"), as("ann"));
  h.all.clear();
  h.call(look, answer("2"), as("ann"));
  h.call(look, answer("2"), as("bob"));  // never listed: the server's last word counts
  EXPECT_THAT(h.briefs(),
              ElementsAre("tools/call succeeded/success", "tools/call succeeded/success"));
  h.call(rpc("1", "tools/list"), list("false"), as("bob"));
  h.all.clear();
  h.call(look, answer("2"), as("ann"));
  h.call(look, answer("2"), as("bob"));
  h.call(look, answer("2"), as("eve"));  // the server says two things about it
  EXPECT_THAT(h.briefs(),
              ElementsAre("tools/call succeeded/success", "tools/call initiated/pending",
                          "tools/call succeeded/success", "tools/call initiated/pending",
                          "tools/call succeeded/success"));
}

TEST(HttpRecorder, StatelessRequestsHaveNoSession) {
  HttpHarness h;
  const auto one =
      h.post(modern("1", "tools/call", R"("name":"a")"), kModern + in_session("pretended"));
  const auto two = h.post(modern("1", "tools/call", R"("name":"b")"), kModern);
  h.head(*two, 200, kJsonType);
  h.body(*two, answer("1", R"({"resultType":"complete","content":[]})"));
  h.end(*two);
  h.head(*one, 200, kJsonType + in_session("given"));
  h.body(*one, answer("1", R"({"resultType":"input_required","inputRequests":{}})"));
  h.end(*one);
  ASSERT_THAT(h.briefs(),
              ElementsAre("tools/call initiated/pending", "tools/call initiated/pending",
                          "tools/call succeeded/success", "tools/call succeeded/deferred"));
  EXPECT_EQ(h.all[2].at("target_name"), "b");
  EXPECT_EQ(h.all[3].at("target_name"), "a");
  for (const Seen& s : h.all) EXPECT_EQ(s.at("session_id"), "");
  EXPECT_EQ(h.recorder.sessions(), 0U);
  EXPECT_EQ(h.recorder.open_requests(), 0U);
}

TEST(HttpRecorder, DelegationChain) {
  HttpHarness h;
  const auto b64 = [](std::string_view text) {
    std::string out = to_base64(as_bytes(text));
    while (out.back() == '=') out.pop_back();
    return out;
  };
  const std::string token =
      b64(R"({"alg":"x"})") + '.' + b64(R"({"sub":"jane","act":{"sub":"agent"}})") + '.' + b64("s");
  h.call(rpc("1", "ping"), answer("1"), {{"Authorization", "Bearer " + token}});
  EXPECT_EQ(h.last().at("actor_id"), "jane");
  EXPECT_EQ(h.last().at("on_behalf_of"), R"(["agent"])");
  EXPECT_EQ(h.last().at("details.auth.reason"), "signature not checked");
  EXPECT_FALSE(h.anything_says(token.substr(0, 20)));
}

TEST(HttpRecorder, RefusedBeforeThereWasAnExchange) {
  HttpHarness h;
  h.add(h.recorder.on_refused({.reason = "content-length and transfer-encoding",
                               .status = 400,
                               .method = "POST",
                               .target = "/mcp?access_token=sesame"},
                              "198.51.100.7", h.now()));
  const Seen& refused = h.only("http-request-refused");
  EXPECT_EQ(refused.at("event_result"), "denied");
  EXPECT_EQ(refused.at("details.reason"), "content-length and transfer-encoding");
  EXPECT_EQ(refused.at("details.status_code"), "400");
  EXPECT_EQ(refused.at("details.path"), "/mcp");
  EXPECT_EQ(refused.at("actor_ip"), "198.51.100.7");
  EXPECT_FALSE(h.anything_says("sesame"));
  h.add(h.recorder.on_refused({.reason = "not HTTP", .status = 0}, "::1", h.now()));
  EXPECT_EQ(h.last().at("details.status_code"), "null");
}

TEST(HttpRecorder, TickAndStopCloseWhatIsOpen) {
  HttpHarness h;
  h.initialize("s");
  const auto exchange = h.post(rpc("1", "tools/call", R"({"name":"x"})"), in_session("s"));
  h.wait(std::chrono::hours{25});
  h.add(h.recorder.on_tick(h.now()));
  EXPECT_EQ(h.last().brief(), "tools/call failed/unknown");
  EXPECT_EQ(h.last().at("details.outcome.reason"), "expired");
  EXPECT_EQ(h.last().at("session_id"), h.digest("s"));
  EXPECT_EQ(h.last().at("details.transport"), "streamable-http");
  const auto other = h.post(rpc("2", "tools/call", R"({"name":"x"})"), in_session("s"));
  h.all.clear();
  h.add(h.recorder.on_stop(h.now()));
  EXPECT_THAT(h.briefs(), ElementsAre("tools/call failed/unknown"));
  EXPECT_EQ(h.last().at("details.outcome.reason"), "process_exit");
  h.end(*other);
  EXPECT_EQ(h.all.size(), 1U);
}

TEST(HttpRecorder, GapSaysWhatIsMissing) {
  HttpHarness h;
  const auto exchange = h.post(rpc("1", "tools/call", R"({"name":"x"})"));
  Gap gap;
  for (const event::Event& e : h.verdict.events) gap.add(e);
  h.add({h.recorder.gap_event(gap, h.now())});
  EXPECT_EQ(h.last().at("event_name"), "audit-gap");
  EXPECT_EQ(h.last().at("details.by_method"), R"({"tools/call":1})");
  EXPECT_TRUE(gap.empty());
}

TEST(HttpRecorder, SessionsAreBoundedAndEvictionIsRecorded) {
  HttpRecorderOptions options = HttpHarness::default_options();
  options.sessions_max = 2;
  HttpHarness h(options);
  h.initialize("a");
  const auto open = h.post(rpc("1", "tools/call", R"({"name":"x"})"), in_session("a"));
  h.initialize("b");
  h.all.clear();
  const auto third = h.post(rpc("0", "initialize"));
  h.head(*third, 200, kJsonType + in_session("c"));
  ASSERT_EQ(h.all.size(), 2U);
  EXPECT_EQ(h.all[0].brief(), "tools/call failed/unknown");
  EXPECT_EQ(h.all[0].at("details.outcome.reason"), "evicted");
  EXPECT_EQ(h.all[1].at("event_name"), "mcp-session-end");
  EXPECT_EQ(h.all[1].at("details.reason"), "evicted");
  EXPECT_EQ(h.all[1].at("details.open_requests"), "1");
  EXPECT_EQ(h.all[1].at("session_id"), h.digest("a"));
  EXPECT_EQ(h.recorder.sessions(), 2U);
}

TEST(HttpRecorder, InventedSessionsTakeNoPlace) {
  HttpHarness h;
  for (int i = 0; i < 50; ++i) {
    h.call(rpc("1", "ping"), R"({"error":"no session"})",
           in_session("made-up-" + std::to_string(i)), 404);
  }
  EXPECT_EQ(h.recorder.sessions(), 0U);
  EXPECT_EQ(h.recorder.open_requests(), 0U);
  EXPECT_EQ(h.last().at("details.http.session"), "unknown");
  EXPECT_EQ(h.count("mcp-session-end"), 0U);
}

std::shared_ptr<const rest::PathTable> table_of(std::vector<rest::PathRule> rows) {
  return std::make_shared<const rest::PathTable>(*rest::PathTable::make(std::move(rows)));
}

/// Settings that were read again hold for what comes; what has begun ends as it began.
TEST(HttpRecorder, OtherPathsAreForRequestsFromThenOn) {
  HttpRecorderOptions options = HttpHarness::default_options();
  options.paths = {{.path = "/old/{id}", .target_type = "tool"}};
  HttpHarness h(options);
  const auto begun = h.begin("DELETE", "/old/1");
  h.take(begun->on_request(h.now()));
  EXPECT_EQ(h.last().event.event_name, "admin-tool-deleted");
  h.recorder.use_paths(table_of({{.path = "/new/{id}", .target_type = "prompt"}}), {"/rpc"});
  h.head(*begun, 204);
  h.end(*begun);
  EXPECT_EQ(h.last().brief(), "admin-tool-deleted succeeded/success");
  EXPECT_EQ(h.all[0].at("interaction_id"), h.last().at("interaction_id"));
  const auto name_of = [&h](std::string_view method, std::string_view path) {
    const auto exchange = h.begin(method, path);
    h.take(exchange->on_request(h.now()));
    h.head(*exchange, 204);
    h.end(*exchange);
    return h.last().event.event_name;
  };
  EXPECT_EQ(name_of("DELETE", "/old/1"), "http-request");
  EXPECT_EQ(name_of("DELETE", "/new/1"), "admin-prompt-deleted");
  const auto post = h.begin("POST", "/rpc", kJsonType, true);
  h.take(post->on_request_body("no message", h.now()));
  EXPECT_EQ(h.last().event.event_name, "mcp-unparsed");
  h.head(*post, 400);
  h.end(*post);
}

/// What is remembered of a path says the same as looking at it again, whatever came between.
TEST(HttpRecorder, PathsThatComeAgainAreRecordedAsTheFirstTime) {
  HttpRecorderOptions options = HttpHarness::default_options();
  options.paths = {{.path = "/tools/{id}", .target_type = "tool"},
                   {.path = "/reset/{secret}", .target_type = "user"}};
  HttpHarness h(options);
  const auto record_of = [&h](std::string_view method, std::string_view path) {
    h.all.clear();
    const auto exchange = h.begin(method, path);
    h.take(exchange->on_request(h.now()));
    h.head(*exchange, 204);
    h.end(*exchange);
    const Seen& last = h.last();
    return last.event.event_name + ' ' + last.at("target_id") + ' ' + last.at("details.path") +
           ' ' + last.at("api_endpoint");
  };
  std::vector<std::pair<std::string, std::string>> requests{
      {"GET", "/tools/1"},      {"DELETE", "/tools/1"},
      {"PUT", "/tools/1"},      {"GET", "/reset/s3cr3t"},
      {"POST", "/tools/1"},     {"GET", "/"},
      {"GET", "/tools"},        {"PUT", "/tools/%31"},
      {"GET", "/x/../tools/2"}, {"GET", '/' + std::string(500, 'a')}};
  for (int i = 0; i < 60; ++i) requests.emplace_back("PATCH", "/tools/" + std::to_string(i));
  std::vector<std::string> first;
  for (const auto& [method, path] : requests) first.push_back(record_of(method, path));
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      EXPECT_EQ(record_of(requests[i].first, requests[i].second), first[i]);
      EXPECT_EQ(record_of(requests[i].first, requests[i].second), first[i]);
    }
  }
  EXPECT_EQ(first[1].substr(0, 36), "admin-tool-deleted files/1 /tools/1 ");
  for (const std::string& text : first) EXPECT_EQ(text.find("s3cr3t"), std::string::npos);
}

TEST(HttpRecorder, AnotherIdentifierIsForRequestsFromThenOn) {
  HttpHarness h;
  const Headers user{{"X-User", "ann"}};
  const auto actor = [&](HttpExchange& exchange) {
    h.take(exchange.on_request(h.now()));
    h.head(exchange, 200);
    h.end(exchange);
    return h.last().at("actor_id");
  };
  const auto begun = h.begin("DELETE", "/x", user);
  identity::Options options;
  options.user_headers = {"X-User"};
  options.trusted_addresses = {"0.0.0.0/0", "::/0"};
  h.recorder.use_identifier(*identity::Identifier::make(options, h.digest));
  EXPECT_EQ(actor(*begun), "anonymous");
  EXPECT_EQ(actor(*h.begin("DELETE", "/x", user)), "ann");
  h.recorder.use_identifier(*identity::Identifier::make({}, h.digest));
  EXPECT_EQ(actor(*h.begin("DELETE", "/x", user)), "anonymous");
}

/// Every member of details that these conversations write stands in the catalogue.
TEST(HttpRecorder, DetailsAreInTheCatalogue) {
  CredentialTable credentials;
  HttpRecorderOptions options = HttpHarness::default_options();
  options.credentials = &credentials;
  options.paths = {{.path = "/admin/*"}};
  HttpHarness h(options);
  h.initialize("s");
  h.call(rpc("1", "tools/call", R"({"name":"x"})"), answer("1"), in_session("s"));
  h.call(rpc("1", "ping"), "", {}, 401, {{"WWW-Authenticate", "Bearer error=invalid_token"}});
  h.call(rpc("1", "ping"), "", {}, 429, {{"Retry-After", "5"}, {"X-RateLimit-Limit", "10"}});
  for (const int status : {200, 401, 403, 429, 500}) {
    const auto get = h.get("/mcp?x=1", in_session("s"));
    h.head(*get, status, kStreamType);
    h.sse(*get, answer("9"), "e1");
    h.end(*get);
  }
  const auto upload = h.begin("PUT", "/admin/x", kJsonType, true);
  h.take(upload->on_request_body(R"({"a":1})", h.now()));
  h.end(*upload, HttpEnd::upstream_broke, 502);
  const auto tunnel = h.get("/ws", {{"Upgrade", "websocket"}});
  h.end(*tunnel, HttpEnd::tunnelled);
  const auto gone = h.begin("DELETE", "/mcp", in_session("s"));
  h.take(gone->on_request(h.now()));
  h.head(*gone, 204);
  h.end(*gone);
  h.add(h.recorder.on_refused({.reason = "x"}, "::1", h.now()));
  std::set<std::string_view> common(event::common_details().begin(), event::common_details().end());
  for (const Seen& s : h.all) {
    const event::CatalogEntry* entry = event::find_event(s.event.event_name);
    ASSERT_NE(entry, nullptr) << s.event.event_name;
    json::Document document;
    for (const json::Value member : document.parse(std::string_view(s.event.details))->children()) {
      const bool known = common.contains(member.key()) ||
                         std::ranges::find(entry->details, member.key()) != entry->details.end();
      EXPECT_TRUE(known) << s.event.event_name << ' ' << member.key();
    }
  }
}

/// A list of one tool, served to the holder of this token.
void list_tools(HttpHarness& h, const std::string& token, const std::string& description) {
  h.call(rpc("9", "tools/list"),
         answer("9", R"({"tools":[{"name":"act","description":")" + description +
                         R"(","inputSchema":{}}]})"),
         Headers{{"Authorization", "Basic " + token}});
}

TEST(HttpRecorder, EachPrincipalAsksForTheToolsOfTheRunBefore) {
  HttpRecorderOptions options = HttpHarness::default_options();
  options.looks_back = true;
  HttpHarness h(std::move(options));
  list_tools(h, "amFuZTp4", "one");  // jane:x
  const auto jane = h.recorder.take_lookup();
  ASSERT_TRUE(jane);
  EXPECT_EQ(jane->server, "files");
  EXPECT_EQ(jane->actor_id, "jane");
  EXPECT_EQ(jane->actor_type, "user");
  EXPECT_EQ(jane->instance, "instance-1");
  EXPECT_FALSE(h.recorder.take_lookup());
  list_tools(h, "amFuZTp4", "one");
  EXPECT_FALSE(h.recorder.take_lookup()) << "the first complete list only";
  list_tools(h, "dG9tOng=", "one");  // tom:x
  const auto tom = h.recorder.take_lookup();
  ASSERT_TRUE(tom);
  EXPECT_NE(tom->principal, jane->principal);

  const EarlierDefinitions earlier{
      {{"act", "sha256:other"}, {"gone", "sha256:x"}}, true, 17, "then"};
  const Events changes = h.recorder.on_earlier_definitions(*jane, earlier, h.now());
  ASSERT_EQ(changes.size(), 2U);
  const Seen changed(changes[0]);
  EXPECT_EQ(changed.event.event_name, "mcp-tool-definition");
  EXPECT_EQ(changed.at("target_id"), "files/act");
  EXPECT_EQ(changed.at("details.change"), "changed");
  EXPECT_EQ(changed.at("details.previous_definition"), "sha256:other");
  EXPECT_EQ(changed.at("details.compared_with"), R"({"seq":17,"timestamp":"then"})");
  EXPECT_EQ(changed.at("severity"), "warning");
  EXPECT_TRUE(changed.says("jane"));
  EXPECT_EQ(Seen(changes[1]).at("details.change"), "removed");
  EXPECT_EQ(Seen(changes[1]).at("target_id"), "files/gone");
}

TEST(HttpRecorder, MadeUpNamesDoNotPileUpLookups) {
  HttpRecorderOptions options = HttpHarness::default_options();
  options.looks_back = true;
  HttpHarness h(std::move(options));
  for (int i = 0; i < 2 * static_cast<int>(kLookupsWaitingMax); ++i) {
    list_tools(h, to_base64(as_bytes(std::to_string(i) + ":x")), "one");
  }
  EXPECT_FALSE(h.recorder.take_lookup(true)) << "nobody checked them";
  std::size_t taken = 0;
  while (const auto lookup = h.recorder.take_lookup()) {
    EXPECT_EQ(lookup->actor_id, std::to_string(taken++)) << "those who came first";
  }
  EXPECT_EQ(taken, kLookupsWaitingMax);
  const auto list_again = [&h](std::size_t who) {
    list_tools(h, to_base64(as_bytes(std::to_string(who) + ":x")), "one");
    return h.recorder.take_lookup();
  };
  EXPECT_FALSE(list_again(0)) << "it was taken";
  const auto late = list_again(kLookupsWaitingMax);
  ASSERT_TRUE(late) << "there was no room for it";
  EXPECT_FALSE(list_again(kLookupsWaitingMax));
  h.recorder.on_lookup_given_up(*late);
  EXPECT_TRUE(list_again(kLookupsWaitingMax));
}

TEST(HttpRecorder, NobodyLooksBackUnlessToldTo) {
  HttpHarness h;
  list_tools(h, "amFuZTp4", "one");
  EXPECT_FALSE(h.recorder.take_lookup());
}

}  // namespace
}  // namespace tally::record
