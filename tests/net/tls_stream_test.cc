// SPDX-License-Identifier: Apache-2.0
#include "net/certificates.h"
#include "net/loop_fixture.h"
#include "net/stream.h"
#include "net/tls_context.h"
#include "storage/temporary_directory.h"

#include <array>
#include <unistd.h>

namespace tally::net {
namespace {

using Kind = IoResult::Kind;

/// Both ends in one loop; each reads whatever comes.
class TlsStreamTest : public test::LoopFixture {
 protected:
  void connect(const std::string& names, const std::string& host) {
    const auto pair = authority_.issue(names);
    const std::string folder = directory_.path() + "/";
    server_context_ = *TlsContext::server(test::write_file(folder + "cert", pair.certificate),
                                          test::write_file(folder + "key", pair.key));
    client_context_ =
        *TlsContext::client(test::write_file(folder + "ca", authority_.certificate()));
    const auto [a, b] = connected_pair();
    client_ = make_tls_client(loop_, a, *client_context_, host);
    server_ = make_tls_server(loop_, b, *server_context_);
    follow(*server_, server_reactions_, at_server_, server_last_);
    client_reactions_.readable = [this] { shake(); };
    client_->set_handler(&client_reactions_);
    shake();
  }

  void shake() {
    shaken_ = client_->handshake();
    if (shaken_.kind == Kind::would_block) client_->want_read();
    if (shaken_.kind == Kind::done) follow(*client_, client_reactions_, at_client_, client_last_);
  }

  static void follow(Stream& stream, test::Reactions& reactions, std::string& seen, Kind& last) {
    reactions.readable = [&] {
      seen += read_now(stream, &last);
      if (last == Kind::would_block) stream.want_read();
    };
    stream.set_handler(&reactions);
    stream.want_read();
  }

  void run_until_shaken() {
    run_until([&] { return shaken_.kind != Kind::would_block; });
  }

  storage::TemporaryDirectory directory_;
  test::Authority authority_;
  std::shared_ptr<const TlsContext> server_context_;
  std::shared_ptr<const TlsContext> client_context_;
  test::Reactions client_reactions_;
  test::Reactions server_reactions_;
  std::string at_client_;
  std::string at_server_;
  Kind client_last_ = Kind::would_block;
  Kind server_last_ = Kind::would_block;
  IoResult shaken_;
  std::unique_ptr<Stream> client_;
  std::unique_ptr<Stream> server_;
};

TEST_F(TlsStreamTest, BytesPassBothWaysAndTheEndIsProper) {
  connect("DNS:server.test", "server.test");
  run_until_shaken();
  ASSERT_EQ(shaken_.kind, Kind::done) << client_->error();
  EXPECT_TRUE(client_->is_tls());
  const std::array<std::string_view, 3> pieces{"head ", "", "body"};
  EXPECT_EQ(client_->write(pieces).bytes, 9U);
  run_until([&] { return at_server_ == "head body"; });
  EXPECT_EQ(server_->write("answer").bytes, 6U);
  run_until([&] { return at_client_ == "answer"; });
  server_->finish();
  run_until([&] { return client_last_ == Kind::end; });
}

TEST_F(TlsStreamTest, MoreThanARecordAndMoreThanASocketHolds) {
  connect("IP:127.0.0.1", "127.0.0.1");
  run_until_shaken();
  ASSERT_EQ(shaken_.kind, Kind::done) << client_->error();
  std::string data;
  for (int i = 0; data.size() < 3'000'000; ++i) data += std::to_string(i) + ' ';
  std::size_t sent = 0;
  std::function<void()> send = [&] {
    while (sent < data.size()) {
      // In pieces, as heads and bodies come.
      const std::string_view rest = std::string_view(data).substr(sent);
      const std::array<std::string_view, 2> pieces{
          rest.substr(0, 100), rest.substr(std::min<std::size_t>(100, rest.size()))};
      const IoResult result = client_->write(pieces);
      if (result.kind != Kind::done) {
        ASSERT_EQ(result.kind, Kind::would_block) << client_->error();
        client_->want_write();
        return;
      }
      sent += result.bytes;
    }
  };
  client_reactions_.writable = send;
  send();
  run_until([&] { return at_server_.size() == data.size(); });
  EXPECT_EQ(at_server_, data);
}

TEST_F(TlsStreamTest, ACertificateForAnotherNameIsRefused) {
  connect("DNS:other.test", "server.test");
  run_until_shaken();
  EXPECT_EQ(shaken_.kind, Kind::failed);
  EXPECT_NE(client_->error().find("certificate"), std::string::npos) << client_->error();
}

TEST_F(TlsStreamTest, PlainTextIsNoHandshake) {
  connect("DNS:server.test", "server.test");
  const auto [a, b] = connected_pair();
  server_ = make_tls_server(loop_, b, *server_context_);
  follow(*server_, server_reactions_, at_server_, server_last_);
  ASSERT_EQ(::write(a, "GET / HTTP/1.1\r\n\r\n", 18), 18);
  run_until([&] { return server_last_ == Kind::failed; });
  EXPECT_NE(server_->error().find("TLS"), std::string::npos) << server_->error();
  ::close(a);
}

TEST_F(TlsStreamTest, AConnectionCutOffIsNoProperEnd) {
  connect("DNS:server.test", "server.test");
  run_until_shaken();
  ASSERT_EQ(shaken_.kind, Kind::done);
  client_.reset();  // closes without close_notify
  run_until([&] { return server_last_ != Kind::would_block; });
  EXPECT_EQ(server_last_, Kind::failed);
}

}  // namespace
}  // namespace tally::net
