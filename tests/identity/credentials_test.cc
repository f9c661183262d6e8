// SPDX-License-Identifier: Apache-2.0
#include "identity/credentials.h"

#include "base/json.h"
#include "identity/tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::identity {
namespace {

using testing::ElementsAre;

constexpr WallTime kNow{std::chrono::seconds{1'795'295'000}};

Read read(std::string_view value) {
  return read_authorization(split_authorization(value), Options{}, "hmac:k:1", kNow);
}

std::string auth(const Principal& principal, std::string_view name) {
  json::Document document;
  const auto root = document.parse(std::string_view(principal.auth_json));
  EXPECT_TRUE(root) << principal.auth_json;
  const auto value = root->find(name);
  if (!value) return "-";
  return value->is(json::Kind::string) ? value->text() : std::string(value->raw());
}

struct Case {
  std::string value;
  Source source;
  const char* id;
  event::ActorType type;
  const char* reason;
};

TEST(Credentials, WhoAnAuthorizationNames) {
  const std::string jane = token(R"({"sub":"jane"})");
  const Case cases[] = {
      {"Bearer " + jane, Source::jwt, "jane", event::ActorType::user, "signature not checked"},
      {"bearer  " + jane, Source::jwt, "jane", event::ActorType::user, "signature not checked"},
      {"DPoP " + jane, Source::jwt, "jane", event::ActorType::user, "signature not checked"},
      {"Bearer " + token(R"({"client_id":"cron"})"), Source::jwt, "cron", event::ActorType::service,
       "signature not checked, no claim names the actor"},
      {"Bearer " + token(R"({"sub":"a","sub":"b"})"), Source::jwt, "hmac:k:1",
       event::ActorType::user, "a claim is there twice"},
      {"Bearer " + token("{}"), Source::jwt, "hmac:k:1", event::ActorType::user,
       "signature not checked, no claim names the actor"},
      {"Bearer opaque", Source::token, "hmac:k:1", event::ActorType::api_key, "opaque token"},
      {"Basic " + to_base64(as_bytes("jane:pw:x")), Source::basic, "jane", event::ActorType::user,
       "password not checked"},
      {"Basic " + to_base64(as_bytes(":pw")), Source::other, "anonymous",
       event::ActorType::anonymous, "malformed credentials"},
      {"Basic ###", Source::other, "anonymous", event::ActorType::anonymous,
       "malformed credentials"},
      {"Negotiate abc", Source::other, "anonymous", event::ActorType::anonymous,
       "scheme not known"},
      {"Bearer", Source::other, "anonymous", event::ActorType::anonymous,
       "no credentials behind the scheme"},
      {"", Source::other, "anonymous", event::ActorType::anonymous,
       "no credentials behind the scheme"},
  };
  for (const Case& c : cases) {
    const Principal p = read(c.value).principal;
    EXPECT_EQ(p.source, c.source) << c.value;
    EXPECT_EQ(p.id, c.id) << c.value;
    EXPECT_EQ(p.type, c.type) << c.value;
    EXPECT_EQ(p.verified, event::ActorVerified::no) << c.value;
    EXPECT_EQ(auth(p, "reason"), c.reason) << c.value;
    EXPECT_EQ(auth(p, "digest"), "hmac:k:1") << c.value;
  }
}

TEST(Credentials, WhatIsKeptOfAToken) {
  const Read r =
      read("Bearer " + token(R"({"iss":"https://id.example","sub":"jane","aud":"a","azp":"ide",)"
                             R"("scope":"s","jti":"j","exp":1795295600,"act":{"sub":"agent"}})"));
  EXPECT_EQ(
      r.principal.auth_json,
      R"({"method":"jwt","reason":"signature not checked","issuer":"https://id.example",)"
      R"("client_id":"ide","audience":["a"],"scope":"s","expires":"2026-11-21T21:13:20.000000Z",)"
      R"("jti":"j","algorithm":"RS256","digest":"hmac:k:1"})");
  EXPECT_THAT(r.principal.on_behalf_of, ElementsAre("agent"));
  EXPECT_EQ(r.expires, WallTime{std::chrono::seconds{1'795'295'600}});
}

TEST(Credentials, AnExpiredTokenSaysSo) {
  const Read r = read("Bearer " + token(R"({"sub":"jane","exp":1795294999})"));
  EXPECT_EQ(auth(r.principal, "expired"), "true");
  EXPECT_FALSE(r.expires);
}

TEST(Credentials, PrincipalsAreToldApartByIssuer) {
  const Principal a = read("Bearer " + token(R"({"sub":"jane","iss":"a"})")).principal;
  const Principal b = read("Bearer " + token(R"({"sub":"jane","iss":"b"})")).principal;
  EXPECT_EQ(a.id, b.id);
  EXPECT_NE(a.key, b.key);
}

TEST(Credentials, NoSecretIsKept) {
  const std::string jane = token(R"({"sub":"jane"})");
  for (const std::string& value :
       {"Bearer " + jane, std::string("Bearer sesame-opaque"),
        "Basic " + to_base64(as_bytes("jane:sesame")), std::string("Digest sesame")}) {
    const Principal p = read(value).principal;
    const std::string all = p.id + p.auth_json + p.key + p.credential;
    EXPECT_EQ(all.find("sesame"), std::string::npos) << value;
    EXPECT_EQ(all.find(jane.substr(0, 20)), std::string::npos) << value;
  }
}

TEST(Credentials, KeysAndUserHeaders) {
  const Principal key = read_api_key("hmac:k:2");
  EXPECT_EQ(key.id, "hmac:k:2");
  EXPECT_EQ(key.type, event::ActorType::api_key);
  EXPECT_EQ(auth(key, "method"), "api_key");
  const Principal user = read_user_header("X-Forwarded-User", "jane");
  EXPECT_EQ(user.id, "jane");
  EXPECT_EQ(user.verified, event::ActorVerified::no);
  EXPECT_EQ(auth(user, "header"), "X-Forwarded-User");
  EXPECT_EQ(auth(user, "reason"), "stated by a trusted proxy");
}

}  // namespace
}  // namespace tally::identity
