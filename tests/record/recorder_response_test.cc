// SPDX-License-Identifier: Apache-2.0
// Outcomes: what responses mean, what follows from them, and what happens to a frame that was not
// passed on.
#include "record/harness.h"
#include "record/recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::record {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string request(std::string_view id, std::string_view method, std::string_view params = "{}") {
  return R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"method":")" + std::string(method) +
         R"(","params":)" + std::string(params) + "}";
}
std::string result(std::string_view id, std::string_view json) {
  return R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"result":)" + std::string(json) + "}";
}

struct OutcomeCase {
  const char* answer;
  const char* brief;
  const char* severity;
};

TEST(RecorderResponse, OutcomesOfACall) {
  const OutcomeCase cases[] = {
      {R"("result":{"content":[]})", "tools/call succeeded/success", "info"},
      {R"("result":{"content":[],"isError":true})", "tools/call failed/failure", "warning"},
      {R"("error":{"code":-32602,"message":"bad"})", "tools/call failed/failure", "warning"},
      {R"("error":{"code":-32603,"message":"broken"})", "tools/call failed/error", "error"},
      {R"("error":{"message":"no code"})", "tools/call failed/failure", "warning"},
      {R"("result":{"resultType":"input_required","inputRequests":{}})",
       "tools/call succeeded/deferred", "info"},
      {R"("result":{"resultType":"task","taskId":"t"})", "tools/call succeeded/deferred", "info"},
      {R"("result":{"task":{"taskId":"t","status":"working"}})", "tools/call succeeded/deferred",
       "info"},
  };
  for (const OutcomeCase& c : cases) {
    Harness h;
    h.c2s(request("1", "tools/call", R"({"name":"x"})"));
    h.all.clear();
    h.s2c(R"({"jsonrpc":"2.0","id":1,)" + std::string(c.answer) + "}");
    const auto last = std::find_if(h.all.begin(), h.all.end(),
                                   [](const Seen& s) { return !s.at("details.method").empty(); });
    ASSERT_NE(last, h.all.end());
    EXPECT_EQ(last->brief(), c.brief) << c.answer;
    EXPECT_EQ(last->at("severity"), c.severity) << c.answer;
  }
}

/// A task that has ended says so in the state that tasks/get and notifications bring.
TEST(RecorderResponse, OutcomesOfATask) {
  struct TaskCase {
    const char* state;
    const char* outcome;
    const char* severity;
    const char* error;
  };
  const TaskCase cases[] = {
      {R"("status":"working")", "succeeded/success", "debug", ""},
      {R"("status":"completed")", "succeeded/success", "debug", ""},
      {R"("status":"completed","result":{"content":[],"isError":false})", "succeeded/success",
       "debug", ""},
      {R"("status":"completed","result":{"isError":true,"content":[{"type":"text","text":"no"}]})",
       "failed/failure", "warning", nullptr},
      {R"("status":"failed","error":{"code":-32000,"message":"token=abc8 is bad"})",
       "failed/failure", "warning", "token=[redacted] is bad"},
      {R"("status":"failed","error":{"code":-32603,"message":"broken"})", "failed/error", "error",
       "broken"},
      {R"("status":"failed","statusMessage":"out of paper")", "failed/failure", "warning",
       "out of paper"},
      {R"("status":"cancelled")", "failed/unknown", "warning", ""},
      {R"("status":17)", "succeeded/success", "debug", ""},
  };
  for (const TaskCase& c : cases) {
    Harness h;
    const std::string state = R"({"taskId":"t",)" + std::string(c.state) + "}";
    h.c2s(request("1", "tasks/get", R"({"taskId":"t"})"));
    h.s2c(result("1", state));
    for (const char* method : {"notifications/tasks", "notifications/tasks/status"}) {
      h.s2c(R"({"jsonrpc":"2.0","method":")" + std::string(method) + R"(","params":)" + state +
            "}");
    }
    std::size_t told = 0;
    for (const Seen& s : h.all) {
      const std::string method = s.at("details.method");
      if (method.empty() || s.at("status") == "initiated") continue;
      ++told;
      EXPECT_EQ(s.brief(), method + ' ' + c.outcome) << c.state;
      EXPECT_EQ(s.at("severity"), c.severity) << c.state;
      if (c.error != nullptr) {
        EXPECT_EQ(s.at("error_message"), c.error) << method << c.state;
      }
    }
    EXPECT_EQ(told, 3U) << c.state;
  }
}

/// What a client's model or user answered stays hidden when its task failed.
TEST(RecorderResponse, AnswersInATaskOfTheClientStayHidden) {
  Harness h;
  h.s2c(request("1", "tasks/get", R"({"taskId":"t"})"));
  h.c2s(result("1", R"({"taskId":"t","status":"completed","result":{"isError":true,"x":"abc8"}})"));
  EXPECT_EQ(h.last().brief(), "tasks/get failed/failure");
  EXPECT_EQ(h.last().at("details.result").find("abc8"), std::string::npos);
  EXPECT_EQ(h.last().at("error_message"), "");
}

TEST(RecorderResponse, CancellingATaskSucceeds) {
  Harness h;
  h.c2s(request("1", "tasks/cancel", R"({"taskId":"t"})"));
  h.s2c(result("1", R"({"taskId":"t","status":"cancelled"})"));
  EXPECT_EQ(h.last().brief(), "tasks/cancel succeeded/success");
}

TEST(RecorderResponse, SeverityOfSuccessByMethod) {
  for (const auto& [method, severity] : {std::pair("resources/read", "info"),
                                         {"prompts/get", "info"},
                                         {"tools/list", "debug"},
                                         {"ping", "debug"},
                                         {"logging/setLevel", "debug"},
                                         {"completion/complete", "debug"}}) {
    Harness h;
    h.c2s(request("1", method, R"({"name":"x","uri":"a:b"})"));
    h.s2c(result("1", "{}"));
    EXPECT_EQ(h.last().at("severity"), severity) << method;
  }
}

TEST(RecorderResponse, AnAnswerToNothing) {
  Harness h;
  h.s2c(result("9", R"({"content":[{"text":"private"}]})"));
  EXPECT_THAT(h.all_briefs(), ElementsAre("mcp-unmatched-response failed/unknown"));
  EXPECT_EQ(h.last().at("details.outcome.reason"), "no_request");
  EXPECT_EQ(h.last().at("details.jsonrpc_id"), "9");
  EXPECT_FALSE(h.last().says("private"));
  h.all.clear();
  h.c2s(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}})");
  EXPECT_THAT(h.all_briefs(), ElementsAre("mcp-unmatched-response failed/unknown"));
  h.all.clear();
  h.c2s(R"({"jsonrpc":"2.0","result":{}})");
  EXPECT_THAT(h.all_briefs(), ElementsAre("mcp-protocol-violation failed/failure",
                                          "mcp-unmatched-response failed/unknown"));
}

TEST(RecorderResponse, ErrorsForPeopleAreRedacted) {
  Harness h;
  h.c2s(
      request("1", "resources/read", R"({"uri":"https://u:pw12345@host/x?access_token=sekrit"})"));
  h.s2c(
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no https://u:pw12345@host/x?access_token=sekrit here","data":{"password":"sekrit"}}})");
  EXPECT_FALSE(h.last().says("sekrit")) << h.last().json;
  EXPECT_FALSE(h.last().says("pw12345")) << h.last().json;
  EXPECT_EQ(h.last().at("details.outcome.rpc_error"), "-32602");
  EXPECT_EQ(h.last().at("target_type"), "resource");
}

TEST(RecorderResponse, AChangedDefinitionHasBeforeAndAfterAndIsNoLongerTrusted) {
  Harness h;
  h.initialize("2025-11-25");
  h.serve_tools();
  h.c2s(request("1", "tools/list"));
  h.s2c(result(
      "1",
      R"({"tools":[{"name":"look","description":"and deletes","inputSchema":{},"annotations":{"readOnlyHint":true}},{"name":"act","inputSchema":{}}]})"));
  ASSERT_THAT(h.all_briefs(),
              ElementsAre("tools/list succeeded/success", "mcp-tool-definition succeeded/success"));
  const Seen change = h.last();
  EXPECT_EQ(change.at("details.change"), "changed");
  EXPECT_EQ(change.at("details.changed_fields"), R"(["description"])");
  EXPECT_EQ(change.at("old_values"), R"({"description":null})");
  EXPECT_EQ(change.at("new_values"), R"({"description":"and deletes"})");
  EXPECT_EQ(change.at("target_id"), "files/look");
  EXPECT_EQ(change.at("severity"), "warning");
  h.all.clear();
  EXPECT_TRUE(h.c2s(request("2", "tools/call", R"({"name":"look"})")).must_wait);
  EXPECT_EQ(h.last().at("details.tool_definition"), change.at("details.definition"));
}

TEST(RecorderResponse, RemovedAndAddedTools) {
  Harness h;
  h.initialize("2025-11-25");
  h.serve_tools();
  h.c2s(request("1", "tools/list"));
  h.s2c(result(
      "1",
      R"({"tools":[{"name":"look","inputSchema":{},"annotations":{"readOnlyHint":true}},{"name":"new"}]})"));
  ASSERT_EQ(h.all.size(), 3U);
  EXPECT_EQ(h.all[1].at("details.change"), "added");
  EXPECT_EQ(h.all[1].at("target_name"), "new");
  EXPECT_EQ(h.all[2].at("details.change"), "removed");
  EXPECT_EQ(h.all[2].at("target_name"), "act");
  // A page of a longer list says nothing about what is not on it.
  h.all.clear();
  h.c2s(request("2", "tools/list"));
  h.s2c(result("2", R"({"tools":[{"name":"new"}],"nextCursor":"c"})"));
  EXPECT_THAT(h.all_briefs(), ElementsAre("tools/list succeeded/success"));
  h.c2s(request("3", "tools/list", R"({"cursor":"c"})"));
  h.s2c(result("3", R"({"tools":[]})"));
  EXPECT_EQ(h.last().at("details.change"), "removed");
  EXPECT_EQ(h.last().at("target_name"), "look");
}

TEST(RecorderResponse, OddDefinitions) {
  Harness h;
  h.initialize("2025-11-25");
  h.c2s(request("1", "tools/list"));
  h.s2c(result(
      "1",
      R"({"tools":[{"name":"a","annotations":{"readOnlyHint":true}},{"name":"a"},{"title":"x"},{"name":"d","x":1,"x":2,"annotations":{"readOnlyHint":true}},5]})"));
  const auto violation = std::find_if(h.all.begin(), h.all.end(), [](const Seen& s) {
    return s.at("event_name") == "mcp-protocol-violation";
  });
  ASSERT_NE(violation, h.all.end());
  for (const char* kind : {"duplicate_tool", "unnamed_tool", "uncanonical_tool"}) {
    EXPECT_TRUE(violation->says(kind)) << kind;
  }
  const auto list = std::find_if(h.all.begin(), h.all.end(), [](const Seen& s) {
    return s.brief().starts_with("tools/list succeeded");
  });
  ASSERT_NE(list, h.all.end());
  EXPECT_NE(list->at("interaction_id"), "");
  EXPECT_EQ(violation->at("interaction_id"), list->at("interaction_id"));
  EXPECT_TRUE(h.c2s(request("2", "tools/call", R"({"name":"a"})")).must_wait);
  EXPECT_TRUE(h.c2s(request("3", "tools/call", R"({"name":"d"})")).must_wait);
}

TEST(RecorderResponse, ARetryBelongsToItsFirstCall) {
  Harness h;
  const std::string call =
      R"({"name":"deploy","arguments":{"env":"prod"},)" + std::string(kStateless);
  h.c2s(request("1", "tools/call", call + "}"));
  const std::string first = h.last().at("interaction_id");
  h.s2c(result("1", R"({"resultType":"input_required","inputRequests":{},"requestState":"st-1"})"));
  EXPECT_EQ(h.last().at("flow_id"), first);
  EXPECT_FALSE(h.last().says("st-1"));
  h.c2s(request(
      "2", "tools/call",
      call +
          R"(,"requestState":"st-1","inputResponses":{"q":{"action":"accept","content":{"code":"9"}}}})"));
  EXPECT_EQ(h.last().at("flow_id"), first);
  EXPECT_FALSE(h.last().says("st-1"));
  EXPECT_EQ(h.last().at("details.request_state"), h.digest("st-1"));
  h.s2c(result("2", R"({"resultType":"input_required","requestState":"st-2"})"));
  h.c2s(request("3", "tools/call", call + R"(,"requestState":"st-2"})"));
  EXPECT_EQ(h.last().at("flow_id"), first);
  h.c2s(request("4", "tools/call", call + R"(,"requestState":"forged"})"));
  EXPECT_EQ(h.last().at("flow_id"), "");
}

TEST(RecorderResponse, ARetryWithoutStateIsKnownByItsCall) {
  Harness h;
  const std::string call = R"({"name":"ask","arguments":{"q":1},)" + std::string(kStateless);
  h.c2s(request("1", "tools/call", call + "}"));
  const std::string first = h.last().at("interaction_id");
  h.s2c(result("1", R"({"resultType":"input_required","inputRequests":{}})"));
  h.c2s(request("2", "tools/call", call + R"(,"inputResponses":{}})"));
  EXPECT_EQ(h.last().at("flow_id"), first);
  h.c2s(request("3", "tools/call",
                R"({"name":"ask","arguments":{"q":2},)" + std::string(kStateless) +
                    R"(,"inputResponses":{}})"));
  EXPECT_EQ(h.last().at("flow_id"), "");
}

TEST(RecorderResponse, ATaskBelongsToTheCallThatMadeIt) {
  Harness h;
  h.initialize("2025-11-25");
  h.c2s(request("1", "tools/call", R"({"name":"slow","task":{"ttl":5}})"));
  const std::string first = h.last().at("interaction_id");
  h.s2c(result("1", R"({"task":{"taskId":"t-77","status":"working"}})"));
  EXPECT_EQ(h.last().brief(), "tools/call succeeded/deferred");
  EXPECT_EQ(h.last().at("details.task"), h.digest("t-77"));
  h.s2c(
      R"({"jsonrpc":"2.0","method":"notifications/tasks/status","params":{"taskId":"t-77","status":"working"}})");
  EXPECT_EQ(h.last().at("flow_id"), first);
  h.s2c(
      R"({"jsonrpc":"2.0","id":5,"method":"elicitation/create","params":{"message":"?","_meta":{"io.modelcontextprotocol/related-task":{"taskId":"t-77"}}}})");
  h.c2s(result("5", R"({"action":"accept","content":{"who":"me"}})"));
  EXPECT_EQ(h.last().at("flow_id"), first);
  EXPECT_EQ(h.last().at("details.user_action"), "accept");
  EXPECT_FALSE(h.last().says("who"));
  h.c2s(request("2", "tasks/result", R"({"taskId":"t-77"})"));
  h.s2c(result("2", R"({"content":[{"type":"text","text":"done"}],"isError":true})"));
  EXPECT_EQ(h.last().brief(), "tasks/result failed/failure");
  EXPECT_EQ(h.last().at("flow_id"), first);
  EXPECT_EQ(h.last().at("target_type"), "task");
  for (const Seen& s : h.all) EXPECT_FALSE(s.says("t-77")) << s.json;
}

TEST(RecorderResponse, NotForwardedIsDenied) {
  Harness h;
  Observation o = h.c2s(request("1", "tools/call", R"({"name":"act"})"));
  const auto closed = seen(h.recorder.not_forwarded(std::move(o), h.now()));
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].brief(), "tools/call failed/denied");
  EXPECT_EQ(closed[0].at("severity"), "warning");
  EXPECT_EQ(closed[0].at("details.outcome"), R"({"reason":"not_forwarded"})");
  EXPECT_EQ(closed[0].at("interaction_id"), h.all[0].at("interaction_id"));
  EXPECT_EQ(h.recorder.open_exchanges(), 0U);
}

TEST(RecorderResponse, ARefusedBatchIsRefusedWhole) {
  Harness h;
  h.c2s(request("9", "ping"));
  h.all.clear();
  Observation o = h.c2s(
      R"([{"jsonrpc":"2.0","id":1,"method":"tools/list"},{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"act"}},)"
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9}}])");
  const auto closed = seen(h.recorder.not_forwarded(std::move(o), h.now()));
  ASSERT_EQ(closed.size(), 3U);
  EXPECT_EQ(closed[0].brief(), "tools/list failed/denied");
  EXPECT_EQ(closed[1].brief(), "tools/call failed/denied");
  EXPECT_EQ(closed[2].brief(), "notifications/cancelled failed/denied");
  EXPECT_EQ(closed[2].at("details.outcome.reason"), "not_forwarded");
  // The cancellation never arrived, so the ping is as open as before.
  h.wait(std::chrono::hours{1});
  EXPECT_THAT(h.recorder.on_tick(h.now()), IsEmpty());
  EXPECT_EQ(h.recorder.open_exchanges(), 1U);
}

TEST(RecorderResponse, AnUnparsedLineThatWasNotForwarded) {
  Harness h;
  Observation o = h.c2s("{nonsense");
  EXPECT_EQ(o.refusal,
            "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32603,\"message\":\"Internal "
            "error\"}}\n");
  const auto closed = seen(h.recorder.not_forwarded(std::move(o), h.now()));
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].brief(), "mcp-unparsed failed/denied");
}

TEST(RecorderResponse, ADayIsTooLong) {
  Harness h;
  h.c2s(request("1", "tools/call", R"({"name":"act"})"));
  h.wait(kPendingAgeMax);
  const auto closed = seen(h.recorder.on_tick(h.now()));
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].at("details.outcome.reason"), "expired");
}

TEST(RecorderResponse, LargeResults) {
  Harness h;
  h.c2s(request("1", "tools/call", R"({"name":"act"})"));
  h.s2c(result("1", R"({"content":[{"type":"text","text":")" +
                        std::string(kWholePayloadBytesMax / 2, 'z') + R"("}]})"));
  EXPECT_EQ(h.last().at("details.result.preview").size(), kResultPreviewBytesMax);
  EXPECT_TRUE(h.last().at("details.result.digest").starts_with("sha256:"));
  h.c2s(request("2", "tools/call", R"({"name":"act"})"));
  h.s2c(result("2",
               R"({"content":[{"type":"text","text":")" + std::string(5 << 20, 'z') + R"("}]})"));
  EXPECT_EQ(h.last().at("details.result.preview").size(), kResultPreviewBytesMax);
  EXPECT_TRUE(h.last().at("details.result.digest").starts_with("hmac:"));
  EXPECT_EQ(h.last().brief(), "tools/call succeeded/success");
}

TEST(RecorderResponse, AResultFullOfControlCharactersStillFits) {
  Harness h;
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += "\\u0001";
  h.c2s(request("1", "tools/call",
                R"({"name":"act","arguments":{"a":")" + text.substr(0, 15'000) + R"("}})"));
  h.s2c(result("1", R"({"content":[{"type":"text","text":")" + text + R"("}],"isError":true})"));
  EXPECT_LT(h.last().json.size(), kEntryBytesMax);
}

}  // namespace
}  // namespace tally::record
