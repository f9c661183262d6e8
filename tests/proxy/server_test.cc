// SPDX-License-Identifier: Apache-2.0
#include "proxy/server.h"

#include "net/certificates.h"
#include "proxy/proxy_fixture.h"
#include "storage/temporary_directory.h"

#include <gmock/gmock.h>

#include <future>

namespace tally::proxy {
namespace {

using test::listed;
using test::Message;
using test::named;
using test::Wire;
using ::testing::HasSubstr;

using ServerTest = test::ProxyFixture;

TEST_F(ServerTest, DrainingLetsWhatIsUnderWayEndAndTakesNothingNew) {
  std::promise<void> go;
  auto wait = go.get_future();
  std::promise<void> asked;
  start([&](Wire& wire, int) {
    wire.receive();
    asked.set_value();
    wait.wait();
    wire.send(test::response(result(1), "Content-Type: application/json\r\n"));
    wire.wait_closed();
  });
  Wire idle = client();
  Wire busy = client();
  ASSERT_TRUE(busy.send(test::post(call(1))));
  asked.get_future().wait();
  wait_connections(2);
  std::vector<Wire> others;  // on either loop
  for (int i = 0; i < 2; ++i) others.push_back(client());
  wait_connections(4);
  std::promise<std::vector<event::Event>> ended;
  std::thread stopper([&] { ended.set_value(stop()); });
  EXPECT_EQ(idle.read_all(), "");  // closed at once
  for (Wire& other : others) EXPECT_EQ(other.read_all(), "");
  config::ServeConfig next = config_;
  next.limits.connections = 100;
  reload(next);  // nobody listens any more
  go.set_value();
  const Message answer = busy.receive();
  EXPECT_EQ(answer.body, result(1));
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_EQ(busy.read_all(), "");
  stopper.join();
  const auto events = named(ended.get_future().get(), "mcp-tool-execution");
  EXPECT_EQ(events.back().event_result, event::EventResult::success) << listed(events);
}

TEST_F(ServerTest, DrainingEndsStreamsInTheEndAndSaysSo) {
  config_.drain_timeout = std::chrono::milliseconds(100);
  start([&](Wire& wire, int) {
    wire.receive();
    wire.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: x\n\n");
    wire.wait_closed();
  });
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::get("/mcp", "Accept: text/event-stream\r\n")));
  EXPECT_THAT(wire.read_until(": x\n\n"), HasSubstr("200 OK"));
  const auto events = named(stop(), "mcp-stream");
  ASSERT_EQ(events.size(), 2U) << listed(committed());
  EXPECT_EQ(events[0].status, event::Status::initiated);
}

TEST_F(ServerTest, LimitsAndTimeoutsChangeWhileConnectionsStay) {
  config_.limits.proxy_threads = 1;  // so that reload() waits for all of it
  config_.limits.connections = 1;
  start(answer_all);
  Wire wire = client();
  const std::string large = call(1, "{\"x\":\"" + std::string(5'000, 'x') + "\"}");
  ASSERT_TRUE(wire.send(test::post(large)));
  EXPECT_EQ(wire.receive().body, result(1));
  Wire waiting = client();
  ASSERT_TRUE(waiting.send(test::post(call(2))));
  config::ServeConfig next = config_;
  next.limits.connections = 2;
  next.limits.body_bytes = 4'096;
  next.limits.header_bytes = 1'000;
  reload(next);
  EXPECT_EQ(waiting.receive().body, result(2)) << "there is a place for it now";
  ASSERT_TRUE(wire.send(test::post(large)));
  EXPECT_EQ(wire.receive().status(), 413) << "on the connection that was there";
  ASSERT_TRUE(waiting.send(test::get("/x", "X-Long: " + std::string(2'000, 'x') + "\r\n")));
  EXPECT_EQ(waiting.receive().status(), 431);
  next.proxies[0].timeouts.client_idle = std::chrono::milliseconds(50);
  next.limits = config_.limits;
  next.limits.connections = 10;
  reload(next);
  Wire idle = client();
  ASSERT_TRUE(idle.send(test::post(large)));
  EXPECT_EQ(idle.receive().body, result(1));
  EXPECT_EQ(idle.read_all(), "") << "closed when it was idle";
}

TEST_F(ServerTest, ALowerMaximumTakesConnectionsOnceThereIsRoom) {
  config_.limits.proxy_threads = 1;
  config_.limits.connections = 4;
  start(answer_all);
  std::vector<Wire> wires;
  for (int i = 1; i <= 3; ++i) {
    wires.push_back(client());
    ASSERT_TRUE(wires.back().send(test::post(call(i))));
    EXPECT_EQ(wires.back().receive().body, result(i));
  }
  config::ServeConfig next = config_;
  next.limits.connections = 2;
  reload(next);
  Wire waiting = client();
  ASSERT_TRUE(waiting.send(test::post(call(4))));
  wires.pop_back();
  wait_connections(2);
  ASSERT_TRUE(wires.back().send(test::post(call(5))));
  EXPECT_EQ(wires.back().receive().body, result(5)) << "whoever has more keeps it";
  wires.pop_back();
  EXPECT_EQ(waiting.receive().body, result(4)) << "one less than the maximum was left";
}

TEST_F(ServerTest, WhatChangesOfAProxyIsThatOfItsPlace) {
  config_.limits.proxy_threads = 1;
  start([](Wire& wire, int) {
    while (!wire.receive().head.empty()) {
      if (!wire.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                     "Upgrade: x\r\n\r\n")) {
        break;
      }
    }
  });
  const auto upgraded = [this] {
    Wire wire = client();
    EXPECT_TRUE(wire.send(test::get("/ws", "Connection: Upgrade\r\nUpgrade: x\r\n")));
    return wire.receive().status() == 101;
  };
  EXPECT_FALSE(upgraded());
  config::ServeConfig next = config_;
  next.proxies[0].upgrade_paths = {"/ws"};
  next.proxies[0].upstream = *HttpUrl::parse("http://127.0.0.1:9");
  reload(next);
  EXPECT_FALSE(upgraded()) << "another upstream needs a restart, and all that belongs to it";
  next.proxies[0].upstream = config_.proxies[0].upstream;
  reload(next);
  EXPECT_TRUE(upgraded());
}

TEST_F(ServerTest, WrongAddressesAndFilesAreNamed) {
  net::Loop loop;
  config_.proxies[0].tls.certificate = "/no/such/file.pem";
  config_.proxies[0].tls.key = "/no/such/key.pem";
  auto server = Server::open(loop, config_, system_clock());
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().detail, HasSubstr("files"));
  EXPECT_THAT(server.error().detail, HasSubstr("/no/such/file.pem"));
  config_.proxies[0].tls = {};
  config_.proxies[0].listen.host = "192.0.2.1";
  server = Server::open(loop, config_, system_clock());
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().detail, HasSubstr("files"));
  EXPECT_THAT(server.error().detail, HasSubstr("192.0.2.1"));
}

class TlsServerTest : public ServerTest {
 protected:
  net::test::Certificate make(const std::string& names) {
    const auto pair = authority_.issue(names);
    ca_ = net::test::write_file(directory_ / "ca.pem", authority_.certificate());
    config_.proxies[0].tls.certificate =
        net::test::write_file(directory_ / "cert.pem", pair.certificate);
    config_.proxies[0].tls.key = net::test::write_file(directory_ / "key.pem", pair.key);
    return pair;
  }
  /// A proxy without TLS in front of the one of this test, to which it shows `own`.
  config::ServeConfig front_of(const net::test::Certificate& own) {
    config::ServeConfig front = config_;
    config::ProxyConfig& proxy = front.proxies[0];
    proxy.upstream_tls.certificate = net::test::write_file(directory_ / "own.pem", own.certificate);
    proxy.upstream_tls.key = net::test::write_file(directory_ / "own-key.pem", own.key);
    proxy.tls = {};
    proxy.client_certificates = {};
    proxy.upstream.tls = true;
    proxy.upstream.host = "localhost";
    proxy.upstream.port = port_;
    proxy.upstream_tls.ca_file = ca_;
    return front;
  }
  Result<std::unique_ptr<Server>> open_front(net::Loop& loop, const config::ServeConfig& front) {
    TALLY_TRY(auto server, Server::open(loop, front, system_clock()));
    const auto make =
        [this](const config::ProxyConfig&) -> Result<std::unique_ptr<record::HttpRecorder>> {
      TALLY_TRY(auto identifier, identity::Identifier::make({}, digest_));
      record::HttpRecorderOptions options;
      options.instance = "front";
      options.server_name = "front";
      return std::make_unique<record::HttpRecorder>(std::move(options), std::move(identifier),
                                                    uuids_, digest_);
    };
    TALLY_TRY_VOID(server->start(log_, make));
    return server;
  }
  static Wire wire_to(const Server& server) {
    const std::string url = server.listening().front().url;
    return Wire::to(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
  }

  storage::TemporaryDirectory directory_;
  net::test::Authority authority_;
  std::string ca_;
};

/// A proxy with TLS in front of a proxy that speaks TLS to it: client -> plain proxy of this test
/// is the upstream's client, so both directions of TLS are ours.
TEST_F(TlsServerTest, TlsToClientsAndToTheUpstream) {
  make("DNS:localhost");
  // It also shows who it is, and the proxy behind it asks.
  const auto own = authority_.issue("URI:spiffe://example.com/front", "front");
  config_.proxies[0].client_certificates = {ca_, true, config::ClientCertificates::Name::uri};
  start(answer_all);
  net::Loop loop;
  const config::ServeConfig front = front_of(own);
  auto server = open_front(loop, front);
  ASSERT_TRUE(server) << server.error().detail;
  std::thread thread([&] { loop.run(); });
  {
    Wire wire = wire_to(**server);
    const std::string large = "{\"x\":\"" + std::string(1'000'000, 'x') + "\"}";
    for (int i = 1; i <= 3; ++i) {
      ASSERT_TRUE(wire.send(test::post(call(i, i == 2 ? large : "{}"))));
      EXPECT_EQ(wire.receive().body, result(i));
    }
    Wire plain = client();  // no TLS: the proxy closes, and lives on
    ASSERT_TRUE(plain.send(test::get("/")));
    EXPECT_TRUE(plain.wait_closed());
    ASSERT_TRUE(wire.send(test::post(call(4))));
    EXPECT_EQ(wire.receive().body, result(4));
  }
  loop.post([&] { (*server)->drain([&] { loop.stop(); }); });
  thread.join();
  (*server)->finish();
  std::size_t behind = 0;
  for (const event::Event& event : named(stop(), "mcp-tool-execution")) {
    if (event.instance == "front") {
      EXPECT_EQ(event.actor_verified, event::ActorVerified::no);
      continue;
    }
    ++behind;
    EXPECT_EQ(event.actor_id, "spiffe://example.com/front");
    EXPECT_EQ(event.actor_type, event::ActorType::service);
    EXPECT_EQ(event.actor_verified, event::ActorVerified::yes);
    EXPECT_THAT(event.details, HasSubstr(R"("method":"certificate","subject":"CN=front")"));
  }
  EXPECT_GE(behind, 4U);
}

/// A list without its authorities, or authorities without their list, would let the revoked in.
TEST_F(TlsServerTest, AListOfTheRevokedGoesWithTheAuthoritiesOfTheStart) {
  make("DNS:localhost");
  const auto own = authority_.issue("DNS:front", "front");
  const net::test::Authority other;
  const auto file = [this](const char* name, const std::string& text) {
    return net::test::write_file(directory_ / name, text);
  };
  config_.proxies[0].client_certificates = {ca_, true, config::ClientCertificates::Name::subject,
                                            file("crl.pem", authority_.revoked(2))};
  start(answer_all);
  net::Loop loop;
  const config::ServeConfig front = front_of(own);
  auto server = open_front(loop, front);
  ASSERT_TRUE(server) << server.error().detail;
  std::thread thread([&] { loop.run(); });
  const auto is_let_in = [&] {
    Wire wire = wire_to(**server);
    EXPECT_TRUE(wire.send(test::post(call(1))));
    return wire.receive().body == result(1);
  };
  EXPECT_FALSE(is_let_in());
  config::ServeConfig next = config_;
  next.proxies[0].client_certificates = {};
  reload(next);
  EXPECT_FALSE(is_let_in()) << "both were removed";
  next = config_;
  next.proxies[0].client_certificates.ca_file = file("others.pem", other.certificate());
  next.proxies[0].client_certificates.crl_file = file("other-crl.pem", authority_.revoked(99));
  reload(next);
  EXPECT_FALSE(is_let_in()) << "both are others";
  next = config_;
  next.proxies[0].client_certificates.crl_file = file("new-crl.pem", authority_.revoked(99));
  reload(next);
  EXPECT_TRUE(is_let_in()) << "the same authorities have another list";
  next.proxies[0].client_certificates = {};
  reload(next);
  EXPECT_TRUE(is_let_in()) << "that list stays";
  loop.post([&] { (*server)->drain([&] { loop.stop(); }); });
  thread.join();
  (*server)->finish();
}

}  // namespace
}  // namespace tally::proxy
