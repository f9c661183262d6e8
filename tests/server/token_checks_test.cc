// SPDX-License-Identifier: Apache-2.0
#include "server/token_checks.h"

#include "identity/jwt_keys.h"
#include "storage/simulated_file_system.h"

#include <gtest/gtest.h>

#include <thread>

namespace tally::server {
namespace {

using identity::Doubt;
using identity::TestKey;

constexpr WallTime kTokenTime{std::chrono::seconds{1'795'295'000}};
constexpr std::string_view kSharedSecret = "a secret of at least thirty-two bytes";

class TokenChecksTest : public ::testing::Test {
 protected:
  storage::SimulatedFileSystem fs_;
  TestKey key_ = TestKey::p256();
  config::JwtConfig jwt_;
};

TEST_F(TokenChecksTest, WithoutKeysThereIsNoVerifier) {
  TokenChecks checks(fs_);
  const auto none = checks.make(jwt_);
  ASSERT_TRUE(none);
  EXPECT_EQ(*none, nullptr);
}

TEST_F(TokenChecksTest, SettingsBecomeWhatIsChecked) {
  fs_.put("/jwks", identity::key_set_json({key_.jwk("a")}));
  jwt_.jwks_file = "/jwks";
  jwt_.issuers = {"me"};
  jwt_.audiences = {"you"};
  jwt_.leeway = std::chrono::milliseconds(5'000);
  TokenChecks checks(fs_);
  const auto made = checks.make(jwt_, true);
  ASSERT_TRUE(made) << made.error().detail;
  const auto doubt = [&](const char* claims) {
    return (*made)->verify(key_.token("ES256", "a", claims), kTokenTime).doubt;
  };
  EXPECT_EQ(doubt(R"({"iss":"me","aud":"you","exp":1795294996})"), Doubt::none);
  EXPECT_EQ(doubt(R"({"iss":"me","aud":"you","exp":1795294995})"), Doubt::expired);
  EXPECT_EQ(doubt(R"({"iss":"me","aud":"you"})"), Doubt::no_expiry);
  EXPECT_EQ(doubt(R"({"iss":"me","aud":"me"})"), Doubt::audience);
  EXPECT_EQ(doubt(R"({"iss":"you","aud":"you"})"), Doubt::issuer);
  jwt_.algorithms = {"RS256"};
  const auto others = checks.make(jwt_);
  ASSERT_TRUE(others);
  EXPECT_EQ((*others)->verify(key_.token("ES256", "a", "{}"), kTokenTime).doubt, Doubt::algorithm);
  EXPECT_EQ(checks.watches(), 1U) << "of the same keys";
}

TEST_F(TokenChecksTest, AWatchThatNobodyNeedsIsEnded) {
  fs_.put("/jwks", identity::key_set_json({key_.jwk("a")}));
  jwt_.jwks_file = "/jwks";
  TokenChecks checks(fs_);
  auto made = *checks.make(jwt_);
  checks.drop_unused();
  EXPECT_EQ(checks.watches(), 1U);
  made.reset();
  checks.drop_unused();
  EXPECT_EQ(checks.watches(), 0U);
}

TEST_F(TokenChecksTest, FiguresOfAllKeySets) {
  TokenChecks checks(fs_);
  EXPECT_EQ(checks.figures().sets, 0U);
  EXPECT_EQ(checks.figures().loaded, std::nullopt);
  fs_.put("/jwks", identity::key_set_json({key_.jwk("a"), key_.jwk("b")}));
  jwt_.jwks_file = "/jwks";
  const auto made = *checks.make(jwt_);
  EXPECT_EQ(checks.figures().sets, 1U);
  EXPECT_EQ(checks.figures().keys, 2U);
  EXPECT_EQ(checks.figures().failing, 0U);
  EXPECT_NE(checks.figures().loaded, std::nullopt);
  config::JwtConfig far;
  far.jwks_url = "http://127.0.0.1:1/jwks";
  const auto other = *checks.make(far);
  while (checks.figures().failures == 0) std::this_thread::yield();
  const KeySetFigures both = checks.figures();
  EXPECT_EQ(both.sets, 2U);
  EXPECT_EQ(both.keys, 2U);
  EXPECT_EQ(both.failing, 1U);
  EXPECT_EQ(both.loaded, std::nullopt) << "one never was";
}

TEST_F(TokenChecksTest, KeysThatAreToReplaceOthersMustBeThere) {
  jwt_.jwks_url = "http://127.0.0.1:1/jwks";
  TokenChecks checks(fs_);
  EXPECT_TRUE(checks.make(jwt_)) << "at a start its issuer may come later";
  jwt_.jwks_url = "http://127.0.0.1:1/others";
  const auto made = checks.make(jwt_, false, TokenChecks::First::now);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().detail.find("http://127.0.0.1:1/others"), std::string::npos);
  // Others may wait for keys that were never there, but nobody who has some is given none.
  jwt_.jwks_url = "http://127.0.0.1:1/jwks";
  const auto waiting = checks.make(jwt_);
  ASSERT_TRUE(waiting);
  const auto same = checks.make(jwt_, false, TokenChecks::First::now);
  ASSERT_FALSE(same);
  EXPECT_NE(same.error().detail.find("http://127.0.0.1:1/jwks"), std::string::npos);
  EXPECT_EQ(checks.watches(), 1U);
}

TEST_F(TokenChecksTest, ASecretFromAFile) {
  jwt_.secret_file = "/secret";
  TokenChecks checks(fs_);
  EXPECT_FALSE(checks.make(jwt_)) << "there is none";
  fs_.put("/secret", "too short\n");
  const auto refused = checks.make(jwt_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail.find("too short"), std::string::npos) << "never shown";
  fs_.put("/secret", std::string(kSharedSecret) + "\n");
  const auto made = checks.make(jwt_);
  ASSERT_TRUE(made);
  const std::string token = identity::hs256_token(kSharedSecret, R"({"alg":"HS256"})", "{}");
  EXPECT_EQ((*made)->verify(token, kTokenTime).doubt, Doubt::none);
}

}  // namespace
}  // namespace tally::server
