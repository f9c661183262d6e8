// SPDX-License-Identifier: Apache-2.0
#include "redact/payload.h"

#include <gtest/gtest.h>

namespace tally::redact {
namespace {

class PayloadTest : public ::testing::Test {
 protected:
  KeyedDigest digest_{as_bytes("key")};
  std::vector<event::Redaction> found_;
};

TEST_F(PayloadTest, SmallPayloadsStayWhole) {
  const Payload p =
      cap_json(R"({"a":1.50,"token":"t"})", "details.arguments", {64, 16}, digest_, found_);
  EXPECT_TRUE(p.whole);
  EXPECT_EQ(p.json, R"({"a":1.50,"token":"[redacted]"})");
  EXPECT_EQ(found_[0].path, "details.arguments.token");
}

TEST_F(PayloadTest, TheCapCountsTheRedactedText) {
  const std::string raw = R"({"token":")" + std::string(1000, 'x') + "\"}";
  EXPECT_TRUE(cap_json(raw, "a", {32, 16}, digest_, found_).whole);
}

TEST_F(PayloadTest, LargePayloadsGiveSizeDigestAndPreview) {
  const std::string raw = "[\"" + std::string(100, 'x') + "\"]";
  const Payload p = cap_json(raw, "a", {64, 10}, digest_, found_);
  EXPECT_FALSE(p.whole);
  EXPECT_EQ(p.json,
            R"({"bytes":104,"digest":")" + plain_digest(raw) + R"(","preview":"[\"xxxxxxxx"})");
  EXPECT_TRUE(found_.empty());
}

TEST_F(PayloadTest, DigestsAreKeyedWhenSomethingWasHidden) {
  const std::string raw = R"({"pin":"1234","a":")" + std::string(100, 'x') + "\"}";
  const Payload p = cap_json(raw, "a", {64, 19}, digest_, found_);
  EXPECT_EQ(p.json, R"({"bytes":121,"digest":")" + digest_(raw) +
                        R"(","preview":"{\"pin\":\"[redacted]\""})");
  EXPECT_EQ(found_.size(), 1U);
}

TEST_F(PayloadTest, TextsAreRedactedAndCutBetweenCharacters) {
  EXPECT_EQ(digest_object("aé Bearer s3cr3t", "p", 2, digest_, found_),
            R"({"bytes":17,"digest":")" + digest_("aé Bearer s3cr3t") + R"(","preview":"a"})");
  EXPECT_EQ(digest_object("plain", "p", 100, digest_, found_),
            R"({"bytes":5,"digest":")" + plain_digest("plain") + R"(","preview":"plain"})");
}

}  // namespace
}  // namespace tally::redact
