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

TEST(OidcGrant, IsGoodUntilTheTokenEnds) {
  const std::string grant = Oidc::grant_until(kIssuedAt);
  EXPECT_EQ(Oidc::still_good(grant, kIssuedAt - std::chrono::microseconds(1)), true);
  EXPECT_EQ(Oidc::still_good(grant, kIssuedAt), false);
  EXPECT_EQ(Oidc::still_good("until:", kIssuedAt), false);
  EXPECT_EQ(Oidc::still_good("until:x", kIssuedAt), false);
  EXPECT_EQ(Oidc::still_good("0123456789ab", kIssuedAt), std::nullopt);
  EXPECT_TRUE(Oidc::looks_like_one("a.b.c"));
  EXPECT_FALSE(Oidc::looks_like_one("tally_0123"));
}

}  // namespace
}  // namespace tally::server
