// SPDX-License-Identifier: Apache-2.0
#include "record/request_payload.h"

#include "redact/keyed_digest.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

class RequestPayloadTest : public testing::Test {
 protected:
  std::string captured(const std::string& method, const std::string& params,
                       RequestPayloadOptions options = {}) {
    const std::string text =
        R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}";
    Members members;
    redactions.clear();
    capture_params({digest, members, redactions}, reader.read(text).messages.front(),
                   mcp::category_of(method), options);
    return members.object();
  }
  redact::KeyedDigest digest{as_bytes("key")};
  mcp::MessageReader reader;
  std::vector<event::Redaction> redactions;
};

TEST_F(RequestPayloadTest, EveryMethodHasItsFields) {
  const std::pair<std::pair<const char*, const char*>, const char*> cases[] = {
      {{"tools/call", R"({"name":"x","arguments":{"a":1},"_meta":{"b":2}})"},
       R"({"arguments":{"a":1}})"},
      {{"tools/call", R"({"name":"x","task":{"ttl":5},"vendor":true})"},
       R"({"task_requested":{"ttl":5},"other_params":{"vendor":true}})"},
      {{"prompts/get", R"({"name":"x","arguments":{"city":"Oslo"}})"},
       R"({"arguments":{"city":"Oslo"}})"},
      {{"resources/read", R"({"uri":"a:b"})"}, R"({"uri":"a:b"})"},
      {{"resources/list", R"({"cursor":"c-1"})"}, R"({"cursor":"c-1"})"},
      {{"notifications/resources/updated", R"({"uri":"a:b"})"}, R"({"uri":"a:b"})"},
      {{"logging/setLevel", R"({"level":"info"})"}, R"({"level":"info"})"},
      {{"notifications/message", R"({"level":"info","logger":"l","data":{"x":1}})"},
       R"({"level":"info","logger":"l","arguments":{"data":{"x":1}}})"},
      {{"notifications/progress",
        R"({"progressToken":1,"progress":0.5,"total":2,"message":"half"})"},
       R"({"progress_token":1,"progress":0.5,"total":2,"message":"half"})"},
      {{"notifications/cancelled", R"({"requestId":"r","reason":"why"})"},
       R"({"cancelled_id":"r","reason":"why"})"},
      {{"subscriptions/listen", R"({"notifications":{"toolsListChanged":true}})"},
       R"({"arguments":{"notifications":{"toolsListChanged":true}}})"},
      {{"completion/complete",
        R"({"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a","value":"v"}})"},
       R"({"arguments":{"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a","value":"v"}}})"},
      {{"initialize",
        R"({"protocolVersion":"2025-11-25","capabilities":{"roots":{}},"clientInfo":{"name":"x"}})"},
       R"({"requested_version":"2025-11-25","capabilities":{"roots":{}}})"},
      {{"ping", "{}"}, "{}"},
      {{"vendor/x", R"({"a":[1,2]})"}, R"({"arguments":{"a":[1,2]}})"},
      {{"vendor/x", "[1,2]"}, R"({"arguments":[1,2]})"},
      {{"vendor/x", "7"}, R"({"arguments":7})"},
  };
  for (const auto& [in, want] : cases) EXPECT_EQ(captured(in.first, in.second), want) << in.first;
}

TEST_F(RequestPayloadTest, SensitiveByNature) {
  EXPECT_EQ(captured("tools/call", R"({"name":"x","requestState":"s-1"})"),
            R"({"request_state":")" + digest("s-1") + R"("})");
  EXPECT_EQ(captured("tasks/cancel", R"({"taskId":"t-1"})"),
            R"({"task":")" + digest("t-1") + R"("})");
  const std::string answers = captured(
      "tasks/update",
      R"({"taskId":"t-1","inputResponses":{"q":{"action":"accept","content":{"pin":"1"}}}})");
  EXPECT_EQ(answers.find("pin"), std::string::npos);
  EXPECT_NE(answers.find("accept"), std::string::npos);
  const std::string sampling =
      captured("sampling/createMessage",
               R"({"messages":[{"role":"user"}],"systemPrompt":"hush","maxTokens":5})");
  EXPECT_EQ(sampling.find("hush"), std::string::npos);
  EXPECT_EQ(sampling.find("role"), std::string::npos);
  EXPECT_NE(sampling.find(R"("maxTokens":5)"), std::string::npos);
  EXPECT_EQ(
      captured("elicitation/create",
               R"({"mode":"url","url":"https://x/y?code=z","message":"go","elicitationId":"e"})"),
      R"({"mode":"url","elicitation_id":"e","arguments":{"url":"https://x/y?[redacted]","message":"go"}})");
}

TEST_F(RequestPayloadTest, MetadataKeepsWhatIdentifies) {
  const RequestPayloadOptions metadata{.payloads = false};
  EXPECT_EQ(
      captured("tools/call", R"({"name":"x","arguments":{"a":1},"requestState":"s"})", metadata),
      R"({"request_state":")" + digest("s") + R"("})");
  EXPECT_EQ(captured("notifications/cancelled", R"({"requestId":4,"reason":"secret"})", metadata),
            R"({"cancelled_id":4})");
  EXPECT_EQ(captured("vendor/x", "[1]", metadata), "{}");
}

TEST_F(RequestPayloadTest, OfRepeatedMembersTheFirstCounts) {
  EXPECT_EQ(captured("tools/call", R"({"name":"x","arguments":{"a":1},"arguments":{"b":2}})"),
            R"({"arguments":{"a":1}})");
}

}  // namespace
}  // namespace tally::record
