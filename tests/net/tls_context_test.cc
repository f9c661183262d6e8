// SPDX-License-Identifier: Apache-2.0
#include "net/tls_context.h"

#include "base/limits.h"
#include "net/certificates.h"
#include "storage/temporary_directory.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace tally::net {
namespace {

class TlsContextTest : public ::testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& text) {
    return test::write_file(directory_.path() + "/" + name, text);
  }
  storage::TemporaryDirectory directory_;
  test::Authority authority_;
};

TEST_F(TlsContextTest, CertificateAndKeyThatBelongTogether) {
  const auto pair = authority_.issue("DNS:localhost");
  const auto made =
      TlsContext::server(file("cert.pem", pair.certificate), file("key.pem", pair.key));
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_NE((*made)->native(), nullptr);
}

TEST_F(TlsContextTest, WrongFilesAreNamed) {
  const auto one = authority_.issue("DNS:one");
  const auto two = authority_.issue("DNS:two");
  const std::string certificate = file("cert.pem", one.certificate);
  const auto mismatch = TlsContext::server(certificate, file("other.pem", two.key));
  ASSERT_FALSE(mismatch);
  EXPECT_NE(mismatch.error().detail.find("other.pem"), std::string::npos);
  const auto garbage = TlsContext::server(file("garbage.pem", "hello"), file("key.pem", one.key));
  ASSERT_FALSE(garbage);
  EXPECT_EQ(garbage.error().code, Errc::malformed);
  EXPECT_NE(garbage.error().detail.find("garbage.pem"), std::string::npos);
  const auto missing = TlsContext::server(directory_.path() + "/none", certificate);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::not_found);
  EXPECT_FALSE(TlsContext::client(directory_.path() + "/none"));
  EXPECT_FALSE(TlsContext::client(file("garbage.pem", "hello")));
}

TEST_F(TlsContextTest, AListOfRevokedCertificatesIsNamedWhenItIsNone) {
  const auto pair = authority_.issue("DNS:one");
  const std::string certificate = file("cert.pem", pair.certificate);
  const std::string key = file("key.pem", pair.key);
  const std::string ca = file("ca.pem", authority_.certificate());
  EXPECT_TRUE(
      TlsContext::server(certificate, key, ca, true, file("crl.pem", authority_.revoked(9))));
  for (const std::string& list : {file("garbage.pem", "hello"), ca, directory_.path() + "/none"}) {
    const auto made = TlsContext::server(certificate, key, ca, true, list);
    ASSERT_FALSE(made) << list;
    EXPECT_NE(made.error().detail.find(list), std::string::npos);
  }
  const std::string huge = file("huge.pem", "");
  std::filesystem::resize_file(huge, kRevokedListBytesMax + 1);
  EXPECT_EQ(TlsContext::server(certificate, key, ca, true, huge).error().code, Errc::too_large);
}

TEST_F(TlsContextTest, ClientsTrustTheSystemOrAFile) {
  EXPECT_TRUE(TlsContext::client());
  const std::string trust = file("ca.pem", authority_.certificate());
  EXPECT_TRUE(TlsContext::client(trust));
  const auto mine = authority_.issue("DNS:client");
  EXPECT_TRUE(TlsContext::client(trust, file("c.pem", mine.certificate), file("k.pem", mine.key)));
  EXPECT_FALSE(TlsContext::client(trust, file("c.pem", mine.certificate), trust));
}

}  // namespace
}  // namespace tally::net
