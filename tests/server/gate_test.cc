// SPDX-License-Identifier: Apache-2.0
#include "server/gate.h"

#include "base/limits.h"
#include "server/api_fixture.h"

namespace tally::server {
namespace {

using access::Role;

class GateTest : public test::ApiFixture {
 protected:
  int status(const std::string& secret, const std::string& fields = {}) {
    return ask("POST", "/api/audit/events", secret, R"({"event_name":"x"})", fields).status();
  }
  /// A figure of /metrics.
  [[nodiscard]] int number_behind(const std::string& name) const {
    const std::string page = ask("GET", "/metrics").body;
    const std::size_t at = page.find('\n' + name);
    return at == std::string::npos ? -1 : std::atoi(page.c_str() + at + 1 + name.size());
  }
};

TEST_F(GateTest, WithoutATokenNothingButHealthAndTheDocument) {
  start();
  const auto answer = post("", R"({"event_name":"x"})");
  EXPECT_EQ(answer.status(), 401);
  EXPECT_EQ(answer.field("www-authenticate"), "Bearer realm=\"tallystick\"");
  EXPECT_EQ(ask("GET", "/openapi.json").status(), 200);
  const auto recorded = wait_lines("\"auth-failure\"", 1);
  EXPECT_NE(recorded[0].find("\"reason\":\"missing\""), std::string::npos);
  EXPECT_NE(recorded[0].find("\"actor_ip\":\"127.0.0.1\""), std::string::npos);
}

TEST_F(GateTest, TheTokenIsTakenOnlyFromOneAuthorizationField) {
  start();
  const std::string secret = token(Role::writer);
  EXPECT_EQ(status(secret), 201);
  EXPECT_EQ(status("", "authorization: bearer  " + secret + "\r\n"), 201) << "RFC 9110, 11.1";
  EXPECT_EQ(status("", "Authorization: Basic " + secret + "\r\n"), 401);
  EXPECT_EQ(status(secret, "Authorization: Bearer " + secret + "\r\n"), 400) << "which of the two?";
  EXPECT_EQ(ask("POST", "/api/audit/events?access_token=" + secret).status(), 401);
}

TEST_F(GateTest, ExpiredAndRevokedTokensAreRefused) {
  start();
  const std::string late =
      token(Role::admin, {}, system_clock().now() + std::chrono::milliseconds(300));
  EXPECT_EQ(status(late), 201);
  const std::string gone = token(Role::admin);
  EXPECT_EQ(status(gone), 201);
  ASSERT_TRUE(tokens().revoke(tokens().load()->back().id));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  int last = 201;
  while (last == 201 && std::chrono::steady_clock::now() < end) last = status(gone);
  EXPECT_EQ(last, 401) << "within a second";
  EXPECT_EQ(status(late), 401);
  EXPECT_NE(wait_lines("\"reason\":\"expired\"", 1)[0].find("\"actor_id\":\"token:"),
            std::string::npos);
}

TEST_F(GateTest, ARoleThatMayNotIsForbiddenAndRecorded) {
  start();
  const auto answer = post(token(Role::auditor), R"({"event_name":"x"})");
  EXPECT_EQ(answer.status(), 403);
  const auto recorded = wait_lines("\"access-denied\"", 1);
  EXPECT_NE(recorded[0].find("\"event_result\":\"denied\""), std::string::npos);
  EXPECT_NE(recorded[0].find("\"api_endpoint\":\"/api/audit/events\""), std::string::npos);
}

TEST_F(GateTest, GuessingIsSlowedDownButAValidTokenIsNeverRefused) {
  start();
  const std::string good = token(Role::writer);
  const std::string wrong = "tally_" + std::string(64, '0');
  for (std::uint64_t i = 0; i < kGuessesMax; ++i) EXPECT_EQ(status(wrong), 401);
  const auto refused = post(wrong, R"({"event_name":"x"})");
  EXPECT_EQ(refused.status(), 429);
  EXPECT_GT(std::stoi(refused.field("retry-after")), 0);
  EXPECT_EQ(status(good), 201);
  EXPECT_EQ(wait_lines("\"too-many\"", 1).size(), 1U);
  EXPECT_EQ(lines("\"reason\":\"unknown\"").size(), 1U) << "the others are counted";
  stop();
  bool folded = false;
  for (const std::string& line : lines("\"folded\"")) {
    folded = folded || line.find("\"count\":9") != std::string::npos;
  }
  EXPECT_TRUE(folded);
}

TEST_F(GateTest, ATokenThatIsRevokedWhileItsBodyComesIsARefusedAccess) {
  start();
  const std::string secret = token(Role::writer);
  const std::string whole =
      request("POST", "/api/audit/events", secret, R"({"event_name":"slow-body"})");
  auto wire = connect();
  ASSERT_TRUE(wire.send(whole.substr(0, whole.size() - 1)));
  // Until the head was looked at; the body is not complete.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (number_behind("tallystick_http_requests_total ") < 2 &&
         std::chrono::steady_clock::now() < end) {
  }
  ASSERT_TRUE(tokens().revoke(tokens().load()->back().id));
  const auto gone = std::chrono::steady_clock::now() + kTokenReload;
  while (std::chrono::steady_clock::now() < gone) {
  }
  ASSERT_TRUE(wire.send(whole.substr(whole.size() - 1)));
  EXPECT_EQ(wire.receive().status(), 401);
  const auto recorded = wait_lines("\"reason\":\"revoked\"", 1);
  EXPECT_NE(recorded[0].find("\"auth-failure\""), std::string::npos);
  EXPECT_NE(recorded[0].find("\"actor_id\":\"token:"), std::string::npos) << "it is known whose";
  EXPECT_TRUE(lines("slow-body").empty());
}

TEST_F(GateTest, TroubleWithTheFileOfTokensIsTold) {
  start();
  const std::string path = tokens().path();
  const std::string before = *tokens().read();
  EXPECT_EQ(number_behind("tallystick_tokens_readable "), 1);
  ASSERT_TRUE(storage::replace_file(storage::posix_file_system(), path, "broken\n"));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (number_behind("tallystick_tokens_readable ") != 0 &&
         std::chrono::steady_clock::now() < end) {
  }
  EXPECT_EQ(number_behind("tallystick_tokens_readable "), 0);
  EXPECT_EQ(status(first_token_), 201) << "nobody is kept out";
  ASSERT_TRUE(storage::replace_file(storage::posix_file_system(), path, before));
}

}  // namespace
}  // namespace tally::server
