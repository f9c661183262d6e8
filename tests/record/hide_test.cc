// SPDX-License-Identifier: Apache-2.0
#include "record/hide.h"

#include "base/json.h"

#include <gtest/gtest.h>

#include <random>

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

TEST(MayNeedHiding, AsASearchForEachKeySays) {
  std::mt19937 random(3);
  const std::string letters = "abdeghilmorstuyPISk\\\"";
  for (const auto rules :
       {hides_of_requests(), hides_of_tasks(), hides_of_answers(), hides_of_results(),
        hides_of_everything(), std::span<const HideRule>()}) {
    std::size_t needed = 0;
    for (int i = 0; i < 20'000; ++i) {
      std::string text(random() % 60, ' ');
      for (char& c : text) c = letters[random() % letters.size()];
      if (!rules.empty() && random() % 3 == 0) {
        text.insert(random() % (text.size() + 1), rules[random() % rules.size()].key);
      }
      text += '"';  // JSON does not end with an escape
      bool expected = text.find("\\u") != std::string::npos;
      for (const HideRule& rule : rules) {
        expected = expected || text.find(rule.key) != std::string::npos;
      }
      ASSERT_EQ(may_need_hiding(text, rules), expected) << text;
      needed += expected ? 1 : 0;
    }
    EXPECT_GT(needed, 500U);
  }
}

}  // namespace
}  // namespace tally::record
