// SPDX-License-Identifier: Apache-2.0
#include "access/token.h"

#include "access/moving_clock.h"

#include <gtest/gtest.h>

namespace tally::access {
namespace {

constexpr WallTime kTokenNow{std::chrono::seconds(1'800'000'000)};

TokenWish wish() {
  TokenWish out{"nightly export", Role::auditor, {}, kTokenNow + std::chrono::hours(24)};
  EXPECT_TRUE(out.scope.add("server=files"));
  return out;
}

TEST(Token, HasASecretOfWhichOnlyTheHashIsKept) {
  test::CountingRandom random;
  const NewToken token = make_token(wish(), kTokenNow, random);
  EXPECT_TRUE(looks_like_token(token.secret)) << token.secret;
  EXPECT_EQ(token.record.hash, token_hash(token.secret));
  EXPECT_EQ(format_record(token.record).find(token.secret.substr(6)), std::string::npos);
  // Known answer: printf '%s' tally_0001…1f | sha256sum
  EXPECT_EQ(token.secret, "tally_000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  EXPECT_EQ(token.record.hash, "2dd16f63e47e1aeab839ad29e82dd73884e0ab6f07f9bb8134dd903459f0e166");
  EXPECT_EQ(token.record.id, "202122232425");
}

TEST(Token, ARecordReadsBackAsItWasWritten) {
  test::CountingRandom random;
  const TokenRecord scoped = make_token(wish(), kTokenNow, random).record;
  const TokenRecord plain = make_token({"", Role::admin, {}, {}}, kTokenNow, random).record;
  for (const TokenRecord& record : {scoped, plain}) {
    const auto back = parse_record(format_record(record));
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_EQ(*back, record);
  }
  EXPECT_FALSE(scoped.expired(kTokenNow));
  EXPECT_TRUE(scoped.expired(kTokenNow + std::chrono::hours(24)));
  EXPECT_FALSE(plain.expired(WallTime::max()));
}

TEST(Token, ARecordThatCouldMeanMoreRightsIsRefused) {
  const std::string hash = R"(","hash":")" + std::string(64, 'a') + R"(")";
  const std::string good =
      R"({"id":"0123456789ab","role":"auditor","created":"2026-11-21T19:00:00Z)" + hash + "}";
  ASSERT_TRUE(parse_record(good)) << parse_record(good).error().detail;
  for (const std::string& bad : {
           std::string("[]"),
           R"({"id":"0123456789ab","created":"2026-11-21T19:00:00Z)" + hash + "}",
           R"({"id":"0123456789ab","role":"root","created":"2026-11-21T19:00:00Z)" + hash + "}",
           R"({"id":"0123456789ab","role":"auditor","role":"admin","x":"1)" + hash + "}",
           R"({"id":"0123456789ab","role":"auditor","only_from":"10.0.0.1)" + hash + "}",
           R"({"id":"0123456789ab","role":"auditor","scope":[],"created":"2026-11-21T19:00:00Z)" +
               hash + "}",
           R"({"id":"0123456789ab","role":"auditor","scope":"server=a)" + hash + "}",
           R"({"id":"0123456789ab","role":"auditor","expires":"never)" + hash + "}",
           R"({"id":"0123456789ab","role":"auditor","created":1)" + hash.substr(1) + "}",
           R"({"id":"x","role":"auditor)" + hash + "}",
           std::string(R"({"id":"0123456789ab","role":"auditor","hash":"abc"})"),
       }) {
    EXPECT_FALSE(parse_record(bad)) << bad;
  }
}

TEST(Token, OnlyTheExactFormLooksLikeOne) {
  const std::string good = "tally_" + std::string(64, '0');
  EXPECT_TRUE(looks_like_token(good));
  for (const std::string& bad :
       {std::string(), good + "0", good.substr(1), "tally_" + std::string(64, 'G'),
        "tally_" + std::string(64, 'A'), "Bearer " + good}) {
    EXPECT_FALSE(looks_like_token(bad)) << bad;
  }
}

}  // namespace
}  // namespace tally::access
