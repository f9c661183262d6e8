// SPDX-License-Identifier: Apache-2.0
#include "server/oidc.h"

#include "identity/jwt_keys.h"

#include <gtest/gtest.h>

namespace tally::server {
namespace {

using identity::Doubt;
using identity::TestKey;

constexpr WallTime kIssuedAt{std::chrono::seconds{1'795'295'000}};

class OidcTest : public ::testing::Test {
 protected:
  Oidc::Answer find(const std::string& claims) {
    identity::VerifierOptions options;
    options.expiry_needed = true;
    const Oidc oidc(std::make_shared<const identity::TokenVerifier>(
                        options, identity::source_of(identity::key_set_json({key_.jwk("k")}))),
                    {"roles", {"boss"}, {"law"}, {"gateway"}, ""}, "email");
    return oidc.find(key_.token("ES256", "k", claims), kIssuedAt);
  }
  TestKey key_ = TestKey::p256();
};

TEST_F(OidcTest, ClaimsBecomeAPrincipal) {
  const auto answer =
      find(R"({"iss":"i","sub":"s1","email":"jane@example.com","roles":["law"],"exp":1795295100})");
  ASSERT_TRUE(answer.principal) << answer.reason;
  EXPECT_EQ(answer.principal->name, "jane@example.com");
  EXPECT_EQ(answer.principal->role, access::Role::auditor);
  EXPECT_EQ(answer.principal->holder, access::Holder::user);
  EXPECT_EQ(answer.principal->ends, kIssuedAt + std::chrono::seconds(160));
  EXPECT_TRUE(answer.principal->id.starts_with("oidc:"));
  const auto same = find(R"({"iss":"i","sub":"s1","roles":["boss"],"exp":1795295200})");
  EXPECT_EQ(same.principal->id, answer.principal->id) << "the same person, another token";
  EXPECT_EQ(same.principal->name, "s1");
  const auto elsewhere = find(R"({"iss":"j","sub":"s1","roles":["boss"],"exp":1795295200})");
  EXPECT_NE(elsewhere.principal->id, answer.principal->id);
}

TEST_F(OidcTest, AProgramIsAService) {
  const auto answer =
      find(R"({"iss":"i","sub":"gw","client_id":"gw","roles":["gateway"],"exp":1795295100})");
  ASSERT_TRUE(answer.principal);
  EXPECT_EQ(answer.principal->holder, access::Holder::service);
  EXPECT_EQ(answer.principal->role, access::Role::writer);
}

TEST_F(OidcTest, WhatGivesNothing) {
  EXPECT_EQ(find(R"({"sub":"s","roles":["x"],"exp":1795295100})").reason, "no-role");
  EXPECT_EQ(find(R"({"sub":"s","roles":["x"],"exp":1795295100})").who, "s");
  EXPECT_EQ(find(R"({"roles":["boss"],"exp":1795295100})").reason, "no-subject");
  EXPECT_EQ(find(R"({"sub":"s","roles":["boss"]})").doubt, Doubt::no_expiry);
  EXPECT_EQ(find(R"({"sub":"s","roles":["boss"],"exp":1})").doubt, Doubt::expired);
  EXPECT_FALSE(find(R"({"sub":"s","roles":["boss"],"exp":1})").principal);
}

TEST_F(OidcTest, AGrantIsGoodUntilTheTokenEnds) {
  using access::Standing;
  const auto answer = find(R"({"iss":"i","sub":"s1","roles":["law"],"exp":1795295100})");
  ASSERT_TRUE(answer.principal) << answer.reason;
  const std::string grant = answer.principal->holds();
  ASSERT_TRUE(Oidc::is_grant(grant));
  const auto standing = [&](const std::string& of, WallTime now) {
    const Oidc oidc(std::make_shared<const identity::TokenVerifier>(
                        identity::VerifierOptions{},
                        identity::source_of(identity::key_set_json({key_.jwk("k")}))),
                    {}, "email");
    return oidc.standing(of, now);
  };
  const WallTime ends = *answer.principal->ends;
  EXPECT_EQ(standing(grant, ends - std::chrono::microseconds(1)), Standing::good);
  EXPECT_EQ(standing(grant, ends), Standing::expired);
  EXPECT_EQ(standing(grant + "x", kIssuedAt), Standing::withdrawn);
  EXPECT_EQ(standing(grant.substr(0, grant.find(' ')), kIssuedAt), Standing::withdrawn);
  for (const char* none : {"until:", "until:x", "until::0:", "0123456789ab"}) {
    EXPECT_EQ(standing(none, kIssuedAt), Standing::expired) << none;
  }
  EXPECT_FALSE(Oidc::is_grant("0123456789ab"));
  EXPECT_TRUE(Oidc::looks_like_one("a.b.c"));
  EXPECT_FALSE(Oidc::looks_like_one("tally_0123"));
}

}  // namespace
}  // namespace tally::server
