// SPDX-License-Identifier: Apache-2.0
#include "proxy/client_certificate.h"

#include <gtest/gtest.h>

namespace tally::proxy {
namespace {

using Name = config::ClientCertificates::Name;

net::PeerCertificate shown() {
  net::PeerCertificate out;
  out.subject = "CN=jane,O=Example";
  out.issuer = "CN=authority";
  out.common_name = "jane";
  out.email = "jane@example.com";
  out.uri = "spiffe://example.com/agent";
  out.dns = "agent.example.com";
  out.fingerprint = "00ff";
  return out;
}

TEST(ClientCertificate, IsNamedByThePartThatIsAskedFor) {
  EXPECT_EQ(client_certificate(shown(), Name::subject).name, "CN=jane,O=Example");
  EXPECT_EQ(client_certificate(shown(), Name::common_name).name, "jane");
  EXPECT_EQ(client_certificate(shown(), Name::email).name, "jane@example.com");
  EXPECT_EQ(client_certificate(shown(), Name::uri).name, "spiffe://example.com/agent");
  EXPECT_EQ(client_certificate(shown(), Name::dns).name, "agent.example.com");
  EXPECT_TRUE(client_certificate(shown(), Name::uri).is_service);
  EXPECT_TRUE(client_certificate(shown(), Name::dns).is_service);
  EXPECT_FALSE(client_certificate(shown(), Name::email).is_service);
  const auto all = client_certificate(shown(), Name::email);
  EXPECT_EQ(all.subject, "CN=jane,O=Example");
  EXPECT_EQ(all.issuer, "CN=authority");
  EXPECT_EQ(all.fingerprint, "sha256:00ff");
}

TEST(ClientCertificate, TheSubjectStandsInForAMissingPart) {
  auto certificate = shown();
  certificate.uri.clear();
  const auto by_subject = client_certificate(certificate, Name::uri);
  EXPECT_EQ(by_subject.name, "CN=jane,O=Example");
  EXPECT_FALSE(by_subject.is_service);
  certificate.subject.clear();
  EXPECT_EQ(client_certificate(certificate, Name::uri).name, "sha256:00ff");
}

TEST(ClientCertificate, DoubtIsKept) {
  auto certificate = shown();
  certificate.doubt = "certificate has expired";
  EXPECT_EQ(client_certificate(certificate, Name::email).doubt, "certificate has expired");
}

}  // namespace
}  // namespace tally::proxy
