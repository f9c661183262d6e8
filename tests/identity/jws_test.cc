// SPDX-License-Identifier: Apache-2.0
#include "identity/jws.h"

#include "base/limits.h"
#include "identity/tokens.h"

#include <gtest/gtest.h>

namespace tally::identity {
namespace {

JwsFault fault(std::string_view header, std::string_view payload = "{}") {
  Jws out;
  return parse_jws(base64url(header) + '.' + base64url(payload) + ".c2ln", out);
}

TEST(Jws, TakesATokenApart) {
  const std::string token =
      base64url(R"({"alg":"ES256","kid":"a/b","typ":"at+jwt"})") + '.' + base64url("{}") + ".c2ln";
  Jws out;
  ASSERT_EQ(parse_jws(token, out), JwsFault::none);
  EXPECT_EQ(out.algorithm, "ES256");
  EXPECT_EQ(out.key_id, "a/b");
  EXPECT_EQ(out.payload, "{}");
  EXPECT_EQ(out.signature, "sig");
  EXPECT_EQ(out.signed_part, token.substr(0, token.rfind('.')));
}

TEST(Jws, WhatIsNoToken) {
  Jws out;
  for (const std::string& text :
       {std::string(), std::string("a.b"), std::string("a.b.c.d"), std::string("e30.e30"),
        std::string("e30=.e30.c2ln"), std::string("e30.e30.c2ln\n"), std::string("e 30.e30.c2ln"),
        std::string("W10.e30.c2ln"), std::string("e30.e30.c2ln"),  // a list; no alg
        std::string(kTokenBytesMax, 'a') + ".e30.c2ln"}) {
    EXPECT_EQ(parse_jws(text, out), JwsFault::malformed) << text.substr(0, 40);
  }
  EXPECT_EQ(fault(R"({"alg":null})"), JwsFault::malformed);
  EXPECT_EQ(fault(R"({"alg":["RS256"]})"), JwsFault::malformed);
  EXPECT_EQ(fault(R"({"alg":"RS256                     "})"), JwsFault::malformed);
  EXPECT_EQ(fault(R"({"alg":"RS256","kid":7})"), JwsFault::malformed);
  EXPECT_EQ(fault(R"({"alg":"RS256","kid":")" + std::string(kKeyIdBytesMax + 1, 'k') + "\"}"),
            JwsFault::malformed);
  EXPECT_EQ(fault(R"({"alg":"RS256","kid":")" + std::string(kKeyIdBytesMax, 'k') + "\"}"),
            JwsFault::none);
}

TEST(Jws, NothingThatTwoReadersUnderstandDifferently) {
  EXPECT_EQ(fault(R"({"alg":"none","alg":"RS256"})"), JwsFault::repeated_header);
  EXPECT_EQ(fault(R"({"alg":"RS256","\u0061lg":"none"})"), JwsFault::repeated_header);
  EXPECT_EQ(fault(R"({"alg":"RS256","ALG":"none"})"), JwsFault::repeated_header);
  EXPECT_EQ(fault(R"({"alg":"RS256","kid":"a","kid":"b"})"), JwsFault::repeated_header);
  EXPECT_EQ(fault(R"({"alg":"RS256","crit":["exp"],"exp":1})"), JwsFault::critical_header);
  EXPECT_EQ(fault(R"({"alg":"RS256","crit":[]})"), JwsFault::critical_header);
  EXPECT_EQ(fault(R"({"alg":"RS256","b64":false,"crit":["b64"]})"), JwsFault::critical_header);
}

TEST(Jws, Base64IsCanonical) {
  for (int c = 0; c < 256; ++c) {
    const std::string one(1, static_cast<char>(c));
    EXPECT_EQ(from_canonical_base64url(base64url(one)), one);
    EXPECT_EQ(from_canonical_base64url(base64url(one + one)), one + one);
  }
  // All last characters but one of each byte have bits that nobody reads.
  int two = 0;
  int three = 0;
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (const char last : kAlphabet) {
    two += from_canonical_base64url(std::string("A") + last).has_value() ? 1 : 0;
    three += from_canonical_base64url(std::string("AA") + last).has_value() ? 1 : 0;
  }
  EXPECT_EQ(two, 4);
  EXPECT_EQ(three, 16);
  EXPECT_FALSE(from_canonical_base64url("AAAAA"));
  EXPECT_FALSE(from_canonical_base64url("AA=="));
  EXPECT_FALSE(from_canonical_base64url("A+/A"));
}

}  // namespace
}  // namespace tally::identity
