// SPDX-License-Identifier: Apache-2.0
#include "identity/claims.h"

#include "identity/tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::identity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<std::string> kSub{"sub"};

Claims claims(std::string_view json, const std::vector<std::string>& actor_claims = kSub) {
  const auto read = read_claims(token(json), actor_claims);
  EXPECT_TRUE(read) << json;
  return read.value_or(Claims{});
}

TEST(Claims, OfAUser) {
  const Claims c =
      claims(R"({"iss":"https://id.example","sub":"jane","aud":["https://a.example/mcp","b"],)"
             R"("azp":"ide","scope":"files:read files:write","exp":1795300000,"jti":"t-1"})");
  EXPECT_EQ(c.actor, "jane");
  EXPECT_EQ(c.issuer, "https://id.example");
  EXPECT_EQ(c.client_id, "ide");
  EXPECT_EQ(c.scope, "files:read files:write");
  EXPECT_EQ(c.token_id, "t-1");
  EXPECT_EQ(c.algorithm, "RS256");
  EXPECT_THAT(c.audiences, ElementsAre("https://a.example/mcp", "b"));
  EXPECT_EQ(c.expires, WallTime{std::chrono::seconds{1795300000}});
  EXPECT_FALSE(c.is_client);
  EXPECT_FALSE(c.repeated);
  EXPECT_THAT(c.acting, IsEmpty());
}

TEST(Claims, ActorIsTheFirstConfiguredOneThatIsThere) {
  const std::vector<std::string> names{"email", "preferred_username", "sub"};
  EXPECT_EQ(claims(R"({"sub":"1","email":"jane@example.com"})", names).actor, "jane@example.com");
  EXPECT_EQ(claims(R"({"sub":"1","preferred_username":"jane"})", names).actor, "jane");
  EXPECT_EQ(claims(R"({"sub":"1","email":null})", names).actor, "1");
  EXPECT_EQ(claims(R"({"sub":17})").actor, "17");
  EXPECT_EQ(claims(R"({"sub":["a"]})").actor, "");
}

TEST(Claims, ClientCredentialsAreAService) {
  const std::pair<const char*, bool> cases[] = {
      {R"({"sub":"cron","client_id":"cron"})", true},
      {R"({"client_id":"cron"})", true},
      {R"({"sub":"abc@clients","gty":"client-credentials"})", true},
      {R"({"sub":"x","idtyp":"app"})", true},
      {R"({"sub":"jane","client_id":"ide"})", false},
      {R"({"sub":"jane"})", false},
  };
  for (const auto& [json, is_client] : cases) EXPECT_EQ(claims(json).is_client, is_client) << json;
}

TEST(Claims, ActingPartiesNearestFirst) {
  const Claims c = claims(
      R"({"sub":"jane","act":{"sub":"agent","act":{"client_id":"gateway","act":{"sub":7}}}})");
  EXPECT_THAT(c.acting, ElementsAre("agent", "gateway", "7"));
  std::string deep = R"({"sub":"jane","act":)";
  for (int i = 0; i < 40; ++i) deep += R"({"sub":"a","act":)";
  deep += "{}" + std::string(41, '}');
  EXPECT_EQ(claims(deep).acting.size(), 8U);
}

TEST(Claims, ARepeatedClaimIsSaid) {
  EXPECT_TRUE(claims(R"({"sub":"jane","sub":"root"})").repeated);
  EXPECT_TRUE(claims(R"({"sub":"jane","Sub":"root"})").repeated);
  EXPECT_TRUE(claims(R"({"sub":"jane","\u0073ub":"root"})").repeated);
}

TEST(Claims, TimesThatAreNone) {
  for (const char* json :
       {R"({"exp":"1795300000"})", R"({"exp":-5})", R"({"exp":1e99})",
        R"({"exp":99999999999999999999})", R"({"exp":1.7953e+09})", R"({"exp":null})"}) {
    EXPECT_FALSE(claims(json).expires) << json;
  }
  EXPECT_EQ(claims(R"({"exp":1795300000.5})").expires, WallTime{std::chrono::seconds{1795300000}});
}

TEST(Claims, WhatIsNoToken) {
  const std::string good = token(R"({"sub":"a"})");
  const std::string bad[] = {
      "",
      "opaque",
      "a.b",
      good + ".x.y",
      "." + good,
      base64url("{}") + ".." + base64url("x"),
      base64url("[]") + '.' + base64url("{}") + ".x",
      base64url("{}") + '.' + base64url("[]") + ".xx",
      base64url("{}") + '.' + base64url("{\"sub\":") + ".xx",
      base64url("{}") + '.' + base64url("{}") + ".x=",
      base64url("{}") + '.' + base64url("{}") + ".x",
      token("{\"sub\":\"" + std::string(40'000, 'a') + "\"}"),
  };
  for (const std::string& text : bad) EXPECT_FALSE(read_claims(text, kSub)) << text.substr(0, 60);
}

TEST(Claims, LongTextsAreCut) {
  EXPECT_EQ(claims(R"({"sub":")" + std::string(1000, 'a') + "\"}").actor.size(), 256U);
}

TEST(Base64Url, Decodes) {
  EXPECT_EQ(from_base64url(""), "");
  EXPECT_EQ(from_base64url("_-8"), "\xff\xef");
  EXPECT_EQ(from_base64url("YQ"), "a");
  for (const std::string_view bad : {"a", "YQ==", "a+b/", "a b", "abcde"}) {
    EXPECT_FALSE(from_base64url(bad)) << bad;
  }
}

}  // namespace
}  // namespace tally::identity
