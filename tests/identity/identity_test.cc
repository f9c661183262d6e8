// SPDX-License-Identifier: Apache-2.0
#include "identity/identity.h"

#include "identity/tokens.h"

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

}  // namespace
}  // namespace tally::identity
