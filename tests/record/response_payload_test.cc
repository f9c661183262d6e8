// SPDX-License-Identifier: Apache-2.0
#include "record/response_payload.h"

#include "redact/keyed_digest.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

class ResponsePayloadTest : public testing::Test {
 protected:
  std::string captured(const std::string& method, const std::string& body,
                       mcp::Direction direction = mcp::Direction::c2s) {
    const std::string text = R"({"jsonrpc":"2.0","id":1,)" + body + "}";
    const mcp::Message& m = reader.read(text).messages.front();
    Members members;
    preview = capture_response({digest, members, redactions}, m, mcp::outcome_of(m, method),
                               mcp::category_of(method), direction);
    return members.object();
  }
  redact::KeyedDigest digest{as_bytes("key")};
  mcp::MessageReader reader;
  std::vector<event::Redaction> redactions;
  std::string preview;
};

TEST_F(ResponsePayloadTest, Lists) {
  const std::string out = captured(
      "prompts/list", R"("result":{"prompts":[{"name":"a"},{"name":"b"}],"nextCursor":"n"})");
  EXPECT_NE(out.find(R"("next_cursor":"n","count":2,"result":{)"), std::string::npos) << out;
  const std::string tools =
      captured("tools/list", R"("result":{"tools":[{"name":"a","description":"long"}]})");
  EXPECT_NE(tools.find(R"("count":1)"), std::string::npos);
  EXPECT_EQ(tools.find("long"), std::string::npos);
  EXPECT_NE(
      captured("roots/list", R"("result":{"roots":[]})", mcp::Direction::s2c).find(R"("count":0)"),
      std::string::npos);
}

TEST_F(ResponsePayloadTest, AToolMayAnswerWithToolsOfItsOwn) {
  captured("tools/call", R"("result":{"content":[{"type":"text","text":"see"}],"tools":[]})");
  EXPECT_EQ(preview, "see");
}

TEST_F(ResponsePayloadTest, TheHandshake) {
  const std::string out = captured(
      "initialize",
      R"("result":{"protocolVersion":"x","capabilities":{"tools":{}},"instructions":"long text"})");
  EXPECT_NE(out.find(R"("server_capabilities":{"tools":{}})"), std::string::npos);
  EXPECT_NE(out.find(digest("long text")), std::string::npos);
  EXPECT_EQ(out.find("long text"), std::string::npos);
}

TEST_F(ResponsePayloadTest, WhatUsersAndModelsAnswered) {
  const std::string sampled = captured(
      "sampling/createMessage",
      R"("result":{"role":"assistant","model":"m","stopReason":"endTurn","content":{"type":"text","text":"hush"}})",
      mcp::Direction::s2c);
  EXPECT_EQ(sampled.find("hush"), std::string::npos);
  EXPECT_NE(sampled.find(R"("model":"m","stop_reason":"endTurn")"), std::string::npos);
  const std::string answered =
      captured("elicitation/create", R"("result":{"action":"accept","content":{"pin":"1"}})",
               mcp::Direction::s2c);
  EXPECT_NE(answered.find(R"("user_action":"accept")"), std::string::npos);
  EXPECT_EQ(answered.find("pin"), std::string::npos);
  const std::string task =
      captured("tasks/result", R"("result":{"role":"assistant","content":{"text":"hush"}})",
               mcp::Direction::s2c);
  EXPECT_EQ(task.find("hush"), std::string::npos);
}

TEST_F(ResponsePayloadTest, WhatIsAskedBackIsHiddenWhereItIsSensitive) {
  captured(
      "tools/call",
      R"("result":{"resultType":"input_required","inputRequests":{"a":{"method":"sampling/createMessage","params":{"messages":[{"text":"hush"}]}},)"
      R"("b":{"method":"elicitation/create","params":{"message":"May I?","url":"https://x/?c=sekrit"}}},"requestState":"st"})");
  EXPECT_EQ(preview.find("hush"), std::string::npos);
  EXPECT_EQ(preview.find("sekrit"), std::string::npos);
  EXPECT_NE(preview.find("May I?"), std::string::npos);
  EXPECT_EQ(preview.find("\"st\""), std::string::npos);
}

TEST_F(ResponsePayloadTest, Errors) {
  EXPECT_EQ(captured("ping", R"("error":{"code":1,"message":"x"})"), "{}");
  EXPECT_EQ(captured("ping", R"("error":{"code":1,"message":"x","data":{"a":[1]}})"),
            R"({"error_data":{"a":[1]}})");
}

TEST_F(ResponsePayloadTest, NothingToSay) { EXPECT_EQ(captured("ping", R"("result":{})"), "{}"); }

}  // namespace
}  // namespace tally::record
