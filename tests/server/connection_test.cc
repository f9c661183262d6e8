// SPDX-License-Identifier: Apache-2.0
#include "server/connection.h"

#include "base/limits.h"
#include "server/api_fixture.h"

namespace tally::server {
namespace {

using access::Role;
using test::Wire;

class ConnectionTest : public test::ApiFixture {
 protected:
  static std::string event(const std::string& name) {
    return R"({"event_name":")" + name + R"("})";
  }
};

TEST_F(ConnectionTest, KeepsItForTheNextRequestAndTakesThemInOrder) {
  start();
  const std::string secret = token(Role::writer);
  Wire wire = connect();
  // Three at once: the second has a body, and waits for the disk.
  ASSERT_TRUE(wire.send(request("GET", "/healthz") +
                        request("POST", "/api/audit/events", secret, event("one")) +
                        request("GET", "/nothing")));
  EXPECT_EQ(wire.receive().status(), 200);
  EXPECT_EQ(wire.receive().status(), 201);
  EXPECT_EQ(wire.receive().status(), 404);
  ASSERT_TRUE(wire.send(request("GET", "/healthz")));
  EXPECT_EQ(wire.receive().status(), 200);
}

TEST_F(ConnectionTest, EveryCutOfARequestIsTheSameRequest) {
  start();
  const std::string whole = request("POST", "/api/audit/events", token(Role::writer), event("cut"));
  Wire wire = connect();
  for (const std::size_t step : {1U, 7U, 64U}) {
    for (std::size_t at = 0; at < whole.size(); at += step) {
      ASSERT_TRUE(wire.send(std::string_view(whole).substr(at, step)));
    }
    EXPECT_EQ(wire.receive().status(), 201);
  }
  EXPECT_EQ(lines("\"cut\"").size(), 3U);
}

TEST_F(ConnectionTest, ChunkedBodiesAreBodies) {
  start();
  const std::string head = "POST /api/audit/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " +
                           token(Role::writer) + "\r\nTransfer-Encoding: chunked\r\n\r\n";
  Wire wire = connect();
  ASSERT_TRUE(wire.send(head + "8\r\n{\"event_\r\n8\r\nname\":\"c\r\n2\r\n\"}\r\n0\r\n\r\n"));
  EXPECT_EQ(wire.receive().status(), 201);
  ASSERT_TRUE(wire.send(head + "zz\r\n"));
  EXPECT_EQ(wire.receive().status(), 400);
  EXPECT_EQ(wire.read_all(), "");
}

TEST_F(ConnectionTest, WhoSendsALongRefusedBodyStillGetsTheAnswer) {
  start();
  Wire wire = connect();
  const std::string body(2 * kMiB, 'x');
  const std::string head = "POST /api/audit/events HTTP/1.1\r\nHost: a\r\nContent-Length: " +
                           std::to_string(body.size()) + "\r\n\r\n";
  ASSERT_TRUE(wire.send(head + body)) << "nobody took the body";
  EXPECT_EQ(wire.receive().status(), 401);
}

TEST_F(ConnectionTest, ExpectContinueIsAnsweredOnlyWhenTheBodyIsWanted) {
  start();
  const std::string expect = "Expect: 100-continue\r\nContent-Length: 22\r\n";
  Wire refused = connect();
  ASSERT_TRUE(refused.send(request("POST", "/api/audit/events", "", "", expect)));
  EXPECT_EQ(refused.receive().status(), 401);
  EXPECT_EQ(refused.read_all(), "") << "the body was not read, so nothing can follow";
  Wire taken = connect();
  ASSERT_TRUE(taken.send(request("POST", "/api/audit/events", token(Role::writer), "", expect)));
  EXPECT_EQ(taken.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(taken.send(R"({"event_name":"later"})"));
  EXPECT_EQ(taken.receive().status(), 201);
}

TEST_F(ConnectionTest, WhoAsksAndDoesNotReadIsNotReadEither) {
  start();
  Wire wire = connect();
  std::string requests;
  for (int i = 0; i < 300; ++i) requests += request("GET", "/openapi.json");
  ASSERT_TRUE(wire.send(requests));
  wire.finish();
  // More than a socket holds: the answers wait for the reader, and none is lost at the client's
  // end.
  for (int i = 0; i < 300; ++i) {
    const auto answer = wire.receive();
    ASSERT_EQ(answer.status(), 200) << i;
    ASSERT_TRUE(answer.complete) << i;
  }
  EXPECT_EQ(wire.read_all(), "");
}

TEST_F(ConnectionTest, ATokenThatIsRevokedMeanwhileWritesNothing) {
  start();
  const std::string secret = token(Role::writer);
  const std::string whole = request("POST", "/api/audit/events", secret, event("too-late"));
  Wire wire = connect();
  ASSERT_TRUE(wire.send(std::string_view(whole).substr(0, whole.size() - 4)));
  EXPECT_EQ(ask("GET", "/healthz").status(), 200);  // the head was read
  ASSERT_TRUE(tokens().revoke(tokens().load()->back().id));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (post(secret, event("other")).status() != 401 && std::chrono::steady_clock::now() < end) {
  }
  ASSERT_TRUE(wire.send(std::string_view(whole).substr(whole.size() - 4)));
  EXPECT_EQ(wire.receive().status(), 401);
  EXPECT_EQ(lines("too-late").size(), 0U);
}

TEST_F(ConnectionTest, WhatIsNoHttpEndsTheConnection) {
  start();
  for (const char* bytes : {"nonsense\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n"}) {
    Wire wire = connect();
    ASSERT_TRUE(wire.send(bytes));
    const auto answer = wire.receive();
    EXPECT_EQ(answer.status(), 400) << bytes;
    EXPECT_EQ(answer.field("content-type"), "application/problem+json");
    EXPECT_EQ(wire.read_all(), "");
  }
}

TEST_F(ConnectionTest, ABodyThatIsTooLargeIsRefusedBeforeItIsSent) {
  start();
  Wire wire = connect();
  ASSERT_TRUE(
      wire.send(request("POST", "/api/audit/events", token(Role::writer), "",
                        "Content-Length: " + std::to_string(kApiBodyBytesMax + 1) + "\r\n")));
  EXPECT_EQ(wire.receive().status(), 413);
  EXPECT_EQ(wire.read_all(), "");
}

TEST_F(ConnectionTest, AnOldClientIsAnsweredAndLeft) {
  start();
  Wire wire = connect();
  ASSERT_TRUE(wire.send("GET /healthz HTTP/1.0\r\n\r\n"));
  const auto answer = wire.receive();
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_EQ(wire.read_all(), "");
}

TEST_F(ConnectionTest, StoppingLetsAnIdleConnectionGo) {
  start();
  Wire wire = connect();
  ASSERT_TRUE(wire.send(request("GET", "/healthz")));
  EXPECT_EQ(wire.receive().status(), 200);
  stop();
  EXPECT_EQ(wire.read_all(), "");
}

TEST_F(ConnectionTest, ABodyThatDripsIsNotWaitedForForEver) {
  limits_.body_wait = std::chrono::milliseconds(300);
  start();
  Wire wire = connect();
  ASSERT_TRUE(wire.send("POST /api/audit/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " +
                        first_token_ + "\r\nContent-Length: 10000000\r\n\r\n"));
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(600);
  while (std::chrono::steady_clock::now() < end && wire.send(" ")) {
  }
  const auto answer = wire.receive();
  EXPECT_EQ(answer.status(), 408) << answer.head;
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_TRUE(wire.wait_closed());
}

TEST_F(ConnectionTest, AnswersThatWaitHaveABudget) {
  limits_.answers_bytes = 8 * kKiB;
  start();
  const auto refused = ask("GET", "/openapi.json");
  EXPECT_EQ(refused.status(), 503) << "larger than all that may wait";
  EXPECT_FALSE(refused.field("retry-after").empty());
  EXPECT_EQ(ask("GET", "/healthz").status(), 200) << "what is small gets through";
}

TEST_F(ConnectionTest, WhatWasSentIsNotHeldAgainstOthers) {
  limits_.answers_bytes = 256 * kKiB;  // several documents
  start();
  Wire wire = connect();
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(wire.send(request("GET", "/openapi.json")));
    const auto answer = wire.receive();
    ASSERT_EQ(answer.status(), 200) << i;
    ASSERT_GT(answer.body.size(), 8 * kKiB);
  }
}

}  // namespace
}  // namespace tally::server
