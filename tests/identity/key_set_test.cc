// SPDX-License-Identifier: Apache-2.0
#include "identity/key_set.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "identity/jws.h"
#include "identity/jwt_keys.h"

#include <gtest/gtest.h>

namespace tally::identity {
namespace {

class KeySetTest : public testing::Test {
 protected:
  static const TestKey& ec() {
    static const TestKey kKey = TestKey::p256();
    return kKey;
  }
  static std::size_t used(std::initializer_list<std::string> keys) {
    const auto set = KeySet::parse(key_set_json(keys));
    return set ? set->keys().size() : 0;
  }
};

TEST_F(KeySetTest, KeysOfAllKinds) {
  const auto set = KeySet::parse(
      key_set_json({TestKey::rsa().jwk("r", R"("use":"sig","alg":"RS256",)"), ec().jwk("e"),
                    TestKey::p384().jwk("f", R"("key_ops":["verify"],)"),
                    TestKey::ed25519().jwk("d", R"("alg":"EdDSA",)")}));
  ASSERT_TRUE(set);
  ASSERT_EQ(set->keys().size(), 4U);
  EXPECT_EQ(set->keys()[0].id, "r");
  EXPECT_EQ(set->keys()[0].algorithm, crypto::JwsAlgorithm::rs256);
  EXPECT_EQ(set->keys()[1].key.kind(), crypto::PublicKey::Kind::p256);
  EXPECT_EQ(set->keys()[2].key.kind(), crypto::PublicKey::Kind::p384);
  EXPECT_EQ(set->keys()[3].key.kind(), crypto::PublicKey::Kind::ed25519);
}

/// RFC 7638, 3.1, whatever else stands in the key and in which order.
TEST_F(KeySetTest, ThumbprintOfTheStandard) {
  const std::string n =
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
      "BJECPebWKR"
      "XjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
      "FDW2QvzqY368QQMicAt"
      "aSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-"
      "bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPks"
      "INHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
  const auto set = KeySet::parse(R"({"keys":[{"kid":"2011-04-29","alg":"RS256","n":")" + n +
                                 R"(","kty":"RSA","e":"AQAB"}]})");
  ASSERT_TRUE(set);
  const std::string expected =
      to_hex(as_bytes(*from_canonical_base64url("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")));
  EXPECT_EQ(set->keys()[0].thumbprint, expected);
  EXPECT_EQ(set->keys()[0].mark(), expected + " 2011-04-29");
  EXPECT_TRUE(set->has(expected + " 2011-04-29"));
  EXPECT_FALSE(set->has(expected + " other"));
  const TestKey okp = TestKey::ed25519();
  const auto two = KeySet::parse(key_set_json({okp.jwk("a"), okp.jwk("b"), ec().jwk("a")}));
  ASSERT_EQ(two->keys().size(), 3U);
  EXPECT_EQ(two->keys()[0].thumbprint, two->keys()[1].thumbprint);
  EXPECT_NE(two->keys()[0].thumbprint, two->keys()[2].thumbprint);
}

TEST_F(KeySetTest, KeysThatAreOfNoUseAreLeftOut) {
  const std::string good = ec().jwk("good");
  const auto left_out = [&](const std::string& key) { return used({key, good}) == 1; };
  EXPECT_TRUE(left_out(R"({"kty":"oct","kid":"s","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"})"));
  EXPECT_TRUE(left_out(ec().jwk("e", R"("use":"enc",)")));
  EXPECT_TRUE(left_out(ec().jwk("e", R"("key_ops":["encrypt"],)")));
  EXPECT_TRUE(left_out(ec().jwk("e", R"("alg":"RS256",)"))) << "no EC key signs that";
  EXPECT_TRUE(left_out(ec().jwk("e", R"("alg":"HS256",)")));
  EXPECT_TRUE(left_out(ec().jwk("e", R"("alg":"none",)")));
  EXPECT_TRUE(left_out(ec().jwk("e", R"("kid":"f",)"))) << "which of the two?";
  EXPECT_TRUE(left_out(R"({"kty":"EC","crv":"P-521","x":"AA","y":"AA"})"));
  EXPECT_TRUE(left_out(R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})"));
  EXPECT_TRUE(left_out(R"({"kty":"RSA","n":"AQAB","e":"AQAB"})")) << "17 bits";
  EXPECT_TRUE(left_out("7"));
  EXPECT_TRUE(left_out("{}"));
}

TEST_F(KeySetTest, WhatIsNoSet) {
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"keys":{}})"),
        std::string(R"({"keys":[]})"), std::string("<html>"), key_set_json({"{}"}),
        R"({"keys":[],"keys":[)" + ec().jwk("a") + "]}",
        key_set_json({ec().jwk("a")}).substr(0, 60)}) {
    EXPECT_FALSE(KeySet::parse(text)) << text;
  }
  const auto huge =
      KeySet::parse(key_set_json({ec().jwk("a")}) + std::string(kKeySetBytesMax, ' '));
  ASSERT_FALSE(huge);
  EXPECT_EQ(huge.error().code, Errc::too_large);
}

TEST_F(KeySetTest, NumberOfKeysIsBounded) {
  std::string many;
  for (std::size_t i = 0; i < kKeySetKeysMax + 5; ++i) {
    many += (many.empty() ? "" : ",") + ec().jwk(std::to_string(i));
  }
  const auto set = KeySet::parse("{\"keys\":[" + many + "]}");
  ASSERT_TRUE(set);
  EXPECT_EQ(set->keys().size(), kKeySetKeysMax);
  EXPECT_EQ(set->left_out(), 5U);
}

}  // namespace
}  // namespace tally::identity
