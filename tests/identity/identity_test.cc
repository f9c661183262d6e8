// SPDX-License-Identifier: Apache-2.0
#include "identity/identity.h"

#include "base/json.h"
#include "identity/jwt_keys.h"
#include "identity/token_verifier.h"

#include <gtest/gtest.h>

namespace tally::identity {
namespace {

constexpr WallTime kRequestNow{std::chrono::seconds{1'795'295'000}};

class IdentityTest : public testing::Test {
 protected:
  Identifier make(Options options) {
    auto made = Identifier::make(std::move(options), digest);
    EXPECT_TRUE(made);
    return std::move(*made);
  }
  redact::KeyedDigest digest{as_bytes("0123456789abcdef0123456789abcdef")};
};

TEST_F(IdentityTest, NobodyIsAnonymous) {
  Identifier identifier = make({});
  const Identity who = identifier.identify({}, "198.51.100.7", kRequestNow);
  EXPECT_EQ(who.principal->id, "anonymous");
  EXPECT_EQ(who.principal->type, event::ActorType::anonymous);
  EXPECT_EQ(who.principal->verified, event::ActorVerified::no);
  EXPECT_EQ(who.principal->auth_json, "");
  EXPECT_EQ(who.address, "198.51.100.7");
  EXPECT_EQ(identifier.tokens(), 0U);
}

TEST_F(IdentityTest, OrderOfWhatCounts) {
  Options options;
  options.user_headers = {"X-Forwarded-User"};
  options.trusted_addresses = {"10.0.0.0/8"};
  Identifier identifier = make(options);
  const std::string bearer = "Bearer " + token(R"({"sub":"jane"})");
  const http::FieldList all =
      fields({{"X-Forwarded-User", "carol"}, {"authorization", bearer}, {"x-api-key", "sesame"}});
  EXPECT_EQ(identifier.identify(all, "10.0.0.1", kRequestNow).principal->id, "carol");
  // From anybody else the user header is nobody's word.
  EXPECT_EQ(identifier.identify(all, "198.51.100.7", kRequestNow).principal->id, "jane");
  const http::FieldList key = fields({{"x-api-key", "sesame"}, {"X-Forwarded-User", "carol"}});
  const Identity by_key = identifier.identify(key, "198.51.100.7", kRequestNow);
  EXPECT_EQ(by_key.principal->id, digest("sesame"));
  EXPECT_EQ(by_key.principal->type, event::ActorType::api_key);
}

TEST_F(IdentityTest, AddressIsThePeersUnlessItIsTrusted) {
  Options options;
  options.trusted_addresses = {"10.0.0.0/8", "::1"};
  Identifier identifier = make(options);
  const http::FieldList list = fields({{"X-Forwarded-For", "203.0.113.9"}});
  EXPECT_EQ(identifier.identify(list, "198.51.100.7", kRequestNow).address, "198.51.100.7");
  EXPECT_EQ(identifier.identify(list, "10.0.0.1", kRequestNow).address, "203.0.113.9");
  EXPECT_EQ(identifier.identify(list, "::1", kRequestNow).address, "203.0.113.9");
  EXPECT_EQ(identifier.identify(list, "::ffff:10.0.0.1", kRequestNow).address, "203.0.113.9");
  EXPECT_EQ(identifier.identify({}, "10.0.0.1", kRequestNow).address, "10.0.0.1");
  EXPECT_TRUE(identifier.identify({}, "10.0.0.1", kRequestNow).from_trusted);
  EXPECT_FALSE(identifier.identify({}, "192.0.2.1", kRequestNow).from_trusted);
}

TEST_F(IdentityTest, NoTrustedAddressTrustsNobody) {
  Options options;
  options.user_headers = {"X-Forwarded-User"};
  Identifier identifier = make(options);
  const Identity who = identifier.identify(
      fields({{"X-Forwarded-User", "carol"}, {"X-Forwarded-For", "203.0.113.9"}}), "127.0.0.1",
      kRequestNow);
  EXPECT_EQ(who.principal->id, "anonymous");
  EXPECT_EQ(who.address, "127.0.0.1");
}

TEST_F(IdentityTest, ATokenIsReadOnceUntilItExpires) {
  Identifier identifier = make({});
  const http::FieldList list =
      fields({{"Authorization", "Bearer " + token(R"({"sub":"jane","exp":1795295010})")}});
  const Identity first = identifier.identify(list, "192.0.2.1", kRequestNow);
  const Identity second =
      identifier.identify(list, "192.0.2.1", kRequestNow + std::chrono::seconds{9});
  EXPECT_EQ(first.principal.get(), second.principal.get());
  EXPECT_EQ(identifier.tokens(), 1U);
  const Identity late =
      identifier.identify(list, "192.0.2.1", kRequestNow + std::chrono::seconds{10});
  EXPECT_NE(first.principal.get(), late.principal.get());
  EXPECT_NE(late.principal->auth_json.find("\"expired\":true"), std::string::npos);
}

TEST_F(IdentityTest, OneValueUnderTwoSchemesIsTwoCredentials) {
  Identifier identifier = make({});
  const std::string value = to_base64(as_bytes("jane:sesame"));
  const auto id = [&](const std::string& scheme) {
    return identifier
        .identify(fields({{"Authorization", scheme + value}}), "192.0.2.1", kRequestNow)
        .principal->id;
  };
  EXPECT_EQ(id("Basic "), "jane");
  EXPECT_EQ(id("Bearer "), digest(value));
  EXPECT_EQ(id("BASIC "), "jane");
}

TEST_F(IdentityTest, TokensRememberedAreBounded) {
  Options options;
  options.tokens_max = 4;
  Identifier identifier = make(options);
  for (int i = 0; i < 100; ++i) {
    (void)identifier.identify(fields({{"Authorization", "Bearer t" + std::to_string(i)}}),
                              "192.0.2.1", kRequestNow);
  }
  EXPECT_EQ(identifier.tokens(), 4U);
}

TEST_F(IdentityTest, CorrelationIds) {
  Identifier identifier = make({});
  const Identity who = identifier.identify(
      fields({{"User-Agent", "ide/2.1"},
              {"X-Request-ID", "r-1"},
              {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}}),
      "192.0.2.1", kRequestNow);
  EXPECT_EQ(who.user_agent, "ide/2.1");
  EXPECT_EQ(who.request_id, "r-1");
  EXPECT_EQ(who.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  const Identity odd = identifier.identify(fields({{"User-Agent", std::string(2000, 'u')},
                                                   {"X-Request-ID", std::string(2000, 'r')},
                                                   {"traceparent", "nonsense"}}),
                                           "not an address", kRequestNow);
  EXPECT_EQ(odd.user_agent.size(), 512U);
  EXPECT_EQ(odd.request_id.size(), 128U);
  EXPECT_EQ(odd.trace_id, "");
  EXPECT_EQ(odd.address, "not an address");
}

TEST_F(IdentityTest, ABadNetworkIsNamed) {
  Options options;
  options.trusted_addresses = {"10.0.0.0/8", "10.0.0.0/64"};
  const auto made = Identifier::make(std::move(options), digest);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::invalid_argument);
  EXPECT_NE(made.error().detail.find("10.0.0.0/64"), std::string::npos);
}

TEST(Source, Names) {
  EXPECT_EQ(source_name(Source::jwt), "jwt");
  EXPECT_EQ(source_name(Source::none), "none");
  EXPECT_EQ(source_name(Source::other), "other");
}

/// With keys to check tokens with.
class CheckedIdentityTest : public IdentityTest {
 protected:
  Identifier checking() {
    Options options;
    options.verifier = std::make_shared<const TokenVerifier>(VerifierOptions{}, source_);
    return make(options);
  }
  void publish(const std::string& set) {
    source_->set(std::make_shared<const KeySet>(*KeySet::parse(set)));
  }
  static http::FieldList bearer(const std::string& token) {
    return fields({{"authorization", "Bearer " + token}});
  }
  TestKey key_ = TestKey::p256();
  std::shared_ptr<KeySource> source_ = std::make_shared<KeySource>();
};

TEST_F(CheckedIdentityTest, ABelievedTokenIsVerifiedUntilItExpires) {
  publish(key_set_json({key_.jwk("k")}));
  Identifier identifier = checking();
  const auto list = bearer(key_.token("ES256", "k", R"({"sub":"jane","exp":1795295100})"));
  for (int i = 0; i < 2; ++i) {  // decoded, then remembered
    const auto who = identifier.identify(list, "198.51.100.7", kRequestNow).principal;
    EXPECT_EQ(who->id, "jane");
    EXPECT_EQ(who->verified, event::ActorVerified::yes);
    EXPECT_EQ(who->auth_json.find("reason"), std::string::npos) << who->auth_json;
    EXPECT_NE(who->auth_json.find(R"("key_id":"k")"), std::string::npos) << who->auth_json;
  }
  EXPECT_EQ(identifier.tokens(), 1U);
  const WallTime late = kRequestNow + std::chrono::seconds(160);
  const auto expired = identifier.identify(list, "198.51.100.7", late).principal;
  EXPECT_EQ(expired->id, "jane");
  EXPECT_EQ(expired->verified, event::ActorVerified::no);
  EXPECT_NE(expired->auth_json.find(R"("reason":"expired")"), std::string::npos);
  EXPECT_EQ(expired->key, identifier.identify(list, "x", kRequestNow).principal->key)
      << "still jane";
}

TEST_F(CheckedIdentityTest, AForgedTokenIsNotTheSamePrincipal) {
  publish(key_set_json({key_.jwk("k")}));
  Identifier identifier = checking();
  constexpr std::string_view kJane = R"({"sub":"jane"})";
  const auto good = identifier.identify(bearer(key_.token("ES256", "k", kJane)), "x", kRequestNow);
  const auto bad = identifier.identify(bearer(token(kJane)), "x", kRequestNow);
  EXPECT_EQ(bad.principal->id, "jane");
  EXPECT_EQ(bad.principal->verified, event::ActorVerified::no);
  EXPECT_NE(bad.principal->key, good.principal->key);
  EXPECT_NE(bad.principal->auth_json.find("algorithm not allowed"), std::string::npos);
}

TEST_F(CheckedIdentityTest, NewKeysMakeOldVerdictsVoid) {
  Identifier identifier = checking();
  const auto list = bearer(key_.token("ES256", "k", R"({"sub":"jane"})"));
  const auto verified = [&] {
    return identifier.identify(list, "198.51.100.7", kRequestNow).principal->verified;
  };
  EXPECT_EQ(verified(), event::ActorVerified::no) << "no keys yet";
  publish(key_set_json({key_.jwk("k")}));
  EXPECT_EQ(verified(), event::ActorVerified::yes);
  publish(key_set_json({TestKey::p256().jwk("k")}));
  EXPECT_EQ(verified(), event::ActorVerified::no) << "the issuer has withdrawn it";
}

TEST_F(CheckedIdentityTest, TheMoreCertainOfTokenAndCertificate) {
  publish(key_set_json({key_.jwk("k")}));
  Identifier identifier = checking();
  Certificate shown{"agent", true, "CN=agent", "CN=authority", "sha256:00", ""};
  const auto who = [&](const http::FieldList& list) {
    return identifier.identify(list, {"198.51.100.7", &shown}, kRequestNow).principal;
  };
  const auto signed_by = bearer(key_.token("ES256", "k", R"({"sub":"jane"})"));
  const auto stated = bearer(token(R"({"sub":"jane"})"));
  EXPECT_EQ(who(signed_by)->id, "jane");
  EXPECT_NE(who(signed_by)->auth_json.find(R"("certificate":{"method":"certificate")"),
            std::string::npos);
  EXPECT_EQ(who(stated)->id, "agent");
  EXPECT_EQ(who(stated)->type, event::ActorType::service);
  EXPECT_EQ(who(stated)->verified, event::ActorVerified::yes);
  EXPECT_NE(who(stated)->auth_json.find(R"("stated":{"method":"jwt")"), std::string::npos);
  EXPECT_EQ(who({})->id, "agent");
  const std::string believed = who({})->key;
  shown.doubt = "self-signed certificate";
  EXPECT_EQ(who(stated)->id, "jane");
  // Whoever makes a certificate writes into it what he likes: he is nobody else for that.
  EXPECT_NE(who({})->key, believed);
  EXPECT_EQ(who({})->key, who({})->key);
  Certificate other = shown;
  other.issuer = "CN=elsewhere";
  EXPECT_NE(identifier.identify({}, {"198.51.100.7", &other}, kRequestNow).principal->key,
            who({})->key);
  EXPECT_EQ(who({})->id, "agent");
  EXPECT_EQ(who({})->verified, event::ActorVerified::no);
  EXPECT_NE(who({})->auth_json.find(R"("reason":"self-signed certificate")"), std::string::npos);
  json::Document document;
  for (const auto* list : {&signed_by, &stated}) {
    const std::string text = who(*list)->auth_json;
    EXPECT_TRUE(document.parse(text)) << text;
  }
}

}  // namespace
}  // namespace tally::identity
