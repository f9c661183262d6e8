// SPDX-License-Identifier: Apache-2.0
// Upstreams that are down, slow, rude or gone.
#include "proxy/proxy_fixture.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

namespace tally::proxy {
namespace {

using test::listed;
using test::Message;
using test::named;
using test::Wire;

class ExchangeUpstreamTest : public test::ProxyFixture {
 protected:
  /// The only completed record of a call.
  event::Event outcome() {
    for (const event::Event& each : named(stop(), "mcp-tool-execution")) {
      if (each.status != event::Status::initiated) return each;
    }
    ADD_FAILURE() << "no outcome in\n" << listed(committed());
    return {};
  }
};

TEST_F(ExchangeUpstreamTest, NobodyThere) {
  start(answer_all);
  upstream_->stop_listening();
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::post(call(1))));
  EXPECT_EQ(wire.receive().status(), 502);
  EXPECT_EQ(outcome().event_result, event::EventResult::error);
}

TEST_F(ExchangeUpstreamTest, GoneBeforeItAnswered) {
  start([](Wire& wire, int) { wire.receive(); });
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::post(call(1))));
  EXPECT_EQ(wire.receive().status(), 502);
  EXPECT_EQ(upstream_->connections(), 1);  // a POST is never sent twice
  stop();
}

TEST_F(ExchangeUpstreamTest, ResetBeforeItAnswered) {
  start([](Wire& wire, int) {
    wire.receive();
    wire.reset();
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::post(call(1))));
  EXPECT_EQ(wire.receive().status(), 502);
  EXPECT_EQ(upstream_->connections(), 1);
}

TEST_F(ExchangeUpstreamTest, Garbage) {
  start([](Wire& wire, int) {
    wire.receive();
    wire.send("this is no HTTP\r\n\r\n");
    wire.wait_closed();
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::post(call(1))));
  EXPECT_EQ(wire.receive().status(), 502);
}

TEST_F(ExchangeUpstreamTest, AHeadWithoutEnd) {
  start([](Wire& wire, int) {
    wire.receive();
    wire.send("HTTP/1.1 200 OK\r\n");
    while (wire.send("X-More: " + std::string(1'000, 'x') + "\r\n")) {
    }
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::post(call(1))));
  EXPECT_EQ(wire.receive().status(), 502);
}

TEST_F(ExchangeUpstreamTest, TooSlow) {
  config_.proxies[0].timeouts.response_header = std::chrono::milliseconds(100);
  start([](Wire& wire, int) {
    wire.receive();
    EXPECT_TRUE(wire.wait_closed());
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::post(call(1))));
  EXPECT_EQ(wire.receive().status(), 504);
  EXPECT_EQ(outcome().status, event::Status::failed);
}

TEST_F(ExchangeUpstreamTest, AnIdleConnectionThatWasClosedIsNotUsedAgain) {
  start([](Wire& wire, int) {
    wire.receive();
    wire.send(test::response(result(1), "Content-Type: application/json\r\n"));
  });
  Wire wire = client();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(wire.send(test::post(call(1))));
    ASSERT_EQ(wire.receive().status(), 200) << i;
    // The upstream closes right after; the proxy sees it before it sends or asks the kernel.
    while (upstream_->ended() <= i) std::this_thread::yield();
  }
  EXPECT_EQ(upstream_->connections(), 3);
}

TEST_F(ExchangeUpstreamTest, KeepAliveOfOneSecondIsNoKeepAlive) {
  start([](Wire& wire, int) {
    while (wire.receive().complete) {
      wire.send(test::response("x", "Keep-Alive: timeout=1\r\n"));
    }
  });
  Wire wire = client();
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(wire.send(test::get("/x")));
    EXPECT_EQ(wire.receive().body, "x");
  }
  EXPECT_EQ(upstream_->connections(), 2);
}

TEST_F(ExchangeUpstreamTest, AGetOnAConnectionThatDiedIsAskedAgain) {
  std::atomic<bool> second = false;
  start([&](Wire& wire, int number) {
    wire.receive();
    wire.send(test::response("x"));
    if (number > 0) return;
    wire.receive();  // and dies with the second request
    second = true;
    wire.reset();
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::get("/x")));
  EXPECT_EQ(wire.receive().body, "x");
  ASSERT_TRUE(wire.send(test::get("/y")));
  EXPECT_EQ(wire.receive().body, "x");
  EXPECT_TRUE(second);
  EXPECT_EQ(upstream_->connections(), 2);
}

TEST_F(ExchangeUpstreamTest, APostOnAConnectionThatDiedIsNot) {
  start([&](Wire& wire, int) {
    wire.receive();
    wire.send(test::response(result(1), "Content-Type: application/json\r\n"));
    wire.receive();
    wire.reset();
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::post(call(1))));
  EXPECT_EQ(wire.receive().status(), 200);
  ASSERT_TRUE(wire.send(test::post(call(2))));
  EXPECT_EQ(wire.receive().status(), 502);
  EXPECT_EQ(upstream_->connections(), 1);
}

TEST_F(ExchangeUpstreamTest, OverTheLimitOfConnectionsRequestsWaitTheirTurn) {
  config_.limits.upstream_connections = 1;
  config_.limits.proxy_threads = 1;  // idle connections stay with their loop
  start([&](Wire& wire, int) {
    while (wire.receive().complete) wire.send(test::response("x"));
  });
  std::vector<Wire> wires;
  for (int i = 0; i < 10; ++i) {
    wires.push_back(client());
    ASSERT_TRUE(wires.back().send(test::get("/x")));
  }
  for (Wire& wire : wires) EXPECT_EQ(wire.receive().body, "x");
  EXPECT_EQ(upstream_->connections(), 1);
}

TEST_F(ExchangeUpstreamTest, AClientThatLeavesClosesTheUpstreamAtOnce) {
  std::atomic<bool> closed = false;
  start([&](Wire& wire, int) {
    wire.receive();
    closed = wire.wait_closed();
  });
  {
    Wire wire = client();
    ASSERT_TRUE(wire.send(test::post(call(1))));
    while (upstream_->connections() == 0) {
    }
  }
  wait_connections(0);
  upstream_->stop_listening();
  const event::Event end = outcome();
  EXPECT_EQ(end.status, event::Status::failed);
  upstream_.reset();
  EXPECT_TRUE(closed);
}

TEST_F(ExchangeUpstreamTest, AnEarlyAnswerStopsTheUpload) {
  start([&](Wire& wire, int) {
    wire.read_until("\r\n\r\n");
    wire.send(test::response("no", "", "401 Unauthorized"));
    wire.wait_closed();
  });
  Wire wire = client();
  ASSERT_TRUE(
      wire.send("PUT /upload HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
                "Content-Length: 100000000\r\n\r\nbegin"));
  const Message answer = wire.receive();
  EXPECT_EQ(answer.status(), 401);
  EXPECT_EQ(answer.body, "no");
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_EQ(wire.read_all(), "");
}

}  // namespace
}  // namespace tally::proxy
