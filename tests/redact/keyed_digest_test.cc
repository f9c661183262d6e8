// SPDX-License-Identifier: Apache-2.0
#include "redact/keyed_digest.h"

#include <gtest/gtest.h>

namespace tally::redact {
namespace {

TEST(KeyedDigest, IsHmacSha256) {
  // RFC 4231, test case 2.
  const KeyedDigest digest(as_bytes("Jefe"));
  EXPECT_EQ(digest("what do ya want for nothing?"),
            "hmac:" + digest.key_id() +
                ":5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(KeyedDigest, KeyIdNamesTheKey) {
  const KeyedDigest one(as_bytes("key one"));
  const KeyedDigest two(as_bytes("key two"));
  EXPECT_EQ(one.key_id().size(), 8U);
  EXPECT_EQ(one.key_id(), KeyedDigest(as_bytes("key one")).key_id());
  EXPECT_NE(one.key_id(), two.key_id());
  EXPECT_NE(one("x"), two("x"));
  EXPECT_NE(one("x"), one("y"));
}

TEST(KeyedDigest, InPartsAndEscapedAsAtOnce) {
  const KeyedDigest digest(as_bytes("key"));
  auto parts = digest.stream();
  parts.update("one ");
  parts.update("");
  parts.update("value");
  EXPECT_EQ(parts.finish(), digest("one value"));
  EXPECT_EQ(digest.of_json_string(""), digest(""));
  EXPECT_EQ(digest.of_json_string("plain"), digest("plain"));
  std::string body;
  std::string text;
  for (int i = 0; i < 20'000; ++i) {
    body += R"(x\u00e9\ud83d\ude00\n)";
    text += "x\xC3\xA9\xF0\x9F\x98\x80\n";
  }
  EXPECT_EQ(digest.of_json_string(body), digest(text));
}

TEST(KeyedDigest, PlainIsSha256) {
  EXPECT_EQ(plain_digest("abc"),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(PlainDigest, TextWithoutAString) {
  const PlainDigestText text = plain_digest_text("abc");
  EXPECT_EQ(std::string_view(text.data(), text.size()), plain_digest("abc"));
  EXPECT_EQ(plain_digest("abc"),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace tally::redact
