// SPDX-License-Identifier: Apache-2.0
// Upgraded connections: tunnelled where configured, opaque, with a record of both ends.
#include "proxy/proxy_fixture.h"

#include <gmock/gmock.h>

#include <future>

namespace tally::proxy {
namespace {

using test::listed;
using test::named;
using test::Wire;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kAgreed =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n";

std::string ask(std::string_view target) {
  return test::get(target, "Upgrade: echo\r\nConnection: Upgrade\r\n");
}

class ExchangeTunnelTest : public test::ProxyFixture {
 protected:
  ExchangeTunnelTest() { config_.proxies[0].upgrade_paths = {"/ws", "/live/*"}; }
};

TEST_F(ExchangeTunnelTest, BytesGoBothWaysAndTheRecordSaysHowMany) {
  std::string head;
  std::string came;
  start([&](Wire& wire, int) {
    head = wire.receive().head;
    wire.send(std::string(kAgreed) + "hello ");
    came = wire.read_bytes(11);
    wire.send("and bye");
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(ask("/ws?token=sesame") + "ahead "));  // does not wait for the answer
  const std::string answer = wire.read_until("hello ");
  EXPECT_THAT(answer, HasSubstr("101 Switching Protocols"));
  EXPECT_THAT(answer, HasSubstr("Upgrade: echo"));
  ASSERT_TRUE(wire.send("later"));
  EXPECT_EQ(wire.read_all(), "and bye");
  wire.close();
  wait_connections(0);
  EXPECT_EQ(came, "ahead later");
  EXPECT_THAT(head, HasSubstr("Upgrade: echo"));
  const auto events = named(stop(), "http-request");
  ASSERT_EQ(events.size(), 2U) << listed(events);
  EXPECT_EQ(events[0].status, event::Status::initiated);
  EXPECT_EQ(events[1].event_result, event::EventResult::success);
  EXPECT_EQ(events[0].interaction_id, events[1].interaction_id);
  EXPECT_THAT(events[1].details, HasSubstr(R"("upgrade":"echo")"));
  EXPECT_THAT(events[1].details, HasSubstr(R"("bytes_from_client":11,"bytes_from_server":13)"));
  EXPECT_THAT(events[1].details, Not(HasSubstr("sesame")));
}

TEST_F(ExchangeTunnelTest, AMegabyteEachWayWithSlowReaders) {
  const std::string much(3'000'000, 'x');
  start([&](Wire& wire, int) {
    wire.receive();
    wire.send(kAgreed);
    wire.send(much);
    EXPECT_EQ(wire.read_bytes(much.size()), much);
    wire.send(".");
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(ask("/live/1")));
  EXPECT_THAT(wire.read_until("\r\n\r\n"), HasSubstr("101"));
  auto sent = std::async(std::launch::async, [&] { return wire.send(much); });
  EXPECT_EQ(wire.read_bytes(much.size()), much);
  EXPECT_TRUE(sent.get());
  EXPECT_EQ(wire.read_all(), ".");
}

TEST_F(ExchangeTunnelTest, AClientThatLeavesEndsItAtTheUpstream) {
  std::promise<bool> closed;
  start([&](Wire& wire, int) {
    wire.receive();
    wire.send(kAgreed);
    closed.set_value(wire.wait_closed());
  });
  {
    Wire wire = client();
    ASSERT_TRUE(wire.send(ask("/ws")));
    EXPECT_THAT(wire.read_until("\r\n\r\n"), HasSubstr("101"));
  }
  EXPECT_TRUE(closed.get_future().get());
  wait_connections(0);
  EXPECT_EQ(named(stop(), "http-request").size(), 2U);
}

TEST_F(ExchangeTunnelTest, ElsewhereNothingIsUpgraded) {
  std::string head;
  start([&](Wire& wire, int) {
    head = wire.receive().head;
    wire.send(test::response("no"));
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(ask("/other")));
  EXPECT_EQ(wire.receive().body, "no");
  EXPECT_THAT(head, Not(HasSubstr("pgrade")));
}

TEST_F(ExchangeTunnelTest, AnUpgradeThatNobodyAskedForIsNone) {
  start([&](Wire& wire, int) {
    wire.receive();
    wire.send(std::string(kAgreed) + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    wire.wait_closed();
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::get("/ws")));
  EXPECT_EQ(wire.receive().status(), 502);
}

TEST_F(ExchangeTunnelTest, AServerThatDeclinesIsAnOrdinaryAnswer) {
  start([&](Wire& wire, int) {
    wire.receive();
    wire.send(test::response("not here", "", "400 Bad Request"));
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(ask("/ws")));
  EXPECT_EQ(wire.receive().body, "not here");
  const auto events = named(stop(), "http-request");
  ASSERT_EQ(events.size(), 1U) << listed(events);
  EXPECT_THAT(events[0].details, HasSubstr(R"("status_code":400)"));
}

}  // namespace
}  // namespace tally::proxy
