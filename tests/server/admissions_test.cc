// SPDX-License-Identifier: Apache-2.0
#include "server/admissions.h"

#include "access/moving_clock.h"
#include "base/limits.h"
#include "identity/jwt_keys.h"
#include "storage/temporary_directory.h"

#include <gtest/gtest.h>

namespace tally::server {
namespace {

using access::Role;
using identity::TestKey;
using Kind = Admissions::Found::Kind;

class AdmissionsTest : public ::testing::Test {
 protected:
  AdmissionsTest() { EXPECT_TRUE(tokens_.open()); }
  access::NewToken add(std::optional<WallTime> expires = std::nullopt) {
    auto token =
        access::make_token({"ci", Role::auditor, {}, expires}, clock_.now(), system_random());
    EXPECT_TRUE(file_.add(token.record, clock_.now()));
    return token;
  }
  /// A token of the issuer that ends `seconds` from now.
  [[nodiscard]] std::string issued(int seconds, const std::string& role = "law") const {
    const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch();
    return key_.token("ES256", "k",
                      R"({"iss":"i","sub":"jane","roles":[")" + role + R"("],"exp":)" +
                          std::to_string(now.count() + seconds) + "}");
  }
  std::string session_of(const access::Principal& principal) {
    const auto opened = sessions_.open(principal, principal.ends, clock_.now(), system_random());
    EXPECT_TRUE(opened);
    return opened->secret;
  }

  access::test::MovingClock clock_;
  storage::TemporaryDirectory folder_;
  access::TokenFile file_{storage::posix_file_system(), folder_.path()};
  access::TokenStore tokens_{file_, clock_};
  TestKey key_ = TestKey::p256();
  std::shared_ptr<identity::KeySource> source_ =
      identity::source_of(identity::key_set_json({key_.jwk("k")}));
  [[nodiscard]] std::shared_ptr<const Oidc> issuer(std::uint64_t settings) const {
    return std::make_shared<const Oidc>(
        std::make_shared<const identity::TokenVerifier>(
            identity::VerifierOptions{.leeway = std::chrono::seconds(0), .expiry_needed = true},
            source_),
        access::RoleRules{"roles", {}, {"law"}, {}, ""}, "sub", settings);
  }
  void publish(std::initializer_list<std::string> keys) {
    source_->set(std::make_shared<const identity::KeySet>(
        *identity::KeySet::parse(identity::key_set_json(keys))));
  }
  access::SessionTable sessions_{std::chrono::hours(8)};
  Admissions admissions_{tokens_, clock_, issuer(1), &sessions_};
};

TEST_F(AdmissionsTest, OurTokensAndThoseOfTheIssuer) {
  const auto ours = admissions_.by_token(add().secret);
  ASSERT_EQ(ours.kind, Kind::good);
  EXPECT_EQ(ours.principal->holder, access::Holder::token);
  const auto theirs = admissions_.by_token(issued(60));
  ASSERT_EQ(theirs.kind, Kind::good);
  EXPECT_EQ(theirs.principal->name, "jane");
  EXPECT_TRUE(admissions_.still_good(theirs.principal->holds()));
  clock_.pass(std::chrono::minutes(1));
  EXPECT_FALSE(admissions_.still_good(theirs.principal->holds()));
  EXPECT_TRUE(admissions_.still_good(ours.principal->holds()));
}

TEST_F(AdmissionsTest, EveryOtherHasAReason) {
  const auto reason = [&](const std::string& token) { return admissions_.by_token(token).reason; };
  EXPECT_EQ(reason("tally_" + std::string(64, '0')), "unknown");
  EXPECT_EQ(reason(add(clock_.now()).secret), "expired");
  EXPECT_EQ(reason(issued(-1)), "expired");
  EXPECT_EQ(reason("a.b.c"), "malformed token");
  EXPECT_EQ(reason(TestKey::p256().token("ES256", "k", "{}")), "wrong signature");
  const auto nothing = admissions_.by_token(issued(60, "guest"));
  EXPECT_EQ(nothing.kind, Kind::forbidden);
  EXPECT_EQ(nothing.reason, "no-role");
  EXPECT_EQ(nothing.principal->name, "jane");
  Admissions without(tokens_, clock_);
  EXPECT_EQ(without.by_token(issued(60)).kind, Kind::wrong);
  EXPECT_FALSE(without.has_sessions());
}

TEST_F(AdmissionsTest, WithoutTheIssuersKeysItIsNobodysFault) {
  const auto blind = std::make_shared<const Oidc>(
      std::make_shared<const identity::TokenVerifier>(identity::VerifierOptions{},
                                                      std::make_shared<identity::KeySource>()),
      access::RoleRules{}, "sub");
  Admissions admissions(tokens_, clock_, blind, &sessions_);
  EXPECT_EQ(admissions.by_token(issued(60)).kind, Kind::not_yet);
  EXPECT_EQ(admissions.by_token(add().secret).kind, Kind::good) << "ours do not need them";
}

TEST_F(AdmissionsTest, ASessionEndsWithItsToken) {
  const auto token = add();
  const std::string secret = session_of(*admissions_.by_token(token.secret).principal);
  const auto session = admissions_.by_session(secret);
  ASSERT_EQ(session.kind, Kind::good);
  EXPECT_EQ(session.principal->id, token.record.id);
  const std::string grant = session.principal->holds();
  EXPECT_TRUE(admissions_.still_good(grant));
  ASSERT_TRUE(file_.revoke(token.record.id));
  clock_.pass(kTokenReload);
  EXPECT_FALSE(admissions_.still_good(grant));
  EXPECT_EQ(admissions_.by_session(secret).kind, Kind::ended);
  EXPECT_EQ(sessions_.size(), 0U);
  EXPECT_EQ(admissions_.by_session("made up").kind, Kind::ended);

  const std::string issuers = session_of(*admissions_.by_token(issued(60)).principal);
  EXPECT_EQ(admissions_.by_session(issuers).kind, Kind::good);
  clock_.pass(std::chrono::minutes(1));
  EXPECT_EQ(admissions_.by_session(issuers).kind, Kind::ended);
}

TEST_F(AdmissionsTest, WhatWasCheckedNeedsNoOtherCheck) {
  const std::string good = issued(60);
  const std::string other = TestKey::p256().token("ES256", "k", R"({"sub":"x","exp":1})");
  EXPECT_EQ(admissions_.by_token(good, false).kind, Kind::held) << "nobody has seen it";
  EXPECT_FALSE(admissions_.by_token(good, false).in_vain);
  EXPECT_EQ(admissions_.by_token(good).kind, Kind::good);
  const auto first = admissions_.by_token(other);
  EXPECT_EQ(first.kind, Kind::wrong);
  EXPECT_TRUE(first.in_vain);
  // From now on neither costs anything.
  EXPECT_EQ(admissions_.by_token(good, false).kind, Kind::good);
  EXPECT_EQ(admissions_.by_token(good, false).principal->name, "jane");
  const auto again = admissions_.by_token(other, false);
  EXPECT_EQ(again.reason, "wrong signature");
  EXPECT_FALSE(again.in_vain);
  EXPECT_FALSE(admissions_.by_token("a.b.c").in_vain) << "no signature was looked at";
  EXPECT_FALSE(admissions_.by_token(issued(60, "guest")).in_vain) << "signed, if for nothing";
  const auto at = [this](const char* claim) {
    const auto then = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch();
    return admissions_.by_token(key_.token("ES256", "k",
                                           R"({"iss":"i","sub":"jane","roles":["law"],"exp":)" +
                                               std::to_string(then.count() + 120) + ",\"" + claim +
                                               "\":" + std::to_string(then.count() + 60) + "}"));
  };
  for (const char* claim : {"nbf", "iat"}) {
    EXPECT_EQ(at(claim).kind, Kind::wrong) << claim;
    EXPECT_FALSE(at(claim).in_vain) << claim << ": its time comes";
  }
  EXPECT_FALSE(admissions_.by_token(issued(-1)).in_vain) << "a client that was asleep";
  // Other keys make a right one of the wrong, and the other way round.
  clock_.pass(std::chrono::minutes(1));
  EXPECT_EQ(admissions_.by_token(good, false).kind, Kind::held);
  EXPECT_EQ(admissions_.by_token(good).reason, "expired");
  const std::string later = issued(60);
  EXPECT_EQ(admissions_.by_token(later).kind, Kind::good);
  publish({TestKey::p256().jwk("k")});
  EXPECT_EQ(admissions_.by_token(later).reason, "wrong signature");
  publish({key_.jwk("k")});
  EXPECT_EQ(admissions_.by_token(later).kind, Kind::good);
  EXPECT_EQ(admissions_.by_token(add().secret, false).kind, Kind::good) << "ours cost nothing";
}

TEST_F(AdmissionsTest, AWithdrawnKeyEndsWhatItLetIn) {
  const auto found = admissions_.by_token(issued(60));
  const std::string secret = session_of(*found.principal);
  const std::string session = admissions_.by_session(secret).principal->holds();
  const TestKey next = TestKey::p256();
  publish({key_.jwk("k"), next.jwk("n")});
  EXPECT_TRUE(admissions_.still_good(session)) << "the issuer has one key more";
  publish({next.jwk("n")});
  EXPECT_EQ(admissions_.standing(found.principal->holds()), access::Standing::withdrawn);
  EXPECT_EQ(admissions_.standing(session), access::Standing::withdrawn);
  const auto refused = admissions_.by_session(secret);
  EXPECT_EQ(refused.kind, Kind::ended);
  EXPECT_EQ(refused.reason, "key-withdrawn");
  EXPECT_EQ(refused.principal->name, "jane") << "the record says whose it was";
  EXPECT_EQ(sessions_.size(), 0U);
  publish({key_.jwk("k")});
  EXPECT_EQ(admissions_.by_session(secret).kind, Kind::ended) << "it does not come back";
}

TEST_F(AdmissionsTest, AnotherKeyOfTheSameNameIsAnother) {
  const auto found = admissions_.by_token(issued(60));
  publish({TestKey::p256().jwk("k")});
  EXPECT_EQ(admissions_.standing(found.principal->holds()), access::Standing::withdrawn);
  publish({key_.jwk("other name")});
  EXPECT_EQ(admissions_.standing(found.principal->holds()), access::Standing::withdrawn);
}

TEST_F(AdmissionsTest, OtherSettingsOfTheIssuerEndWhatTheOldOnesLetIn) {
  const auto ours = admissions_.by_token(add().secret);
  const auto found = admissions_.by_token(issued(60));
  const std::string secret = session_of(*found.principal);
  admissions_.use_oidc(issuer(2));
  EXPECT_EQ(admissions_.standing(found.principal->holds()), access::Standing::unsettled);
  EXPECT_EQ(admissions_.by_session(secret).reason, "settings-changed");
  EXPECT_EQ(admissions_.by_token(issued(60)).kind, Kind::good);
  EXPECT_TRUE(admissions_.still_good(ours.principal->holds()));
  admissions_.use_oidc(nullptr);
  EXPECT_EQ(admissions_.standing(found.principal->holds()), access::Standing::unsettled);
  EXPECT_EQ(admissions_.by_token(issued(60)).kind, Kind::wrong);
}

TEST_F(AdmissionsTest, LoggingOutEndsWhatTheSessionStillReads) {
  const std::string secret = session_of(*admissions_.by_token(add().secret).principal);
  const std::string grant = admissions_.by_session(secret).principal->holds();
  ASSERT_TRUE(sessions_.close(secret));
  EXPECT_FALSE(admissions_.still_good(grant));
}

}  // namespace
}  // namespace tally::server
