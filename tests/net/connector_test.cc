// SPDX-License-Identifier: Apache-2.0
#include "net/connector.h"

#include "net/certificates.h"
#include "net/listener.h"
#include "net/loop_fixture.h"
#include "net/tls_context.h"
#include "storage/temporary_directory.h"

#include <optional>

namespace tally::net {
namespace {

class ConnectorTest : public test::LoopFixture {
 protected:
  void SetUp() override {
    auto listener =
        Listener::open(loop_, {"127.0.0.1", 0}, [this](int descriptor, const SocketAddress&) {
          accepted_ = tls_ == nullptr ? make_tcp_stream(loop_, descriptor)
                                      : make_tls_server(loop_, descriptor, *tls_);
          accepted_->set_handler(&reactions_);
          reactions_.readable = [this] {
            Kind last{};
            received_ += read_now(*accepted_, &last);
            if (last == Kind::would_block) accepted_->want_read();
          };
          accepted_->want_read();
        });
    ASSERT_TRUE(listener);
    listener_ = std::move(*listener);
  }
  using Kind = IoResult::Kind;
  using Connection = Result<std::unique_ptr<Stream>>;

  Connection connect(Target target) {
    std::optional<Connection> result;
    Connector connector(loop_, std::move(target),
                        [&](Connection done) { result = std::move(done); });
    EXPECT_FALSE(result);
    run_until([&] { return result.has_value(); });
    return std::move(*result);
  }
  std::uint16_t port() const { return listener_->address().port(); }

  void serve_tls(const std::string& names) {
    const auto pair = authority_.issue(names);
    const std::string folder = directory_.path() + "/";
    tls_ = *TlsContext::server(test::write_file(folder + "cert", pair.certificate),
                               test::write_file(folder + "key", pair.key));
    trust_ = *TlsContext::client(test::write_file(folder + "ca", authority_.certificate()));
  }

  storage::TemporaryDirectory directory_;
  test::Authority authority_;
  std::shared_ptr<const TlsContext> tls_;
  std::shared_ptr<const TlsContext> trust_;
  test::Reactions reactions_;
  std::string received_;
  std::unique_ptr<Stream> accepted_;
  std::unique_ptr<Listener> listener_;
};

TEST_F(ConnectorTest, ConnectsByAddressAndByName) {
  for (const char* host : {"127.0.0.1", "localhost"}) {
    received_.clear();
    auto stream = connect({host, port(), nullptr});
    ASSERT_TRUE(stream) << stream.error().detail;
    EXPECT_EQ((*stream)->write("hello").bytes, 5U);
    run_until([&] { return received_ == "hello"; });
  }
}

TEST_F(ConnectorTest, NobodyListening) {
  const std::uint16_t closed = port();
  listener_.reset();
  const auto stream = connect({"localhost", closed, nullptr});
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().code, Errc::io);
  EXPECT_NE(stream.error().detail.find("127.0.0.1:" + std::to_string(closed)), std::string::npos)
      << stream.error().detail;
}

TEST_F(ConnectorTest, AnUnknownName) {
  const auto stream = connect({"no-such-host.invalid", 80, nullptr});
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().code, Errc::not_found);
}

TEST_F(ConnectorTest, TlsWithTheNameChecked) {
  serve_tls("DNS:localhost,IP:127.0.0.1");
  for (const char* host : {"localhost", "127.0.0.1"}) {
    received_.clear();
    auto stream = connect({host, port(), trust_});
    ASSERT_TRUE(stream) << stream.error().detail;
    EXPECT_EQ((*stream)->write("secret").bytes, 6U);
    run_until([&] { return received_ == "secret"; });
  }
}

TEST_F(ConnectorTest, TlsThatIsNotGood) {
  serve_tls("DNS:other.test");
  auto stream = connect({"localhost", port(), trust_});
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().code, Errc::mismatch) << stream.error().detail;
  EXPECT_NE(stream.error().detail.find("certificate"), std::string::npos);

  stream = connect({"localhost", port(), *TlsContext::client()});  // an authority nobody knows
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().code, Errc::mismatch) << stream.error().detail;

  tls_.reset();  // the other side speaks no TLS: it reads our greeting, and we wait for its
  std::optional<Connection> result;
  Connector connector(loop_, {"localhost", port(), trust_},
                      [&](Connection done) { result = std::move(done); });
  run_until([&] { return !received_.empty(); });
  accepted_.reset();
  run_until([&] { return result.has_value(); });
  EXPECT_FALSE(*result);
}

TEST_F(ConnectorTest, TheCertificateMayNameAnotherServer) {
  serve_tls("DNS:other.test");
  Target target{"127.0.0.1", port(), trust_};
  target.server_name = "other.test";
  const auto stream = connect(target);
  EXPECT_TRUE(stream) << stream.error().detail;
}

TEST_F(ConnectorTest, GivingUpIsSilent) {
  bool told = false;
  {
    const Connector connector(loop_, {"127.0.0.1", port(), nullptr},
                              [&](const Connection&) { told = true; });
  }
  bool later = false;
  loop_.post([&] { loop_.post([&] { later = true; }); });
  run_until([&] { return later; });
  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace tally::net
