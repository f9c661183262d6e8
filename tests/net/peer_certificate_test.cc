// SPDX-License-Identifier: Apache-2.0
#include "net/peer_certificate.h"

#include "net/certificates.h"
#include "net/loop_fixture.h"
#include "net/stream.h"
#include "net/tls_context.h"
#include "storage/temporary_directory.h"

namespace tally::net {
namespace {

using Kind = IoResult::Kind;

/// A server that asks for certificates, and what it was shown.
class PeerCertificateTest : public test::LoopFixture {
 protected:
  struct Seen {
    bool connected = false;  ///< the server could read what the client sent
    std::unique_ptr<PeerCertificate> certificate;
    std::string error;
  };
  std::string file(const std::string& name, const std::string& text) {
    return test::write_file(directory_.path() + "/" + name, text);
  }

  /// `own`: of the client; null: none.
  Seen connect(bool required, const test::Certificate* own, const std::string& revoked = {}) {
    const auto pair = authority_.issue("DNS:server.test");
    const std::string ca = file("ca", authority_.certificate());
    const auto server_context =
        *TlsContext::server(file("cert", pair.certificate), file("key", pair.key), ca, required,
                            revoked.empty() ? "" : file("crl", revoked));
    const auto client_context =
        own == nullptr
            ? *TlsContext::client(ca)
            : *TlsContext::client(ca, file("own", own->certificate), file("own-key", own->key));
    const auto [a, b] = connected_pair();
    const auto client = make_tls_client(loop_, a, *client_context, "server.test");
    const auto server = make_tls_server(loop_, b, *server_context);
    EXPECT_EQ(server->certificate(), nullptr) << "before the handshake";
    test::Reactions at_client;
    test::Reactions at_server;
    client->set_handler(&at_client);
    server->set_handler(&at_server);
    at_client.readable = [&] {
      const IoResult shaken = client->handshake();
      if (shaken.kind == Kind::would_block) client->want_read();
      if (shaken.kind == Kind::done) static_cast<void>(client->write("hello"));
    };
    Kind last = Kind::would_block;
    std::string text;
    at_server.readable = [&] {
      text += read_now(*server, &last);
      if (last == Kind::would_block) server->want_read();
    };
    server->want_read();
    at_client.readable();
    run_until([&] { return text == "hello" || last != Kind::would_block; });
    return {text == "hello", server->certificate(), server->error()};
  }

  storage::TemporaryDirectory directory_;
  test::Authority authority_;
  test::Authority stranger_;
};

TEST_F(PeerCertificateTest, NamesOfAClient) {
  const auto own = authority_.issue(
      "email:jane@example.com,URI:spiffe://example.com/agent,DNS:a.example.com,DNS:b.example.com",
      "Jane Ö");
  for (const bool required : {false, true}) {
    const Seen seen = connect(required, &own);
    ASSERT_TRUE(seen.connected) << seen.error;
    ASSERT_NE(seen.certificate, nullptr);
    EXPECT_EQ(seen.certificate->doubt, "");
    EXPECT_EQ(seen.certificate->common_name, "Jane Ö");
    EXPECT_EQ(seen.certificate->subject, "CN=Jane \\C3\\96");
    EXPECT_EQ(seen.certificate->issuer, "CN=authority of a test");
    EXPECT_EQ(seen.certificate->email, "jane@example.com");
    EXPECT_EQ(seen.certificate->uri, "spiffe://example.com/agent");
    EXPECT_EQ(seen.certificate->dns, "a.example.com");
    EXPECT_EQ(seen.certificate->fingerprint.size(), 64U);
  }
}

TEST_F(PeerCertificateTest, WhoShowsNone) {
  const Seen optional = connect(false, nullptr);
  EXPECT_TRUE(optional.connected) << optional.error;
  EXPECT_EQ(optional.certificate, nullptr);
  EXPECT_FALSE(connect(true, nullptr).connected);
}

TEST_F(PeerCertificateTest, ACertificateOfAStranger) {
  const auto own = stranger_.issue("email:jane@example.com", "Jane");
  const Seen optional = connect(false, &own);
  ASSERT_TRUE(optional.connected) << optional.error;
  ASSERT_NE(optional.certificate, nullptr);
  EXPECT_NE(optional.certificate->doubt, "");
  EXPECT_EQ(optional.certificate->email, "jane@example.com");
  EXPECT_FALSE(connect(true, &own).connected);
}

/// RFC 5280, 6.3: taken back, and what cannot be known not to be.
TEST_F(PeerCertificateTest, ACertificateThatWasTakenBack) {
  const auto own = authority_.issue("email:jane@example.com", "Jane");
  const auto doubt = [&](const std::string& list) {
    const Seen seen = connect(false, &own, list);
    EXPECT_TRUE(seen.connected) << seen.error;
    return seen.certificate == nullptr ? "none" : seen.certificate->doubt;
  };
  EXPECT_EQ(doubt(authority_.revoked(99)), "") << "another one was";
  EXPECT_EQ(doubt(authority_.revoked(2)), "certificate revoked");
  EXPECT_EQ(doubt(authority_.revoked(99, -60)), "CRL has expired");
  EXPECT_EQ(doubt(stranger_.revoked(99)), "CRL signature failure") << "of the same name";
  EXPECT_TRUE(connect(true, &own, authority_.revoked(99)).connected);
  EXPECT_FALSE(connect(true, &own, authority_.revoked(2)).connected);
  EXPECT_EQ(doubt(authority_.revoked(99) + stranger_.revoked(2)), "") << "lists of several";
}

TEST_F(PeerCertificateTest, NamesThatReadersCutAreNoNames) {
  const auto own = authority_.issue("DNS:x.example.com", std::string("admin\0.example.com", 18));
  const Seen seen = connect(false, &own);
  ASSERT_NE(seen.certificate, nullptr);
  EXPECT_EQ(seen.certificate->common_name, "");
  EXPECT_EQ(seen.certificate->subject, "CN=admin\\00.example.com") << "escaped";
}

}  // namespace
}  // namespace tally::net
