// SPDX-License-Identifier: Apache-2.0
// Responses of every shape, streams above all: what came goes on at once, byte for byte.
#include "proxy/deflated.h"
#include "proxy/proxy_fixture.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>

namespace tally::proxy {
namespace {

using test::listed;
using test::Message;
using test::named;
using test::Wire;
using ::testing::HasSubstr;

using ExchangeResponseTest = test::ProxyFixture;

constexpr std::string_view kStreamHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string chunk(std::string_view text) {
  char size[16];
  std::snprintf(size, sizeof size, "%zx", text.size());
  return std::string(size) + "\r\n" + std::string(text) + "\r\n";
}

TEST_F(ExchangeResponseTest, AnEventLeavesBeforeTheNextOneExists) {
  std::promise<void> first_seen;
  auto seen = first_seen.get_future();
  start([&](Wire& wire, int) {
    wire.receive();
    wire.send(kStreamHead);
    wire.send(chunk(": hello\n\n"));
    seen.wait();  // nothing more until the client has that
    wire.send(chunk("data: " + result(1) + "\n\n") + "0\r\n\r\n");
    wire.wait_closed();
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::post(call(1))));
  EXPECT_THAT(wire.read_until(": hello\n\n"), HasSubstr("200 OK"));
  first_seen.set_value();
  EXPECT_THAT(wire.read_until("0\r\n\r\n"), HasSubstr(result(1)));
  const auto events = named(stop(), "mcp-tool-execution");
  ASSERT_EQ(events.size(), 2U) << listed(events);
  EXPECT_EQ(events[1].event_result, event::EventResult::success);
}

TEST_F(ExchangeResponseTest, EventsCutAnywhereAreRecordedAndPassUnchanged) {
  const std::string stream = ": c\n\nid: 1\ndata:\n\nevent: message\r\ndata: " +
                             std::string(R"({"jsonrpc":"2.0","method":"notifications/progress",)") +
                             R"("params":{"progressToken":1,"progress":1}})" +
                             "\r\n\r\ndata: " + result(1) + "\n\n";
  start([&](Wire& wire, int) {
    wire.receive();
    wire.send(kStreamHead);
    for (const char c : stream) wire.send(chunk(std::string_view(&c, 1)));
    wire.send("0\r\n\r\n");
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::post(call(1))));
  const Message answer = wire.receive();
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.body, stream);
  const auto events = stop();
  EXPECT_EQ(named(events, "mcp-progress").size(), 1U) << listed(events);
  EXPECT_EQ(named(events, "mcp-tool-execution").back().event_result, event::EventResult::success);
}

/// Little as it comes, many pieces when read; longer than is held, so it is looked at in these.
TEST_F(ExchangeResponseTest, ACodedResultPassesAsItIsAndIsReadToItsEnd) {
  config_.limits.body_bytes = 1'000'000;
  const std::string packed =
      test::deflated(R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"text":")" +
                     std::string(8'000'000, 'x') + R"("}],"isError":true}})");
  const std::string fields = "Content-Type: application/json\r\nContent-Encoding: deflate\r\n";
  start([packed, fields](Wire& wire, int) {
    for (std::string body = packed; wire.receive().complete; body += "more") {
      wire.send(test::response(body, fields));
    }
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::post(call(1))));
  EXPECT_EQ(wire.receive().body, packed);
  ASSERT_TRUE(wire.send(test::post(call(1))));
  EXPECT_EQ(wire.receive().body, packed + "more") << "passed on whatever we can read";
  const auto calls = named(stop(), "mcp-tool-execution");
  ASSERT_EQ(calls.size(), 4U) << listed(calls);
  EXPECT_EQ(calls[1].event_result, event::EventResult::failure);
  EXPECT_NE(calls[3].event_result, event::EventResult::success);
}

TEST_F(ExchangeResponseTest, HalfAChunkIsNeverMadeWhole) {
  start([](Wire& wire, int) {
    wire.receive();
    wire.send(std::string(kStreamHead) + "ff\r\nhalf");
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::post(call(1))));
  const Message answer = wire.receive();
  EXPECT_EQ(answer.status(), 200);
  EXPECT_FALSE(answer.complete);
  const auto events = named(stop(), "mcp-tool-execution");
  EXPECT_EQ(events.back().status, event::Status::failed) << listed(events);
}

TEST_F(ExchangeResponseTest, FewerBytesThanAnnouncedIsABrokenResponse) {
  start([](Wire& wire, int) {
    wire.receive();
    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::get("/x")));
  const Message answer = wire.receive();
  EXPECT_EQ(answer.body, "short");
  EXPECT_FALSE(answer.complete);
}

TEST_F(ExchangeResponseTest, ResponsesWithoutABody) {
  start([](Wire& wire, int) {
    for (;;) {
      const Message request = wire.receive();
      if (!request.complete) return;
      if (request.first_line().starts_with("HEAD")) {
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n");
      } else if (request.first_line().starts_with("GET /304")) {
        wire.send("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n");
      } else if (request.first_line().starts_with("DELETE")) {
        wire.send("HTTP/1.1 204 No Content\r\n\r\n");
      } else {
        wire.send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
      }
    }
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n"));
  const Message head = wire.receive(true);
  EXPECT_EQ(head.field("content-length"), "77");
  ASSERT_TRUE(wire.send(test::get("/304")));
  EXPECT_EQ(wire.receive().field("etag"), "\"x\"");
  ASSERT_TRUE(wire.send("DELETE /mcp HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(wire.receive().status(), 204);
  ASSERT_TRUE(wire.send(test::post(R"({"jsonrpc":"2.0","method":"notifications/initialized"})")));
  EXPECT_EQ(wire.receive().status(), 202);
  EXPECT_EQ(upstream_->connections(), 1);
}

TEST_F(ExchangeResponseTest, InterimResponsesPass) {
  start([](Wire& wire, int) {
    wire.receive();
    wire.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + test::response("x"));
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::get("/x")));
  EXPECT_EQ(wire.receive().status(), 103);
  EXPECT_EQ(wire.receive().body, "x");
}

TEST_F(ExchangeResponseTest, ABodyThatEndsWithTheConnection) {
  start([](Wire& wire, int) {
    wire.receive();
    wire.send("HTTP/1.1 200 OK\r\n\r\nall of it");
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::get("/x")));
  const std::string answer = wire.read_all();
  EXPECT_THAT(answer, HasSubstr("all of it"));
}

TEST_F(ExchangeResponseTest, TrailersPass) {
  start([](Wire& wire, int) {
    wire.receive();
    wire.send(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\na\r\n0\r\nX-T: 1\r\n"
        "\r\n");
    wire.wait_closed();
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::get("/x")));
  const Message answer = wire.receive();
  EXPECT_EQ(answer.body, "a");
  EXPECT_EQ(answer.field("x-t"), "1");
}

TEST_F(ExchangeResponseTest, MoreThanTheResponseSpoilsTheConnection) {
  start([](Wire& wire, int) {
    while (wire.receive().complete) {
      wire.send(test::response("x") + test::response("smuggled"));
    }
  });
  Wire wire = client();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(wire.send(test::get("/x")));
    EXPECT_EQ(wire.receive().body, "x");
  }
  EXPECT_EQ(upstream_->connections(), 3);
}

TEST_F(ExchangeResponseTest, ASlowReaderHoldsItsUpstreamBackAndGetsEverything) {
  const std::size_t size = 30'000'000;
  std::atomic<std::size_t> sent = 0;
  start([&](Wire& wire, int) {
    wire.receive();
    wire.send("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: " +
              std::to_string(size) + "\r\n\r\n");
    const std::string block(100'000, 'b');
    while (sent < size && wire.send(block)) sent += block.size();
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::get("/big")));
  EXPECT_THAT(wire.read_until("\r\n\r\n"), HasSubstr("200 OK"));
  // Nobody reads now: the upstream gets no further than sockets and outbox hold.
  std::size_t before = 1;
  std::size_t now = 0;
  for (int calm = 0; calm < 50; calm = before == now ? calm + 1 : 0) {
    before = now;
    on_loop([] {});
    now = sent;
  }
  EXPECT_LT(now, size);
  EXPECT_EQ(wire.read_bytes(size), std::string(size, 'b'));
}

TEST_F(ExchangeResponseTest, AStreamOutlivesTheTimeLimitOfOtherBodies) {
  config_.proxies[0].timeouts.response_body = std::chrono::milliseconds(100);
  std::promise<void> later;
  auto wait = later.get_future();
  start([&](Wire& wire, int number) {
    wire.receive();
    if (number == 0) {
      wire.send(kStreamHead);
      wait.wait();
      wire.send(chunk("data: x\n\n") + "0\r\n\r\n");
    } else {
      wire.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
      wire.wait_closed();
    }
  });
  Wire stream = client();
  ASSERT_TRUE(stream.send(test::get("/mcp", "Accept: text/event-stream\r\n")));
  EXPECT_THAT(stream.read_until("\r\n\r\n"), HasSubstr("200 OK"));
  Wire other = client();
  ASSERT_TRUE(other.send(test::get("/slow")));
  EXPECT_FALSE(other.receive().complete);  // cut off after its limit
  later.set_value();
  EXPECT_THAT(stream.read_until("0\r\n\r\n"), HasSubstr("data: x"));
}

}  // namespace
}  // namespace tally::proxy
