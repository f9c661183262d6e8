// SPDX-License-Identifier: Apache-2.0
#include "config/token_settings.h"

#include "config/sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::config {
namespace {

using test::Given;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string jwt_proxy(const std::string& jwt) {
  return "proxies:\n  - {listen: 127.0.0.1:1, upstream: 'https://h', jwt: {" + jwt + "}}\n";
}
constexpr const char* kOidc =
    "oidc: {jwks_url: 'https://id/keys', issuers: https://id, audiences: tally, auditor: aud}\n";

TEST(TokenSettings, AreReadFromAllSources) {
  Given given;
  given.check_files = false;
  given.variables["TALLYSTICK_JWT_ISSUERS"] = "https://a, https://b";
  given.flags["--jwt-audience"] = {"x", "y"};
  const Loaded loaded =
      given.good(jwt_proxy("jwks_file: keys.json, leeway: 5s, algorithms: [ES256]"));
  const JwtConfig& jwt = loaded.config.proxies.at(0).jwt;
  EXPECT_EQ(jwt.jwks_file, "/etc/tallystick/keys.json");
  EXPECT_THAT(jwt.issuers, ElementsAre("https://a", "https://b"));
  EXPECT_THAT(jwt.audiences, ElementsAre("x", "y"));
  EXPECT_THAT(jwt.algorithms, ElementsAre("ES256"));
  EXPECT_EQ(jwt.leeway, Milliseconds(5'000));
  EXPECT_EQ(test::value(loaded, "proxies[0].jwt.issuers"), "[https://a, https://b]");
  EXPECT_FALSE(loaded.config.oidc.enabled());
}

TEST(TokenSettings, ValuesAreChecked) {
  Given given;
  given.check_files = false;
  EXPECT_THAT(given.refusal(jwt_proxy("jwks_file: k, algorithms: [none]")),
              HasSubstr("is no algorithm"));
  EXPECT_THAT(given.refusal(jwt_proxy("jwks_file: k, algorithms: [HS256]")),
              HasSubstr("HS256 needs a secret"));
  EXPECT_THAT(given.refusal(jwt_proxy("secret_file: s, algorithms: [ES256]")),
              HasSubstr("ES256 needs a key set"));
  EXPECT_THAT(given.refusal(jwt_proxy("jwks_url: 'http://id.example/keys'")),
              HasSubstr("plain http"));
  EXPECT_THAT(given.refusal(jwt_proxy("jwks_url: 'file:///keys'")), HasSubstr("http"));
  EXPECT_THAT(given.refusal(jwt_proxy("issuers: a")), HasSubstr("there are no keys"));
  EXPECT_THAT(given.refusal(jwt_proxy("issuers: ['https://a', 'https://b']")),
              HasSubstr("there are no keys"));
  EXPECT_THAT(given.refusal(jwt_proxy("issuers: 'http://id.example'")), HasSubstr("plain http"));
  EXPECT_TRUE(given.good(jwt_proxy("issuers: 'https://id'")).config.proxies[0].jwt.discovers());
  EXPECT_FALSE(given.good(jwt_proxy("issuers: 'https://id', jwks_file: k"))
                   .config.proxies[0]
                   .jwt.discovers());
  EXPECT_FALSE(given.good(jwt_proxy("issuers: 'https://id', secret_file: s"))
                   .config.proxies[0]
                   .jwt.has_keys())
      << "tokens that are signed with a secret need no key set";
  EXPECT_THAT(given.refusal(jwt_proxy("jwks_file: k, refresh_min: 10m")), HasSubstr("refresh_max"));
  EXPECT_THAT(given.refusal(jwt_proxy("jwks_file: k, leeway: 2h")), HasSubstr("must be a time"));
  given.good(jwt_proxy("jwks_url: 'http://127.0.0.1:9/keys', jwks_file: k, secret_file: s"));
  given.check_files = true;
  EXPECT_THAT(given.refusal(jwt_proxy("secret_file: s")), HasSubstr("there is no such file"));
}

TEST(TokenSettings, AnIssuerOfTheApiIsNamedWhole) {
  Given given;
  const Loaded loaded = given.good(kOidc);
  EXPECT_TRUE(loaded.config.oidc.enabled());
  EXPECT_THAT(loaded.config.oidc_roles.auditor, ElementsAre("aud"));
  EXPECT_THAT(given.refusal("oidc: {jwks_url: 'https://id/keys', audiences: a, auditor: b}\n"),
              HasSubstr("oidc.issuers: is needed"));
  EXPECT_THAT(given.refusal("oidc: {jwks_url: 'https://id/keys', issuers: a, auditor: b}\n"),
              HasSubstr("oidc.audiences: is needed"));
  EXPECT_THAT(given.refusal("oidc: {jwks_url: 'https://id/keys', issuers: a, audiences: b}\n"),
              HasSubstr("gives a role"));
  EXPECT_THAT(given.refusal("oidc: {auditor: a}\n"), HasSubstr("there are no keys"));
}

TEST(TokenSettings, ClientCertificatesNeedTls) {
  Given given;
  given.check_files = false;
  const auto with = [](const std::string& tls) {
    return "proxies:\n  - {listen: 127.0.0.1:1, upstream: 'https://h', tls: {" + tls + "}}\n";
  };
  EXPECT_THAT(given.refusal(with("client_ca: ca")), HasSubstr("there is no TLS towards clients"));
  EXPECT_THAT(given.refusal(with("certificate: c, key: k, client_crl: l")),
              HasSubstr("give tls.client_ca"));
  EXPECT_THAT(given.refusal(with("certificate: c, key: k, client_name: cn")),
              HasSubstr("give tls.client_ca"));
  EXPECT_THAT(given.refusal(with("certificate: c, key: k, client_ca: a, client_name: CN")),
              HasSubstr("must be"));
  const Loaded loaded = given.good(
      with("certificate: c, key: k, client_ca: a, client_name: cn, client_certificate: required, "
           "client_crl: l"));
  const ClientCertificates& asked = loaded.config.proxies.at(0).client_certificates;
  EXPECT_TRUE(asked.required);
  EXPECT_EQ(asked.name, ClientCertificates::Name::common_name);
}

TEST(TokenSettings, SessionsCanBeSwitchedOff) {
  Given given;
  EXPECT_EQ(given.good("api: {session_lifetime: off}\n").config.session_lifetime, Milliseconds(0));
  EXPECT_EQ(given.good("api: {session_lifetime: 1h}\n").config.session_lifetime,
            Milliseconds(3'600'000));
  EXPECT_THAT(given.refusal("api: {session_lifetime: 1s}\n"), HasSubstr("must be a time"));
}

}  // namespace
}  // namespace tally::config
