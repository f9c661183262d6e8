// SPDX-License-Identifier: Apache-2.0
#include "record/refusal.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

std::string refusal(const std::string& text) {
  mcp::MessageReader reader;
  return refusal_for(reader.read(text));
}

TEST(Refusal, AnswersARequestWithItsRawId) {
  EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","id":"a\u0062","method":"tools/call"})"),
            "{\"jsonrpc\":\"2.0\",\"id\":\"a\\u0062\",\"error\":{\"code\":-32603,\"message\":"
            "\"Internal error\"}}\n");
}

TEST(Refusal, NobodyWaitsForAnAnswerToANotification) {
  EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","method":"tools/call"})"), "");
  EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","id":1,"result":{}})"), "");
}

TEST(Refusal, ABatchIsAnsweredAsABatch) {
  EXPECT_EQ(refusal(R"([{"jsonrpc":"2.0","id":1,"method":"a"},{"jsonrpc":"2.0","method":"b"},)"
                    R"({"jsonrpc":"2.0","id":2,"method":"c"}])"),
            "[{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32603,\"message\":\"Internal "
            "error\"}},{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":-32603,\"message\":"
            "\"Internal error\"}}]\n");
  EXPECT_EQ(refusal(R"([{"jsonrpc":"2.0","method":"b"}])"), "");
}

TEST(Refusal, WhatIsNoMessageIsAnsweredWithoutId) {
  EXPECT_EQ(refusal("not JSON"), refusal_without_id());
  EXPECT_NE(refusal_without_id().find("\"id\":null"), std::string::npos);
}

}  // namespace
}  // namespace tally::record
