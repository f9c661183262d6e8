// SPDX-License-Identifier: Apache-2.0
#include "record/recorder.h"

#include "mcp/wire_frames.h"
#include "record/harness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace tally::record {
namespace {

TEST(RecorderLookBack, OnceWhenTheFirstListIsComplete) {
  RecorderOptions options = Harness::default_options();
  options.looks_back = true;
  Harness h(options);
  EXPECT_FALSE(h.recorder.take_lookup());
  h.c2s(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})");
  h.s2c(R"({"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a"}],"nextCursor":"n"}})");
  EXPECT_EQ(h.last().at("details.page.last"), "false");
  EXPECT_FALSE(h.recorder.take_lookup()) << "the list goes on";
  h.c2s(R"({"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"cursor":"n"}})");
  h.s2c(R"({"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"b","description":"EVIL"}]}})");
  const auto lookup = h.recorder.take_lookup();
  ASSERT_TRUE(lookup);
  EXPECT_EQ(lookup->server, h.last().at("target_id"));
  EXPECT_EQ(lookup->actor_id, h.last().at("actor_id"));
  EXPECT_EQ(lookup->instance, "instance-1");
  EXPECT_FALSE(h.recorder.take_lookup());
  h.serve_tools();
  EXPECT_FALSE(h.recorder.take_lookup());
}

TEST(RecorderLookBack, WhatIsNotAsItWasInAnEarlierSession) {
  Harness h;
  h.serve_tools();
  EXPECT_FALSE(h.recorder.take_lookup()) << "nobody asks";
  const auto changes = seen(h.recorder.on_earlier_definitions(
      {{{"look", "sha256:other"}, {"gone", "sha256:x"}}, false, 3, "2026-07-28T10:00:00.000000Z"},
      h.now()));
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].at("event_name"), "mcp-tool-definition");
  EXPECT_EQ(changes[0].at("target_name"), "gone");
  EXPECT_EQ(changes[0].at("details.change"), "removed");
  EXPECT_EQ(changes[1].at("target_name"), "look");
  EXPECT_EQ(changes[1].at("details.change"), "changed");
  EXPECT_EQ(changes[1].at("details.previous_definition"), "sha256:other");
  // Its hint is not believed any more: a call is held for its record.
  EXPECT_TRUE(h.c2s(R"({"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"look"}})")
                  .must_wait);
}

using testing::ElementsAre;

/// What the rules say about a session, written as plainly as can be: the records of each frame in
/// order.
class Oracle {
 public:
  std::vector<std::string> of(mcp::Direction direction, const std::string& text) {
    json::Document document;
    const json::Value m = *document.parse(std::string_view(text));
    const auto id = m.find("id");
    const auto method = m.find("method");
    if (method && !id) return {method->text() + " succeeded/success"};
    if (method) {
      open_[key(direction, id->raw())] = method->text();
      if (!staged(direction, m)) return {};
      return {method->text() + " initiated/pending"};
    }
    const auto asked = open_.find(key(mcp::opposite(direction), id->raw()));
    if (asked == open_.end()) return {"mcp-unmatched-response failed/unknown"};
    std::vector<std::string> out{asked->second + outcome(m)};
    if (asked->second == "tools/list") served(m, out);
    open_.erase(asked);
    return out;
  }
  [[nodiscard]] std::size_t open() const { return open_.size(); }

 private:
  static std::string key(mcp::Direction direction, std::string_view id) {
    return std::string(mcp::direction_name(direction)) + std::string(id);
  }
  bool staged(mcp::Direction direction, json::Value m) {
    if (direction != mcp::Direction::c2s) return false;
    const std::string method = m.find("method")->text();
    if (method == "tools/call")
      return !read_only_.contains(m.find_path({"params", "name"})->text());
    return method == "tasks/update" || method == "tasks/cancel" || method == "subscriptions/listen";
  }
  static std::string outcome(json::Value m) {
    if (const auto code = m.find_path({"error", "code"})) {
      return code->raw() == "-32603" ? " failed/error" : " failed/failure";
    }
    const auto flag = m.find_path({"result", "isError"});
    if (flag && flag->is_true()) return " failed/failure";
    const auto type = m.find_path({"result", "resultType"});
    const bool deferred = (type && type->text() != "complete") || m.find_path({"result", "task"});
    return deferred ? " succeeded/deferred" : " succeeded/success";
  }
  void served(json::Value m, std::vector<std::string>& out) {
    for (const json::Value tool : m.find_path({"result", "tools"})->children()) {
      const std::string name = tool.find("name")->text();
      const auto [known, fresh] = definitions_.emplace(name, tool.raw());
      if (!fresh && known->second != tool.raw()) {
        out.emplace_back("mcp-tool-definition succeeded/success");
        changed_.insert(name);
      }
      const auto hint = tool.find_path({"annotations", "readOnlyHint"});
      read_only_.erase(name);
      if (hint && hint->is_true() && !changed_.contains(name)) read_only_.insert(name);
    }
  }

  std::map<std::string, std::string> open_, definitions_;
  std::set<std::string> read_only_, changed_;
};

class Sessions : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Wire, Sessions, testing::Values("everything", "filesystem", "modern"));

TEST_P(Sessions, EveryFrameGivesExactlyItsRecords) {
  Harness h;
  Oracle oracle;
  for (const mcp::WireFrame& frame : mcp::wire_frames(GetParam())) {
    h.all.clear();
    const Observation o = h.line(frame.direction, frame.text);
    EXPECT_EQ(h.all_briefs(), oracle.of(frame.direction, frame.text)) << frame.text;
    EXPECT_EQ(o.must_wait,
              !o.before.empty() && h.last().at("details.method") != "subscriptions/listen")
        << frame.text;
    EXPECT_EQ(o.refusal.empty(), !o.must_wait);
  }
  EXPECT_EQ(h.recorder.open_exchanges(), oracle.open());
  ExitInfo exit;
  exit.code = 0;
  const auto last = h.recorder.on_process_exit(exit, h.now());
  EXPECT_EQ(last.size(), oracle.open() + 1);
}

TEST_P(Sessions, RecordsAreValidAndTogether) {
  Harness h;
  for (const mcp::WireFrame& frame : mcp::wire_frames(GetParam()))
    h.line(frame.direction, frame.text);
  ExitInfo exit;
  exit.code = 0;
  h.add(h.recorder.on_process_exit(exit, h.now()));
  std::set<std::string> ids;
  std::map<std::string, std::vector<const Seen*>> interactions;
  for (const Seen& s : h.all) {
    const auto decoded = event::decode(s.json);
    ASSERT_TRUE(decoded.has_value()) << s.json;
    EXPECT_EQ(decoded->event, s.event);
    EXPECT_TRUE(ids.insert(s.at("event_id")).second);
    EXPECT_EQ(s.at("instance"), "instance-1");
    EXPECT_EQ(s.at("details.transport"), "stdio");
    if (!s.at("details.method").empty()) interactions[s.at("interaction_id")].push_back(&s);
  }
  for (const auto& [id, records] : interactions) {
    ASSERT_LE(records.size(), 2U);
    if (records.size() == 1) {
      EXPECT_NE(records[0]->at("status"), "initiated") << records[0]->json;
      continue;
    }
    EXPECT_EQ(records[0]->at("status"), "initiated");
    EXPECT_EQ(records[0]->at("details.arguments"), records[1]->at("details.arguments"));
    EXPECT_EQ(records[0]->at("details.jsonrpc_id"), records[1]->at("details.jsonrpc_id"));
    EXPECT_EQ(records[0]->at("target_id"), records[1]->at("target_id"));
  }
}

TEST_P(Sessions, NothingSensitiveGetsIn) {
  Harness h;
  std::set<std::string> secrets{"hunter2", "sekrit", "ada@example.com\"",
                                "an answer made by the test"};
  for (const mcp::WireFrame& frame : mcp::wire_frames(GetParam())) {
    json::Document document;
    const json::Value m = *document.parse(std::string_view(frame.text));
    for (const auto path : {"params", "result"}) {
      for (const auto name : {"requestState", "taskId"}) {
        const auto value = m.find_path({path, name});
        if (value && value->text() != "no-such-task") secrets.insert(value->text());
      }
    }
    // Text that a tool answered may repeat what it was asked; that is the tool's result and not a
    // secret by nature.
    h.all.clear();
    h.line(frame.direction, frame.text);
    for (const Seen& s : h.all) {
      const bool result_text = s.at("details.method") == "tools/call";
      for (const std::string& secret : secrets) {
        if (result_text && (secret.starts_with("ada") || secret.starts_with("an answer") ||
                            s.at("details.result.preview").find(secret) != std::string::npos)) {
          continue;
        }
        EXPECT_FALSE(s.says(secret)) << secret << " in " << s.json;
      }
    }
  }
}

/// One completed call, whole, as it stands in the log.
TEST(Recorder, ACompletedCallAsAWhole) {
  Harness h;
  h.initialize("2025-11-25");
  h.serve_tools();
  h.c2s(
      R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"look",)"
      R"("arguments":{"path":"/etc/shadow","n":1.50,"token":"abc"},"_meta":{"progressToken":"p"}}})");
  h.s2c(
      R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p","progress":1}})");
  h.wait(std::chrono::microseconds{1412});
  h.all.clear();
  h.s2c(
      R"({"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"Access denied"}],"isError":true}})");
  ASSERT_EQ(h.all.size(), 1U);
  const Seen& s = h.last();
  const std::string want =
      R"({"timestamp":"2026-11-21T21:03:20.008412Z","event_id":")" + s.at("event_id") +
      R"(","event_name":"mcp-tool-execution","event_type":"mcp","event_action":"execute",)"
      R"("event_result":"failure","status":"failed","interaction_id":")" +
      s.at("interaction_id") +
      R"(","instance":"instance-1","source":"wrap","severity":"warning","severity_level":"medium",)"
      R"("actor_id":"jane","actor_type":"user","actor_verified":true,"target_type":"tool",)"
      R"("target_id":"files/look","target_name":"look","session_id":"hmac:k:session","duration_ms":3.412,)"
      R"("details":{"transport":"stdio","direction":"c2s","method":"tools/call","jsonrpc_id":7,)"
      R"("protocol_version":"2025-11-25","server":{"name":"files","version":"0.2.0"},)"
      R"("client":{"name":"ide","version":"2.1"},"tool_definition":")" +
      s.at("details.tool_definition") +
      R"(","progress_token":"p","arguments":{"path":"/etc/shadow","n":1.50,"token":"[redacted]"},)"
      R"("progress_notifications":1,"outcome":{"rpc_error":null,"is_error":true},)"
      R"("result":{"preview":"Access denied","bytes":67,"digest":")" +
      s.at("details.result.digest") +
      R"("}},"error_message":"Access denied",)"
      R"("redactions":[{"path":"details.arguments.token","rule":"key:token","action":"mask"}]})";
  EXPECT_EQ(s.json, want);
  EXPECT_TRUE(s.at("details.tool_definition").starts_with("sha256:"));
  EXPECT_TRUE(s.at("details.result.digest").starts_with("sha256:"));
}

TEST(Recorder, ProcessStartAndExit) {
  Harness h;
  StartInfo info;
  info.arguments = {"npx", "-y", "server", "--api-key", "sk-123456", "--token=abcdef"};
  info.environment_names = {"HOME", "PATH"};
  info.working_directory = "/srv";
  info.pid = 42;
  info.uid = 1000;
  info.user_name = "jane";
  const Seen start(h.recorder.on_process_start(info, std::nullopt, h.now()));
  EXPECT_EQ(start.at("event_name"), "mcp-server-start");
  EXPECT_EQ(start.at("details.pid"), "42");
  EXPECT_FALSE(start.says("sk-123456"));
  EXPECT_FALSE(start.says("abcdef"));
  h.c2s(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}})");
  h.recorder.on_program_hashed({.bytes = 9, .sha256 = std::string(64, 'a'), .error = {}});
  ExitInfo exit;
  exit.signal = 9;
  exit.exit_status = 137;
  h.wait(std::chrono::seconds{2});
  const auto last = seen(h.recorder.on_process_exit(exit, h.now()));
  ASSERT_EQ(last.size(), 2U);
  EXPECT_EQ(last[0].brief(), "tools/call failed/unknown");
  EXPECT_EQ(last[0].at("details.outcome.reason"), "process_exit");
  EXPECT_EQ(last[1].brief(), "mcp-server-exit failed/failure");
  EXPECT_EQ(last[1].at("details.signal"), "9");
  EXPECT_EQ(last[1].at("details.executable_digest"), "sha256:" + std::string(64, 'a'));
  EXPECT_EQ(last[1].at("duration_ms"), "2001");
}

TEST(Recorder, AStartThatFailed) {
  Harness h;
  StartInfo info;
  info.arguments = {"nope"};
  const Seen s(h.recorder.on_start_failed(info, "nope: not found", 127, h.now()));
  EXPECT_EQ(s.brief(), "mcp-server-start failed/failure");
  EXPECT_EQ(s.at("error_message"), "nope: not found");
  EXPECT_EQ(s.at("details.exit_status"), "127");
}

TEST(Recorder, WhoeverIsGoneAnswersNothing) {
  Harness h;
  h.c2s(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  h.s2c(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  const auto client = seen(h.recorder.on_client_gone(h.now()));
  ASSERT_EQ(client.size(), 1U);
  EXPECT_EQ(client[0].at("details.direction"), "s2c");
  EXPECT_EQ(client[0].at("details.outcome.reason"), "client_gone");
  const auto server = seen(h.recorder.on_server_gone(h.now()));
  ASSERT_EQ(server.size(), 1U);
  EXPECT_EQ(server[0].at("details.outcome.reason"), "server_gone");
  EXPECT_EQ(h.recorder.open_exchanges(), 0U);
}

TEST(Recorder, AGapIsARecordAndThenEmpty) {
  Harness h;
  h.c2s(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  Gap gap;
  gap.add(h.last().event);
  gap.add(h.last().event);
  const Seen s(h.recorder.gap_event(gap, h.now()));
  EXPECT_EQ(s.brief(), "audit-gap failed/error");
  EXPECT_EQ(s.at("details.count"), "2");
  EXPECT_EQ(s.at("details.by_method"), R"({"notifications/initialized":2})");
  EXPECT_EQ(s.at("details.from"), h.last().at("timestamp"));
  EXPECT_TRUE(gap.empty());
}

}  // namespace
}  // namespace tally::record
