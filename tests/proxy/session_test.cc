// SPDX-License-Identifier: Apache-2.0
// What a client sees on its connection: order, keep-alive, refusals, limits of time.
#include "proxy/session.h"

#include "proxy/proxy_fixture.h"

#include <gmock/gmock.h>

#include <chrono>
#include <future>
#include <string>
#include <vector>

namespace tally::proxy {
namespace {

using test::listed;
using test::Message;
using test::named;
using test::Wire;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using SessionTest = test::ProxyFixture;

TEST_F(SessionTest, ManyRequestsOnOneConnectionUseOneUpstreamConnection) {
  start(answer_all);
  Wire wire = client();
  for (int i = 1; i <= 20; ++i) {
    ASSERT_TRUE(wire.send(test::post(call(i))));
    const Message answer = wire.receive();
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.body, result(i));
  }
  EXPECT_EQ(upstream_->connections(), 1);
  const auto events = named(stop(), "mcp-tool-execution");
  EXPECT_EQ(events.size(), 40U) << listed(events);  // initiated and completed
}

TEST_F(SessionTest, PipelinedRequestsAreAnsweredInTheirOrder) {
  start(answer_all);
  Wire wire = client();
  std::string all;
  for (int i = 1; i <= 30; ++i) all += test::post(call(i));
  ASSERT_TRUE(wire.send(all));
  for (int i = 1; i <= 30; ++i) EXPECT_EQ(wire.receive().body, result(i));
}

TEST_F(SessionTest, BodiesOfAllKindsPassOnceAndWholeInOnePiece) {
  start([](Wire& wire, int) {
    for (Message request = wire.receive(); request.complete; request = wire.receive()) {
      const std::string seen = request.first_line() + '|' + request.body;
      if (!wire.send(test::response(seen, "Content-Type: text/plain\r\n"))) return;
    }
  });
  // What is inspected, what nobody reads, one that needs none, and one where it means nothing.
  struct Sent {
    std::string line, type, body;
  };
  const std::vector<Sent> all{{"PUT /files/1 HTTP/1.1", "text/plain", "not for us"},
                              {"GET /static/app HTTP/1.1", "text/plain", "12345"},
                              {"POST /mcp HTTP/1.1", "application/json", call(1)},
                              {"PUT /files/2 HTTP/1.1", "image/png", std::string(5'000, 'p')},
                              {"DELETE /files/3 HTTP/1.1", "application/json", "{}"},
                              {"POST /mcp HTTP/1.1", "application/json", call(2)}};
  std::string bytes;
  for (const Sent& sent : all) {
    bytes += sent.line + "\r\nHost: a\r\nContent-Type: " + sent.type +
             "\r\nContent-Length: " + std::to_string(sent.body.size()) + "\r\n\r\n" + sent.body;
  }
  Wire wire = client();
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(wire.send(bytes));
    for (const Sent& sent : all) {
      const Message answer = wire.receive();
      EXPECT_EQ(answer.status(), 200) << sent.line;
      EXPECT_EQ(answer.body, sent.line + '|' + sent.body);
    }
  }
}

TEST_F(SessionTest, ARequestMayComeByteByByte) {
  start(answer_all);
  Wire wire = client();
  for (const char c : test::post(call(1)) + test::post(call(2))) {
    ASSERT_TRUE(wire.send(std::string_view(&c, 1)));
  }
  EXPECT_EQ(wire.receive().body, result(1));
  EXPECT_EQ(wire.receive().body, result(2));
}

TEST_F(SessionTest, ConnectionCloseIsObeyed) {
  start(answer_all);
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::post(call(1), "Connection: close\r\n")));
  const Message answer = wire.receive();
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_EQ(wire.read_all(), "");
}

TEST_F(SessionTest, SmugglingIsRefusedRecordedAndNotForwarded) {
  start([](Wire& wire, int) { wire.read_all(); });
  for (const std::string_view hostile :
       {"POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
        "0\r\n\r\n",
        "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n folded\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n",
        "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: Authorization\r\n\r\n"}) {
    Wire wire = client();
    ASSERT_TRUE(wire.send(hostile));
    const Message answer = wire.receive();
    EXPECT_GE(answer.status(), 400) << hostile;
    EXPECT_LT(answer.status(), 506) << hostile;
    EXPECT_EQ(answer.field("connection"), "close");
    EXPECT_EQ(wire.read_all(), "");
  }
  EXPECT_EQ(upstream_->connections(), 0);
  EXPECT_GE(stop().size(), 6U);
}

TEST_F(SessionTest, NothingAfterARefusedRequestIsRun) {
  start(answer_all);
  Wire wire = client();
  ASSERT_TRUE(wire.send("GET / HTTP/1.1\r\nbad header\r\n\r\n" + test::post(call(1))));
  EXPECT_EQ(wire.receive().status(), 400);
  EXPECT_EQ(wire.read_all(), "");
  EXPECT_EQ(upstream_->connections(), 0);
}

TEST_F(SessionTest, ASlowHeadIsCutOff) {
  config_.proxies[0].timeouts.request_header = std::chrono::milliseconds(100);
  start(answer_all);
  Wire wire = client();
  ASSERT_TRUE(wire.send("GET / HTTP/1.1\r\nHost:"));
  const Message answer = wire.receive();
  EXPECT_EQ(answer.status(), 408);
  EXPECT_EQ(wire.read_all(), "");
  EXPECT_FALSE(stop().empty());
}

TEST_F(SessionTest, ASlowBodyIsCutOff) {
  config_.proxies[0].timeouts.request_body = std::chrono::milliseconds(100);
  start(answer_all);
  Wire wire = client();
  ASSERT_TRUE(
      wire.send("POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                "Content-Length: 10\r\n\r\n{"));
  EXPECT_TRUE(wire.wait_closed());
  EXPECT_EQ(upstream_->connections(), 0);
}

TEST_F(SessionTest, IdleConnectionsAreClosedSilently) {
  config_.proxies[0].timeouts.client_idle = std::chrono::milliseconds(100);
  start(answer_all);
  Wire wire = client();
  EXPECT_EQ(wire.read_all(), "");
  EXPECT_THAT(stop(), IsEmpty());
}

TEST_F(SessionTest, ATooLargeHeadIsRefusedWithoutReadingAllOfIt) {
  start(answer_all);
  Wire wire = client();
  static_cast<void>(wire.send("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(1 << 20, 'x')));
  EXPECT_EQ(wire.receive().status(), 431);
}

TEST_F(SessionTest, ConnectionsOverTheLimitWaitForOthersToEnd) {
  config_.limits.connections = 2;
  start(answer_all);
  auto first = std::make_unique<Wire>(client());
  Wire second = client();
  wait_connections(2);
  Wire third = client();  // in the kernel's queue
  ASSERT_TRUE(third.send(test::post(call(3))));
  ASSERT_TRUE(second.send(test::post(call(2))));
  EXPECT_EQ(second.receive().body, result(2));
  first.reset();
  EXPECT_EQ(third.receive().body, result(3));
}

/// Calls once its client has closed behind more unread bytes than are read ahead.
class LeavingTest : public test::ProxyFixture {
 protected:
  /// The outcome of a call of this version, after its upstream saw the end.
  event::Event left(std::string_view fields, bool reset) {
    std::promise<void> asked;
    std::promise<bool> closed;
    start([&](Wire& wire, int) {
      wire.receive();
      asked.set_value();
      closed.set_value(wire.wait_closed());
    });
    Wire wire = client();
    EXPECT_TRUE(wire.send(test::post(call(1), fields)));
    asked.get_future().wait();
    // More than the proxy reads ahead, less than the kernel holds besides.
    EXPECT_TRUE(wire.send(test::post(std::string(kReadAheadBytes + 48 * kKiB, ' '))));
    reset ? wire.reset() : wire.finish();
    EXPECT_TRUE(closed.get_future().get());
    wait_connections(0);
    const auto events = named(stop(), "mcp-tool-execution");
    EXPECT_EQ(events.size(), 2U) << listed(events);
    return events.empty() ? event::Event() : events.back();
  }
};

TEST_F(LeavingTest, BehindUnreadBytesIsNoticedAtOnce) {
  const event::Event outcome = left("", false);
  EXPECT_EQ(outcome.event_result, event::EventResult::unknown);
  EXPECT_THAT(outcome.details, HasSubstr(R"("reason":"disconnected")"));
}

TEST_F(LeavingTest, ByResetToo) {
  EXPECT_THAT(left("", true).details, HasSubstr(R"("reason":"disconnected")"));
}

TEST_F(LeavingTest, IsTheCancellationIn20260728) {
  EXPECT_THAT(left("MCP-Protocol-Version: 2026-07-28\r\n", false).details,
              HasSubstr(R"("reason":"cancelled")"));
}

TEST_F(SessionTest, AClientThatLeavesWhileItsResponseIsBlocked) {
  std::promise<bool> closed;
  start([&](Wire& wire, int) {
    wire.receive();
    wire.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    const std::string event = ": " + std::string(64 * kKiB, 'x') + "\n\n";
    while (wire.send(event)) {
    }
    closed.set_value(wire.wait_closed());
  });
  {
    Wire wire = client();
    ASSERT_TRUE(wire.send(test::post(call(1))));
    EXPECT_THAT(wire.read_until("\r\n\r\n"), HasSubstr("200 OK"));
    wire.finish();  // and nothing of the rest is read
    EXPECT_TRUE(closed.get_future().get());
  }
  wait_connections(0);
  const auto events = named(stop(), "mcp-tool-execution");
  ASSERT_EQ(events.size(), 2U) << listed(events);
  EXPECT_EQ(events[1].event_result, event::EventResult::unknown);
}

/// More answers of our own than are kept for a client that does not read yet.
TEST_F(SessionTest, RequestsWaitForWhoDoesNotReadAndNoneIsLost) {
  start(answer_all);
  upstream_->stop_listening();
  constexpr int kRequests = 30'000;
  Wire wire = client();
  std::string all;
  for (int i = 0; i < kRequests; ++i) all += "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
  auto sent = std::async(std::launch::async, [&] { return wire.send(all); });
  // Sent, or as far as it goes while nobody reads.
  static_cast<void>(sent.wait_for(std::chrono::seconds(2)));
  for (int i = 0; i < kRequests; ++i) ASSERT_EQ(wire.receive().status(), 502) << i;
  EXPECT_TRUE(sent.get());
}

TEST_F(SessionTest, AClientOfHttp10GetsItsAnswer) {
  start([](Wire& wire, int) {
    wire.receive();
    wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send("GET /x HTTP/1.0\r\nHost: a\r\n\r\n"));
  const std::string answer = wire.read_all();
  EXPECT_THAT(answer, ::testing::EndsWith("\r\n\r\nhello"));
  EXPECT_THAT(answer, ::testing::Not(HasSubstr("chunked")));
}

}  // namespace
}  // namespace tally::proxy
