// SPDX-License-Identifier: Apache-2.0
// From a request to the decision: inspected, held, refused, recorded.
#include "proxy/exchange.h"

#include "proxy/proxy_fixture.h"

#include <gmock/gmock.h>

namespace tally::proxy {
namespace {

using test::listed;
using test::Message;
using test::named;
using test::Wire;
using ::testing::HasSubstr;
using ::testing::Not;

class ExchangeTest : public test::ProxyFixture {
 protected:
  /// An upstream that keeps the last request it got.
  void start_keeping() {
    start([this](Wire& wire, int) {
      for (;;) {
        Message request = wire.receive();
        if (!request.complete) return;
        {
          const std::lock_guard lock(mutex_);
          last_ = std::move(request);
        }
        if (!wire.send(test::response(result(1), "Content-Type: application/json\r\n"))) return;
      }
    });
  }
  Message last() {
    const std::lock_guard lock(mutex_);
    return last_;
  }
  std::mutex mutex_;
  Message last_;
};

TEST_F(ExchangeTest, TheRequestArrivesUnchangedButForTheListOfTheContract) {
  start_keeping();
  Wire wire = client();
  const std::string body = call(1, R"({"n":1.50,"s":"\u00e9 <&>"})");
  ASSERT_TRUE(wire.send(test::post(body,
                                   "Origin: http://here\r\nX-Odd:  two  words \r\n"
                                   "Accept-Encoding: zstd, gzip\r\nKeep-Alive: 5\r\n")));
  EXPECT_EQ(wire.receive().status(), 200);
  const Message seen = last();
  EXPECT_EQ(seen.first_line(), "POST /mcp HTTP/1.1");
  EXPECT_EQ(seen.body, body);
  EXPECT_EQ(seen.field("host"), "server.test");
  EXPECT_EQ(seen.field("origin"), "http://here");
  EXPECT_EQ(seen.field("accept-encoding"), "gzip");
  EXPECT_EQ(seen.field("keep-alive"), "");
  EXPECT_EQ(seen.field("x-forwarded-for"), "127.0.0.1");
  EXPECT_EQ(seen.field("x-forwarded-proto"), "http");
  EXPECT_NE(seen.field("x-request-id"), "");
  EXPECT_EQ(seen.field("via"), "");
}

TEST_F(ExchangeTest, ChunkedBodiesStayChunkedAndTrailersPass) {
  start_keeping();
  Wire wire = client();
  const std::string body = call(1);
  ASSERT_TRUE(
      wire.send("POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                "Transfer-Encoding: chunked\r\n\r\n5;ext=1\r\n" +
                body.substr(0, 5) + "\r\n" +
                [&] {
                  char size[16];
                  std::snprintf(size, sizeof size, "%zx", body.size() - 5);
                  return std::string(size);
                }() +
                "\r\n" + body.substr(5) + "\r\n0\r\nX-Sum: 7\r\n\r\n"));
  EXPECT_EQ(wire.receive().status(), 200);
  EXPECT_EQ(last().body, body);
  EXPECT_EQ(last().field("transfer-encoding"), "chunked");
  EXPECT_EQ(last().field("x-sum"), "7");
}

TEST_F(ExchangeTest, ACallIsDurableBeforeTheUpstreamSeesIt) {
  std::vector<event::Event> when_asked;
  start([&](Wire& wire, int) {
    wire.receive();
    when_asked = committed();
    wire.send(test::response(result(1), "Content-Type: application/json\r\n"));
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::post(call(1))));
  EXPECT_EQ(wire.receive().status(), 200);
  ASSERT_EQ(when_asked.size(), 1U) << listed(when_asked);
  EXPECT_EQ(when_asked[0].event_name, "mcp-tool-execution");
  EXPECT_EQ(when_asked[0].status, event::Status::initiated);
}

TEST_F(ExchangeTest, WithoutARecordTheCallIsRefusedAndNeverForwarded) {
  start(answer_all);
  fs_.set_capacity(fs_.total_bytes());
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::post(call(7))));
  const Message answer = wire.receive();
  EXPECT_EQ(answer.status(), 503);
  EXPECT_THAT(answer.body, HasSubstr("-32603"));
  EXPECT_THAT(answer.body, HasSubstr("\"id\":7"));
  EXPECT_THAT(answer.body, Not(HasSubstr("audit")));
  EXPECT_EQ(upstream_->connections(), 0);
  // The connection is still good, and a call that changes nothing passes.
  ASSERT_TRUE(wire.send(test::post(R"({"jsonrpc":"2.0","id":8,"method":"ping"})")));
  EXPECT_EQ(wire.receive().body, result(8));
  fs_.set_capacity(std::uint64_t{1} << 30);
  ASSERT_TRUE(wire.send(test::post(call(9))));
  EXPECT_EQ(wire.receive().body, result(9));
  EXPECT_EQ(named(stop(), "audit-gap").size(), 1U);
}

TEST_F(ExchangeTest, AClientThatLeavesWhileItsCallIsHeldCausesNothing) {
  config_.write_timeout = std::chrono::seconds(30);
  start(answer_all);
  {
    Wire wire = client();
    // A body that is not complete: nothing was decided yet.
    ASSERT_TRUE(wire.send(test::post(call(1)).substr(0, 150)));
    wait_connections(1);
  }
  wait_connections(0);
  EXPECT_EQ(upstream_->connections(), 0);
}

TEST_F(ExchangeTest, AHeldCallOfAClientThatLeftIsNeverForwarded) {
  config_.write_timeout = std::chrono::seconds(30);
  start(answer_all);
  auto held = hold_log();
  for (const bool reset : {false, true}) {
    Wire wire = client();
    ASSERT_TRUE(wire.send(test::post(call(1))));
    wait_connections(1);
    reset ? wire.reset() : wire.finish();
    wait_connections(0);
  }
  held.reset();  // now their first records can be written
  Wire other = client();
  ASSERT_TRUE(other.send(test::post(call(2))));
  EXPECT_EQ(other.receive().body, result(2));
  EXPECT_EQ(upstream_->connections(), 1);
  const auto events = named(stop(), "mcp-tool-execution");
  ASSERT_EQ(events.size(), 6U) << listed(events);
  std::size_t denied = 0;
  for (const event::Event& each : events) {
    if (each.event_result != event::EventResult::denied) continue;
    ++denied;
    EXPECT_THAT(each.details, HasSubstr(R"("reason":"not_forwarded")"));
  }
  EXPECT_EQ(denied, 2U) << listed(events);
}

TEST_F(ExchangeTest, WhatTwoServersCouldReadDifferentlyIsRefused) {
  start(answer_all);
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::post(
      R"({"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call","params":{"name":"x"}})")));
  EXPECT_EQ(wire.receive().status(), 400);
  EXPECT_EQ(upstream_->connections(), 0);
}

TEST_F(ExchangeTest, ContinueIsAnsweredByUsWhenTheBodyIsInspected) {
  start_keeping();
  Wire wire = client();
  const std::string whole = test::post(call(1), "Expect: 100-continue\r\n");
  const std::size_t head = whole.find("\r\n\r\n") + 4;
  ASSERT_TRUE(wire.send(whole.substr(0, head)));
  EXPECT_EQ(wire.receive().status(), 100);
  ASSERT_TRUE(wire.send(whole.substr(head)));
  EXPECT_EQ(wire.receive().status(), 200);
  EXPECT_EQ(last().body, call(1));
}

TEST_F(ExchangeTest, OversizedBodiesAreRefused) {
  config_.limits.body_bytes = 1'000;
  start(answer_all);
  for (const bool chunked : {false, true}) {
    Wire wire = client();
    const std::string body = call(1, "{\"x\":\"" + std::string(2'000, 'x') + "\"}");
    if (chunked) {
      char size[16];
      std::snprintf(size, sizeof size, "%zx", body.size());
      static_cast<void>(
          wire.send("POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json"
                    "\r\nTransfer-Encoding: chunked\r\n\r\n" +
                    std::string(size) + "\r\n" + body + "\r\n0\r\n\r\n"));
    } else {
      static_cast<void>(wire.send(test::post(body)));
    }
    EXPECT_EQ(wire.receive().status(), 413);
    EXPECT_EQ(wire.read_all(), "");
  }
  EXPECT_EQ(upstream_->connections(), 0);
  EXPECT_GE(stop().size(), 2U);
}

TEST_F(ExchangeTest, OversizedBodiesAreForwardedWhereAllowed) {
  config_.limits.body_bytes = 1'000;
  config_.proxies[0].oversize = config::Oversize::forward;
  start_keeping();
  Wire wire = client();
  const std::string body = call(1, "{\"x\":\"" + std::string(3'000'000, 'x') + "\"}");
  ASSERT_TRUE(wire.send(test::post(body)));
  EXPECT_EQ(wire.receive().status(), 200);
  EXPECT_EQ(last().body, body);
  const auto events = stop();
  EXPECT_GE(events.size(), 1U);
  EXPECT_EQ(listed(events).find("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" +
                                std::string(10'000, 'x')),
            std::string::npos);
}

TEST_F(ExchangeTest, ABrokenChunkIsRefused) {
  start(answer_all);
  Wire wire = client();
  ASSERT_TRUE(
      wire.send("POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"));
  EXPECT_EQ(wire.receive().status(), 400);
  EXPECT_EQ(wire.read_all(), "");
  EXPECT_EQ(upstream_->connections(), 0);
  EXPECT_FALSE(stop().empty());
}

}  // namespace
}  // namespace tally::proxy
