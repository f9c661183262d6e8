// SPDX-License-Identifier: Apache-2.0
#include "record/hide.h"

#include "base/json.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

class HideTest : public testing::Test {
 protected:
  std::string hidden(std::string_view json, std::span<const HideRule> rules) {
    found.clear();
    return hide(json, rules, "d", digest, found);
  }
  redact::KeyedDigest digest{as_bytes("key")};
  std::vector<event::Redaction> found;
};

TEST_F(HideTest, HandlesStayComparable) {
  const std::string out = hidden(R"({"taskId":"t-1","n":1.0})", hides_of_results());
  EXPECT_EQ(out, R"({"taskId":")" + digest("t-1") + R"(","n":1.0})");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0], (event::Redaction{"d.taskId", "mcp:taskId", "hash"}));
  EXPECT_EQ(hidden(R"({"task\u0049d":"t-1"})", hides_of_results()),
            R"({"task\u0049d":")" + digest("t-1") + R"("})");
}

TEST_F(HideTest, MessagesAreSizeAndDigest) {
  const std::string out =
      hidden(R"({"a":[{"messages":[{"x":1}]}],"systemPrompt":"be kind"})", hides_of_requests());
  EXPECT_EQ(out, R"({"a":[{"messages":{"bytes":9,"digest":")" + digest(R"([{"x":1}])") +
                     R"("}}],"systemPrompt":{"bytes":9,"digest":")" + digest(R"("be kind")") +
                     R"("}})");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].path, "d.a[0].messages");
}

TEST_F(HideTest, QueriesOfUrls) {
  EXPECT_EQ(hidden(R"({"url":"https://x/y?code=1"})", hides_of_requests()),
            R"({"url":"https://x/y?[redacted]"})");
  EXPECT_EQ(hidden(R"({"url":"https://x/y#frag"})", hides_of_requests()),
            R"({"url":"https://x/y#[redacted]"})");
  EXPECT_EQ(hidden(R"({"url":"https://x/y"})", hides_of_requests()), R"({"url":"https://x/y"})");
}

TEST_F(HideTest, BlobsAreStringsOnly) {
  EXPECT_EQ(hidden(R"({"data":{"rows":[1]},"blob":null})", hides_of_results()),
            R"({"data":{"rows":[1]},"blob":null})");
  EXPECT_NE(hidden(R"({"blob":"AAAA"})", hides_of_results()).find("\"bytes\":6"),
            std::string::npos);
}

TEST_F(HideTest, AnswersAreHidden) {
  const std::string out =
      hidden(R"({"q":{"action":"accept","content":{"pin":"1"}}})", hides_of_answers());
  EXPECT_EQ(out.find("pin"), std::string::npos);
  EXPECT_NE(out.find("accept"), std::string::npos);
}

TEST_F(HideTest, EverythingElseIsCopied) {
  const std::string text = "{ \"a\" : [ 1e5 , \"content\" ] }";
  EXPECT_EQ(hidden(text, hides_of_results()), text);
  // Only white space between values may go when there is something to look for.
  EXPECT_EQ(hidden(text, hides_of_answers()), R"({"a":[1e5,"content"]})");
  EXPECT_TRUE(found.empty());
}

TEST_F(HideTest, WhatCannotBeLookedThroughIsOneDigest) {
  std::string text = "{\"content\":1,\"x\":[0";
  for (int i = 0; i < 70'000; ++i) text += ",0";
  text += "]}";
  const std::string out = hidden(text, hides_of_answers());
  EXPECT_EQ(out,
            "{\"bytes\":" + std::to_string(text.size()) + ",\"digest\":\"" + digest(text) + "\"}");
}

}  // namespace
}  // namespace tally::record
