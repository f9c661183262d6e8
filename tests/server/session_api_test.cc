// SPDX-License-Identifier: Apache-2.0
#include "server/session_api.h"

#include "identity/jwt_keys.h"
#include "server/api_fixture.h"

#include <gmock/gmock.h>

namespace tally::server {
namespace {

using access::Role;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kSession = "/api/audit/session";
constexpr const char* kPage = "X-Tallystick-Session: 1\r\n";

class SessionApiTest : public test::ApiFixture {
 protected:
  /// The Cookie field of a new session.
  std::string login(const std::string& secret) {
    const auto answer = ask("POST", kSession, secret);
    EXPECT_EQ(answer.status(), 201) << answer.body;
    const std::string set = answer.field("set-cookie");
    return "Cookie: " + set.substr(0, set.find(';')) + "\r\n";
  }
  int status(const std::string& method, const std::string& target, const std::string& fields) {
    return ask(method, target, {}, {}, fields).status();
  }
};

TEST_F(SessionApiTest, ATokenBecomesACookieThatNoScriptCanRead) {
  start();
  const std::string secret = token(Role::auditor, {"server=files"});
  const auto answer = ask("POST", kSession, secret);
  EXPECT_EQ(answer.status(), 201);
  EXPECT_THAT(answer.field("set-cookie"), AllOf(HasSubstr("tallystick_session="),
                                                HasSubstr("; Path=/; HttpOnly; SameSite=Strict;"
                                                          " Max-Age=28800"),
                                                Not(HasSubstr("Secure")), Not(HasSubstr(secret))));
  EXPECT_THAT(answer.field("cache-control"), HasSubstr("no-store"));
  EXPECT_THAT(answer.body, AllOf(HasSubstr(R"("role":"auditor","scope":["server=files"])"),
                                 HasSubstr(R"("session":true,"ends":"20)")));
  // Where the page came encrypted, through a proxy with TLS, the cookie goes no other way.
  const auto behind = ask("POST", kSession, secret, {}, "Origin: https://audit.example.com\r\n");
  EXPECT_THAT(behind.field("set-cookie"),
              AllOf(HasSubstr("__Host-tallystick_session="), HasSubstr("; Secure")));
  const auto recorded = wait_lines("\"auth-login\"", 2);
  EXPECT_THAT(recorded[0], HasSubstr("\"actor_id\":\"token:"));
}

TEST_F(SessionApiTest, StandsForItsTokenUntilLogout) {
  start();
  const std::string cookie = login(token(Role::auditor));
  EXPECT_EQ(status("GET", "/api/audit/logs", cookie), 200);
  EXPECT_EQ(status("GET", "/api/audit/logs", "Cookie: a=b; " + cookie.substr(8)), 200);
  const auto shown = ask("GET", kSession, {}, {}, cookie);
  EXPECT_THAT(shown.body, HasSubstr("\"session\":true"));
  EXPECT_EQ(status("POST", "/api/audit/events", cookie + kPage), 403)
      << "an auditor writes nothing";
  EXPECT_EQ(status("POST", kSession, cookie + kPage), 409) << "it cannot be made longer";
  const auto gone = ask("DELETE", kSession, {}, {}, cookie + kPage);
  EXPECT_EQ(gone.status(), 204);
  EXPECT_THAT(gone.field("set-cookie"), HasSubstr("Max-Age=0"));
  const auto after = ask("GET", "/api/audit/logs", {}, {}, cookie);
  EXPECT_EQ(after.status(), 401);
  EXPECT_THAT(after.field("set-cookie"), HasSubstr("Max-Age=0"));
  wait_lines("\"auth-logout\"", 1);
  wait_lines("\"reason\":\"session-ended\"", 1);
}

TEST_F(SessionApiTest, AnotherSiteCannotUseIt) {
  start();
  const std::string cookie = login(token(Role::admin));
  const auto write = [&](const std::string& fields) {
    return ask("POST", "/api/audit/events", {}, R"({"event_name":"x"})", cookie + fields).status();
  };
  EXPECT_EQ(write(""), 403);
  EXPECT_EQ(write("Origin: http://a\r\n"), 403);
  EXPECT_EQ(write(std::string(kPage) + "Origin: http://evil.example\r\n"), 403);
  EXPECT_EQ(write(std::string(kPage) + "Origin: null\r\n"), 403);
  EXPECT_EQ(write(std::string(kPage) + "Sec-Fetch-Site: cross-site\r\n"), 403);
  EXPECT_EQ(write(std::string(kPage) + "Sec-Fetch-Site: same-site\r\n"), 403);
  EXPECT_EQ(write(std::string(kPage) + "Origin: http://a\r\nSec-Fetch-Site: same-origin\r\n"), 201);
  EXPECT_EQ(write(kPage), 201);
  EXPECT_EQ(status("DELETE", kSession, cookie), 403);
  // What is the same is counted: one for each method.
  const auto recorded = wait_lines("\"reason\":\"cross-site\"", 2);
  EXPECT_THAT(recorded[0], HasSubstr("\"access-denied\""));
}

TEST_F(SessionApiTest, EndsWhenItsTokenIsRevoked) {
  start();
  const std::string cookie = login(token(Role::auditor));
  ASSERT_EQ(status("GET", kSession, cookie), 200);
  ASSERT_TRUE(tokens().revoke(tokens().load()->back().id));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  int last = 200;
  while (last == 200 && std::chrono::steady_clock::now() < end) {
    last = status("GET", kSession, cookie);
  }
  EXPECT_EQ(last, 401) << "within a second";
}

/// RFC 6265bis, 4.1.3.2: who can put a cookie beside ours cannot give it this prefix.
TEST(SessionCookie, OverTlsOnlyTheOneWithThePrefixCounts) {
  http::FieldList plain;
  plain.add("Cookie", "tallystick_session=aa");
  EXPECT_EQ(session_cookie(plain, false), "aa");
  EXPECT_EQ(session_cookie(plain, true), std::nullopt);
  http::FieldList both;
  both.add("Cookie", "tallystick_session=aa; __Host-tallystick_session=bb");
  EXPECT_EQ(session_cookie(both, false), "bb");
  EXPECT_EQ(session_cookie(both, true), "bb");
  http::FieldList twice;
  twice.add("Cookie", "__Host-tallystick_session=aa; __Host-tallystick_session=bb");
  EXPECT_EQ(session_cookie(twice, true), "");
  EXPECT_FALSE(is_secure(plain, false));
  EXPECT_TRUE(is_secure(plain, true));
  plain.add("Origin", "https://audit.example.com");
  EXPECT_TRUE(is_secure(plain, false));
}

TEST_F(SessionApiTest, FromAnEncryptedPageThePlainCookieIsNone) {
  start();
  const std::string cookie = login(token(Role::auditor));
  const std::string page = "Origin: https://a\r\n";
  EXPECT_EQ(status("GET", kSession, cookie), 200);
  EXPECT_EQ(status("GET", kSession, cookie + page), 401);
  EXPECT_EQ(status("DELETE", kSession, cookie + page + kPage), 401);
  EXPECT_EQ(status("GET", kSession, "Cookie: __Host-" + cookie.substr(8) + page), 200);
}

TEST_F(SessionApiTest, CookiesThatAreNone) {
  start();
  const std::string cookie = login(token(Role::auditor));
  const std::string value = cookie.substr(8, cookie.size() - 10);
  EXPECT_EQ(status("GET", kSession, "Cookie: tallystick_session=\r\n"), 401);
  EXPECT_EQ(status("GET", kSession, "Cookie: tallystick_session\r\n"), 401);
  EXPECT_EQ(status("GET", kSession, "Cookie: " + value + "x\r\n"), 401);
  EXPECT_EQ(status("GET", kSession, "Cookie: " + value + "; " + value + "\r\n"), 401)
      << "a neighbour may have put one beside it";
  EXPECT_EQ(status("GET", kSession, "Cookie: tallystick_session=x; __Host-" + value + "\r\n"), 200)
      << "nobody else can set the other one";
  EXPECT_EQ(status("GET", kSession, cookie + "Authorization: Bearer wrong\r\n"), 401)
      << "a token that is shown counts";
  EXPECT_EQ(ask("DELETE", kSession, token(Role::auditor)).status(), 409);
  EXPECT_EQ(ask("POST", kSession).status(), 401);
}

TEST_F(SessionApiTest, CanBeSwitchedOff) {
  config_.session_lifetime = std::chrono::milliseconds(0);
  start();
  EXPECT_EQ(ask("POST", kSession, token(Role::admin)).status(), 404);
  EXPECT_EQ(status("GET", kSession, "Cookie: tallystick_session=00\r\n"), 401);
}

TEST_F(SessionApiTest, TokensOfAnIssuer) {
  const identity::TestKey key = identity::TestKey::p256();
  const auto source = identity::source_of(identity::key_set_json({key.jwk("k")}));
  oidc_ = std::make_shared<const identity::TokenVerifier>(
      identity::VerifierOptions{.issuers = {"i"}, .audiences = {"tally"}, .expiry_needed = true},
      source);
  config_.oidc_roles = {"roles", {"boss"}, {"law"}, {}, "servers", "email"};
  start();
  const auto issued = [&](const std::string& claims) {
    return key.token("ES256", "k",
                     R"({"iss":"i","aud":"tally","sub":"s","email":"jane@example.com","exp":)" +
                         std::to_string(std::time(nullptr) + 600) + claims + "}");
  };
  const std::string good = issued(R"(,"roles":["law"],"servers":["files"])");
  EXPECT_EQ(ask("GET", "/api/audit/logs", good).status(), 200);
  EXPECT_EQ(ask("GET", "/api/audit/integrity", good).status(), 403) << "it has a scope";
  EXPECT_EQ(ask("GET", "/api/audit/logs", issued(R"(,"roles":["law"])")).status(), 403);
  EXPECT_EQ(ask("GET", "/api/audit/logs", issued(R"(,"servers":["*"])")).status(), 403);
  EXPECT_EQ(ask("GET", "/api/audit/logs", key.token("ES256", "x", "{}")).status(), 401);
  EXPECT_THAT(ask("GET", kSession, good).body, HasSubstr(R"("name":"jane@example.com")"));
  EXPECT_EQ(status("GET", "/api/audit/logs", login(good)), 200);
  EXPECT_THAT(
      wait_lines("\"audit-log-access\"", 1)[0],
      AllOf(HasSubstr(R"("actor_id":"jane@example.com")"), HasSubstr(R"("actor_type":"user")")));
  EXPECT_EQ(wait_lines("\"reason\":\"no-scope\"", 1).size(), 1U);
  EXPECT_EQ(wait_lines("\"reason\":\"no-role\"", 1).size(), 1U);
  EXPECT_EQ(wait_lines("\"reason\":\"key not known\"", 1).size(), 1U);
}

/// However many wrong tokens come, so many signatures are checked, and who is known passes.
TEST_F(SessionApiTest, AFloodOfWrongTokensCostsSoManyChecks) {
  const identity::TestKey key = identity::TestKey::p256();
  const identity::TestKey other = identity::TestKey::p256();
  oidc_ = std::make_shared<const identity::TokenVerifier>(
      identity::VerifierOptions{.issuers = {"i"}, .audiences = {"tally"}, .expiry_needed = true},
      identity::source_of(identity::key_set_json({key.jwk("k")})));
  config_.oidc_roles = {"roles", {"boss"}, {"law"}, {}, "", "email"};
  start();
  const auto token_of = [](const identity::TestKey& by, int number) {
    return by.token("ES256", "k",
                    R"({"iss":"i","aud":"tally","roles":["law"],"sub":")" + std::to_string(number) +
                        R"(","exp":)" + std::to_string(std::time(nullptr) + 600) + "}");
  };
  const std::string known = token_of(key, 0);
  EXPECT_EQ(ask("GET", kSession, known).status(), 200);
  const auto begin = std::chrono::steady_clock::now();
  std::uint64_t checked = 0;
  std::uint64_t held = 0;
  for (int i = 1; i <= 200; ++i) {
    const auto answer = ask("GET", kSession, token_of(other, i));
    // After kGuessesMax all are 429; those that were not looked at may come again in a second.
    const bool waits = answer.status() == 429 && answer.field("retry-after") == "1";
    ++(waits ? held : checked);
    ASSERT_TRUE(answer.status() == 401 || answer.status() == 429);
    if (i % 50 == 0) {
      EXPECT_EQ(ask("GET", kSession, known).status(), 200);
    }
  }
  const auto seconds = static_cast<std::uint64_t>(
      std::chrono::ceil<std::chrono::seconds>(std::chrono::steady_clock::now() - begin).count());
  EXPECT_LE(checked, (kWrongChecksMax + 4) * (seconds + 1)) << "and four turns of may_check_late()";
  EXPECT_EQ(checked + held, 200U);
  const auto right = [&, newcomer = token_of(key, 1)] {
    return ask("GET", kSession, newcomer).status();
  };
  // While others at the same address go on.
  for (int i = 201; std::chrono::steady_clock::now() - begin < std::chrono::seconds(30); ++i) {
    if (right() == 200) break;
    static_cast<void>(ask("GET", kSession, token_of(other, i)));
  }
  EXPECT_EQ(right(), 200) << "a new one";
}

TEST_F(SessionApiTest, AWithdrawnKeyEndsSessionsStreamsAndExports) {
  const identity::TestKey key = identity::TestKey::p256();
  const auto source = identity::source_of(identity::key_set_json({key.jwk("k")}));
  oidc_ = std::make_shared<const identity::TokenVerifier>(
      identity::VerifierOptions{.issuers = {"i"}, .audiences = {"tally"}, .expiry_needed = true},
      source);
  config_.oidc_roles = {"roles", {"boss"}, {"law"}, {}, "", "email"};
  start();
  const std::string secret = key.token(
      "ES256", "k",
      R"({"iss":"i","aud":"tally","sub":"s","email":"jane@example.com","roles":["law"],"exp":)" +
          std::to_string(std::time(nullptr) + 600) + "}");
  const std::string cookie = login(secret);
  const std::string ours = login(token(Role::auditor));
  test::Wire by_token = connect();
  ASSERT_TRUE(by_token.send(request("GET", "/api/audit/stream", secret)));
  test::Wire by_session = connect();
  ASSERT_TRUE(by_session.send(request("GET", "/api/audit/stream", {}, {}, cookie)));
  test::Wire other = connect();
  ASSERT_TRUE(other.send(request("GET", "/api/audit/stream", {}, {}, ours)));
  for (test::Wire* const wire : {&by_token, &by_session, &other}) wire->read_until("retry: 2000\n");
  source->set(std::make_shared<const identity::KeySet>(
      *identity::KeySet::parse(identity::key_set_json({identity::TestKey::p256().jwk("n")}))));
  for (test::Wire* const wire : {&by_token, &by_session}) {
    EXPECT_THAT(wire->read_all(),
                AllOf(HasSubstr(R"("reason":"token","detail":"the issuer withdrew the key)"),
                      HasSubstr("0\r\n\r\n")));
  }
  EXPECT_EQ(status("GET", "/api/audit/logs", cookie), 401);
  EXPECT_EQ(status("GET", "/api/audit/logs", ours), 200) << "not of that issuer";
  const auto recorded = wait_lines("\"reason\":\"key-withdrawn\"", 3);
  for (const std::string& line : recorded) {
    EXPECT_THAT(
        line, AllOf(HasSubstr("\"auth-failure\""), HasSubstr("\"actor_id\":\"jane@example.com\"")));
  }
  EXPECT_EQ(lines("\"reason\":\"revoked\"").size(), 0U);
  post(first_token_, R"({"event_name":"later","target_type":"tool","target_id":"t"})");
  EXPECT_THAT(other.read_until("event: later"), HasSubstr("event: later"));
}

}  // namespace
}  // namespace tally::server
