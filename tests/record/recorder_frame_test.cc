// SPDX-License-Identifier: Apache-2.0
// Requests, notifications and what is neither, as the recorder sees them come in.
#include "mcp/methods.h"
#include "record/harness.h"
#include "record/recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace tally::record {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto c2s = mcp::Direction::c2s;
constexpr auto s2c = mcp::Direction::s2c;

std::string call(std::string_view id, std::string_view tool, std::string_view arguments = "{}") {
  return R"({"jsonrpc":"2.0","id":)" + std::string(id) +
         R"(,"method":"tools/call","params":{"name":")" + std::string(tool) + R"(","arguments":)" +
         std::string(arguments) + "}}";
}

TEST(RecorderFrame, AReadOnlyCallIsOneRecordAtItsEnd) {
  Harness h;
  h.initialize("2025-11-25");
  h.serve_tools();
  const Observation o = h.c2s(call("1", "look"));
  EXPECT_FALSE(o.must_wait);
  EXPECT_THAT(h.all_briefs(), IsEmpty());
  h.s2c(R"({"jsonrpc":"2.0","id":1,"result":{"content":[]}})");
  EXPECT_THAT(h.all_briefs(), ElementsAre("tools/call succeeded/success"));
}

TEST(RecorderFrame, AnyOtherCallIsRecordedBeforeItHappens) {
  Harness h;
  h.initialize("2025-11-25");
  h.serve_tools();
  for (const char* tool : {"act", "unseen"}) {
    h.all.clear();
    const Observation o = h.c2s(call("1", tool, R"({"a":1})"));
    EXPECT_TRUE(o.must_wait);
    EXPECT_THAT(briefs(o.before), ElementsAre("tools/call initiated/pending"));
    EXPECT_THAT(o.after, IsEmpty());
    EXPECT_NE(o.refusal.find("-32603"), std::string::npos);
    h.s2c(R"({"jsonrpc":"2.0","id":1,"result":{"content":[]}})");
    ASSERT_THAT(h.all_briefs(),
                ElementsAre("tools/call initiated/pending", "tools/call succeeded/success"));
    EXPECT_EQ(h.all[0].at("interaction_id"), h.all[1].at("interaction_id"));
    EXPECT_EQ(h.all[1].at("details.arguments"), R"({"a":1})");
    EXPECT_EQ(h.all[0].at("details.arguments"), R"({"a":1})");
  }
}

TEST(RecorderFrame, TheTwoReadersOfAnAmbiguousCall) {
  // Each would be a read-only call or a ping to our reader, and something else to another one.
  for (
      const char* text :
      {R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"look","name":"act"}})",
       R"({"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call","params":{"name":"act"}})",
       R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"Name":"act","name":"look"}})",
       R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"n\u0061me":"look","name":"act"}})",
       R"({"jsonrpc":"2.0","id":1,"Method":"tools/call","params":{"name":"act"}})",
       R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"look","arguments":{"p":1,"p":2}}})",
       R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"look","arguments":{"p":"\ud800"}}})"}) {
    Harness h;
    h.initialize("2025-11-25");
    h.serve_tools();
    const Observation o = h.c2s(text);
    EXPECT_TRUE(o.must_wait) << text;
    bool violation = false;
    for (const Seen& s : seen(o.before)) {
      if (s.at("event_name") != "mcp-protocol-violation") continue;
      violation = true;
      EXPECT_EQ(s.at("event_type"), "security");
      EXPECT_EQ(s.at("details.method"), "");
      EXPECT_EQ(s.at("interaction_id"), Seen(o.before.back()).at("interaction_id"));
    }
    EXPECT_TRUE(violation) << text;
  }
}

TEST(RecorderFrame, WhatAnotherReaderWouldTakeForACallIsHeld) {
  for (
      const std::string& text :
      {// A response to us; a request to Go's encoding/json.
       std::string(
           R"({"jsonrpc":"2.0","id":1,"result":{},"Method":"tools/call","params":{"name":"act"}})"),
       // One notification to us; to a reader that ends lines at CR, a call in the middle of
       // rubbish.
       std::string("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/"
                   "x\",\"params\":\r{\"jsonrpc\":\"2.0\",\"id\":1,"
                   "\"method\":\"tools/call\",\"params\":{\"name\":\"act\"}}\r}"),
       // An unknown method to us; a call to a server that ignores case.
       std::string(R"({"jsonrpc":"2.0","id":1,"method":"Tools/Call","params":{"name":"act"}})"),
       // Not JSON to us; to Python, which reads NaN, it is.
       std::string(
           R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"act","arguments":{"n":NaN}}})")}) {
    Harness h;
    h.initialize("2025-11-25");
    h.serve_tools();
    const Observation o = h.c2s(text);
    EXPECT_TRUE(o.must_wait) << text;
    EXPECT_FALSE(o.before.empty()) << text;
    Harness other;
    other.initialize("2025-11-25");
    EXPECT_FALSE(other.s2c(text).must_wait) << text;
  }
}

TEST(RecorderFrame, EveryMethodHasItsEventInEveryDirection) {
  for (const mcp::Method& m : mcp::methods()) {
    for (const mcp::Direction direction : {c2s, s2c}) {
      Harness h;
      const std::string name(m.name);
      const bool request = m.kind == mcp::MethodKind::request;
      h.line(direction, R"({"jsonrpc":"2.0",)" + std::string(request ? R"("id":1,)" : "") +
                            R"("method":")" + name + R"("})");
      if (request) h.line(mcp::opposite(direction), R"({"jsonrpc":"2.0","id":1,"result":{}})");
      const auto is_record = [&](const Seen& s) { return s.at("details.method") == name; };
      const auto record = std::find_if(h.all.rbegin(), h.all.rend(), is_record);
      ASSERT_NE(record, h.all.rend()) << name;
      const bool allowed = m.versions(direction) != 0;
      EXPECT_EQ(record->at("event_name") != "mcp-unknown-method", allowed) << name;
      EXPECT_EQ(record->at("details.direction"), mcp::direction_name(direction));
      EXPECT_EQ(record->at("event_result"), "success");
      EXPECT_EQ(record->at("actor_type"), direction == c2s ? "user" : "service");
      const bool violation = std::any_of(h.all.begin(), h.all.end(), [](const Seen& s) {
        return s.at("event_name") == "mcp-protocol-violation";
      });
      EXPECT_EQ(violation, !allowed) << name << ' ' << mcp::direction_name(direction);
      const bool held =
          direction == c2s && (name == "tools/call" || name == "tasks/update" ||
                               name == "tasks/cancel" || name == "subscriptions/listen");
      EXPECT_EQ(std::count_if(h.all.begin(), h.all.end(), is_record), held ? 2 : 1) << name;
    }
  }
}

TEST(RecorderFrame, IdsOfDifferentKindsAreDifferent) {
  Harness h;
  h.c2s(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  h.c2s(R"({"jsonrpc":"2.0","id":"1","method":"tools/list"})");
  h.s2c(R"({"jsonrpc":"2.0","id":"1","result":{"tools":[]}})");
  h.s2c(R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_THAT(h.all_briefs(),
              ElementsAre("tools/list succeeded/success", "ping succeeded/success"));
  EXPECT_EQ(h.all[0].json.find("\"jsonrpc_id\":\"1\"") != std::string::npos, true);
  EXPECT_EQ(h.all[1].json.find("\"jsonrpc_id\":1,") != std::string::npos, true);
}

TEST(RecorderFrame, AnIdInUseTwice) {
  Harness h;
  h.c2s(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  h.c2s(R"({"jsonrpc":"2.0","id":1,"method":"prompts/list"})");
  EXPECT_THAT(h.all_briefs(), ElementsAre("mcp-protocol-violation failed/failure"));
  EXPECT_EQ(h.last().at("details.violations"), R"([{"kind":"duplicate_id","where":"id"}])");
  h.all.clear();
  h.s2c(R"({"jsonrpc":"2.0","id":1,"result":{}})");
  h.s2c(R"({"jsonrpc":"2.0","id":1,"result":{}})");
  h.s2c(R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_THAT(h.all_briefs(),
              ElementsAre("ping succeeded/success", "prompts/list succeeded/success",
                          "mcp-unmatched-response failed/unknown"));
  EXPECT_EQ(h.all[0].at("details.ambiguous_id"), "true");
  EXPECT_EQ(h.all[1].at("details.ambiguous_id"), "true");
}

TEST(RecorderFrame, ABatchIsItsElements) {
  Harness h;
  h.initialize("2025-03-26");
  const Observation o = h.c2s(
      R"([{"jsonrpc":"2.0","id":1,"method":"tools/list"},{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"act"}},)"
      R"({"jsonrpc":"2.0","method":"notifications/initialized"},7])");
  EXPECT_TRUE(o.must_wait);
  EXPECT_THAT(briefs(o.before),
              ElementsAre("tools/call initiated/pending", "mcp-unparsed initiated/pending"));
  EXPECT_THAT(briefs(o.after), ElementsAre("notifications/initialized succeeded/success",
                                           "mcp-unparsed succeeded/success"));
  h.s2c(
      R"([{"jsonrpc":"2.0","id":2,"result":{"content":[]}},{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}])");
  std::map<std::string, int> sizes;
  std::string batch;
  for (const Seen& s : h.all) {
    EXPECT_EQ(s.at("details.batch.size"), "4") << s.json;
    if (batch.empty()) batch = s.at("details.batch.id");
    EXPECT_EQ(s.at("details.batch.id"), batch);
    if (s.at("details.method") == "tools/call") {
      EXPECT_EQ(s.at("details.batch.index"), "1");
    }
  }
}

TEST(RecorderFrame, ABatchWhereThereAreNone) {
  Harness h;
  h.initialize("2025-06-18");
  h.c2s(R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])");
  EXPECT_THAT(h.all_briefs(), ElementsAre("mcp-protocol-violation failed/failure"));
  EXPECT_EQ(h.last().at("details.violations"),
            R"([{"kind":"batch_not_allowed","where":"2025-06-18"}])");
}

TEST(RecorderFrame, WhatIsNoMessageIsHeldTowardsTheServerOnly) {
  Harness h;
  const Observation up = h.c2s("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/ca");
  EXPECT_TRUE(up.must_wait);
  EXPECT_THAT(briefs(up.before), ElementsAre("mcp-unparsed initiated/pending"));
  EXPECT_THAT(briefs(up.after), ElementsAre("mcp-unparsed succeeded/success"));
  EXPECT_EQ(up.before[0].interaction_id, up.after[0].interaction_id);
  EXPECT_EQ(h.last().at("details.reason"), "unparsable");
  EXPECT_EQ(h.last().at("details.content.bytes"), "42");
  const Observation down = h.s2c("debug: listening");
  EXPECT_FALSE(down.must_wait);
  EXPECT_THAT(briefs(down.after), ElementsAre("mcp-unparsed succeeded/success"));
  EXPECT_EQ(h.last().at("details.content.preview"), "debug: listening");
}

TEST(RecorderFrame, BlankLinesAreNoMessages) {
  Harness h;
  for (const char* text : {"", " ", "\t\r"}) h.c2s(text);
  EXPECT_THAT(h.all_briefs(), IsEmpty());
}

TEST(RecorderFrame, ALineWithoutItsEndIsStillAMessage) {
  Harness h;
  const Observation o = h.line(c2s, call("1", "act"), false);
  EXPECT_TRUE(o.must_wait);
  EXPECT_THAT(h.all_briefs(),
              ElementsAre("mcp-protocol-violation failed/failure", "tools/call initiated/pending"));
}

TEST(RecorderFrame, UnknownMethodsAreRecordedAsWhatTheyAre) {
  Harness h;
  h.initialize("2025-11-25");
  h.c2s(R"({"jsonrpc":"2.0","id":1,"method":"vendor/x","params":{"a":[1]}})");
  h.s2c(R"({"jsonrpc":"2.0","id":1,"result":{"b":2}})");
  EXPECT_EQ(h.last().at("event_name"), "mcp-unknown-method");
  EXPECT_EQ(h.last().at("details.method"), "vendor/x");
  EXPECT_EQ(h.last().at("details.arguments"), R"({"a":[1]})");
  EXPECT_EQ(h.last().at("details.result.preview"), R"({"b":2})");
  h.all.clear();
  h.c2s(R"({"jsonrpc":"2.0","method":"notifications/vendor/y"})");
  EXPECT_THAT(h.all_briefs(), ElementsAre("notifications/vendor/y succeeded/success"));
  EXPECT_EQ(h.last().at("severity"), "debug");
}

TEST(RecorderFrame, MethodsOutOfPlaceAreViolations) {
  struct Case {
    const char* version;
    mcp::Direction direction;
    const char* text;
    const char* kind;
  };
  const Case cases[] = {
      {"2025-11-25", s2c, R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}})",
       "wrong_direction"},
      {"2024-11-05", s2c, R"({"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":{}})",
       "not_in_version"},
      {"2025-11-25", c2s, R"({"jsonrpc":"2.0","id":1,"method":"server/discover"})",
       "not_in_version"},
      {"2025-11-25", c2s, R"({"jsonrpc":"2.0","id":1,"method":"notifications/initialized"})",
       "wrong_kind"},
      {"2025-11-25", c2s, R"({"jsonrpc":"2.0","method":"ping"})", "wrong_kind"},
  };
  for (const Case& c : cases) {
    Harness h;
    h.initialize(c.version);
    h.line(c.direction, c.text);
    bool found = false;
    for (const Seen& s : h.all) found = found || s.says(std::string("\"kind\":\"") + c.kind + '"');
    EXPECT_TRUE(found) << c.text;
  }
}

TEST(RecorderFrame, BothGenerationsOnOneConnection) {
  Harness h;
  h.initialize("2025-11-25");
  h.c2s(R"({"jsonrpc":"2.0","id":1,"method":"prompts/list","params":{)" + std::string(kStateless) +
        "}}");
  h.s2c(
      R"({"jsonrpc":"2.0","id":1,"result":{"prompts":[],"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"newer","version":"9"}}}})");
  EXPECT_EQ(h.last().at("details.protocol_version"), "2026-07-28");
  EXPECT_EQ(h.last().at("session_id"), "");
  EXPECT_EQ(h.last().at("details.client.name"), "modern-ide");
  EXPECT_EQ(h.last().at("details.server.name"), "newer");
  h.c2s(R"({"jsonrpc":"2.0","id":2,"method":"ping"})");
  h.s2c(R"({"jsonrpc":"2.0","id":2,"result":{}})");
  EXPECT_EQ(h.last().at("details.protocol_version"), "2025-11-25");
  EXPECT_EQ(h.last().at("session_id"), "hmac:k:session");
}

TEST(RecorderFrame, TraceAndActors) {
  Harness h;
  h.initialize("2025-11-25");
  h.c2s(
      R"({"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}}})");
  h.s2c(R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_EQ(h.last().at("trace_id"), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(h.last().at("actor_id"), "jane");
  EXPECT_EQ(h.last().at("on_behalf_of"), "");
  h.s2c(
      R"({"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{"messages":[],"maxTokens":5}})");
  h.c2s(
      R"({"jsonrpc":"2.0","id":1,"result":{"role":"assistant","content":{"type":"text","text":"secret thought"},"model":"m"}})");
  EXPECT_EQ(h.last().at("actor_id"), "files");
  EXPECT_EQ(h.last().at("actor_type"), "service");
  EXPECT_EQ(h.last().at("on_behalf_of"), R"(["jane"])");
  EXPECT_EQ(h.last().at("target_type"), "client");
  EXPECT_EQ(h.last().at("target_id"), "ide");
  EXPECT_EQ(h.last().at("details.model"), "m");
  EXPECT_FALSE(h.last().says("secret thought"));
}

TEST(RecorderFrame, NamesBeforeAndAfterTheServerSaidItsOwn) {
  Harness h;
  h.c2s(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  h.s2c(R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_EQ(h.last().at("target_id"), "@scope/server-files");
  h.initialize("2025-11-25");
  h.c2s(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  h.s2c(R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_EQ(h.last().at("target_id"), "files");

  RecorderOptions options = Harness::default_options();
  options.server_name = "mine";
  Harness named(options);
  named.initialize("2025-11-25");
  named.c2s(call("1", "x"));
  EXPECT_EQ(named.last().at("target_id"), "mine/x");
  EXPECT_EQ(named.last().at("details.server.name"), "files");
}

TEST(RecorderFrame, RedactionAtDepth) {
  Harness h;
  h.c2s(call(
      "1", "act",
      R"({"a":[{"b":{"password":"hunter2","keep":1}},{"Api-Key":["k1","k2"]}],"max_tokens":5,"note":"Bearer abcdefghijklmnop"})"));
  const Seen& s = h.last();
  for (const char* secret : {"hunter2", "k1", "k2", "abcdefghijklmnop"})
    EXPECT_FALSE(s.says(secret)) << secret;
  EXPECT_EQ(s.at("details.arguments.max_tokens"), "5");
  EXPECT_TRUE(s.says(R"("path":"details.arguments.a[0].b.password","rule":"key:password")"))
      << s.json;
}

TEST(RecorderFrame, LargeArgumentsAreADigest) {
  Harness h;
  const std::string fill(20'000, 'x');
  h.c2s(call("1", "act", R"({"fill":")" + fill + R"("})"));
  EXPECT_EQ(h.last().at("details.arguments"), "");
  EXPECT_EQ(h.last().at("details.arguments_digest.bytes"), "20011");
  EXPECT_TRUE(h.last().at("details.arguments_digest.digest").starts_with("sha256:"));
  EXPECT_LE(h.last().at("details.arguments_digest.preview").size(), kFieldBytesMax);
  h.s2c(R"({"jsonrpc":"2.0","id":1,"result":{"content":[]}})");
  EXPECT_EQ(h.last().at("details.arguments_digest.bytes"), "20011");
  // With something redacted a plain hash could be guessed.
  h.c2s(call("2", "act", R"({"pin":"1234","fill":")" + fill + R"("})"));
  EXPECT_TRUE(h.last().at("details.arguments_digest.digest").starts_with("hmac:"));
}

TEST(RecorderFrame, ManyOpenCallsKeepDigestsInsteadOfArguments) {
  RecorderOptions options = Harness::default_options();
  options.limits.bytes_max = 400'000;
  Harness h(options);
  const std::string fill(10'000, 'x');
  for (int i = 0; i < 100; ++i) {
    h.c2s(call(std::to_string(i), "act", R"({"fill":")" + fill + R"("})"));
    EXPECT_NE(h.last().at("details.arguments"), "");  // the initiated record has them in any case
  }
  EXPECT_EQ(h.recorder.open_exchanges(), 100U);
  h.s2c(R"({"jsonrpc":"2.0","id":0,"result":{"content":[]}})");
  EXPECT_NE(h.last().at("details.arguments"), "");
  h.s2c(R"({"jsonrpc":"2.0","id":99,"result":{"content":[]}})");
  EXPECT_EQ(h.last().at("details.arguments"), "");
  EXPECT_EQ(h.last().at("details.arguments_digest.bytes"), "10011");
}

TEST(RecorderFrame, EvictionIsARecord) {
  RecorderOptions options = Harness::default_options();
  options.limits.count_max = 2;
  Harness h(options);
  for (const char* id : {"1", "2", "3"}) {
    h.c2s(R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"method":"ping"})");
  }
  EXPECT_THAT(h.all_briefs(), ElementsAre("ping failed/unknown"));
  EXPECT_EQ(h.last().at("details.outcome.reason"), "evicted");
  EXPECT_EQ(h.last().at("details.jsonrpc_id"), "1");
}

TEST(RecorderFrame, PolicyLevels) {
  const auto with_level = [](policy::Level level) {
    RecorderOptions options = Harness::default_options();
    policy::PolicyOptions rules;
    policy::Rule all;
    all.name = "all";
    all.level = level;
    rules.rules = {all};
    options.policy = policy::Policy(rules);
    Harness h(options);
    h.c2s(call("1", "act", R"({"a":"argument"})"));
    h.s2c(
        R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"answer"}],"isError":true}})");
    h.c2s(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
    return h.all;
  };
  const auto full = with_level(policy::Level::full);
  EXPECT_TRUE(full[0].says("argument\"") && full[0].says("answer"));
  const auto request = with_level(policy::Level::request);
  EXPECT_TRUE(request[0].says("argument\""));
  EXPECT_FALSE(request[0].says("answer"));
  const auto metadata = with_level(policy::Level::metadata);
  EXPECT_FALSE(metadata[0].says("argument\"") || metadata[0].says("answer"));
  EXPECT_EQ(metadata[0].brief(), "tools/call failed/failure");
  EXPECT_THAT(with_level(policy::Level::none), IsEmpty());
}

TEST(RecorderFrame, CarriageReturnsInsideAMessageDoNotReachTheLog) {
  Harness h;
  h.c2s("{\"jsonrpc\":\"2.0\",\r\"id\":{\r},\"method\":\"ping\",\"params\":{\"a\":[1,\r2]}}");
  h.s2c(R"({"jsonrpc":"2.0","id":{ },"result":{}})");
  for (const Seen& s : h.all) EXPECT_EQ(s.json.find('\r'), std::string::npos);
  EXPECT_EQ(h.last().brief(), "ping succeeded/success");
}

TEST(RecorderFrame, HostileIdsAndNamesStaySmall) {
  Harness h;
  const std::string big(1'000'000, 'x');
  h.c2s(R"({"jsonrpc":"2.0","id":")" + big + R"(","method":"tools/call","params":{"name":")" + big +
        R"("}})");
  for (const Seen& s : h.all) EXPECT_LT(s.json.size(), kEntryBytesMax) << s.at("event_name");
  h.all.clear();
  h.s2c(R"({"jsonrpc":"2.0","id":")" + big + R"(","result":{"content":[]}})");
  EXPECT_EQ(h.all.back().brief() == "tools/call succeeded/success" ||
                h.all.front().brief() == "tools/call succeeded/success",
            true);
  h.all.clear();
  h.c2s(R"({"jsonrpc":"2.0","method":")" + big + R"(","params":{")" + big + R"(":1}})");
  for (const Seen& s : h.all) EXPECT_LT(s.json.size(), kEntryBytesMax) << s.at("event_name");
}

}  // namespace
}  // namespace tally::record
