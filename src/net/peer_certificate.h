// SPDX-License-Identifier: Apache-2.0
// The certificate that the other end of a TLS connection showed, as text (RFC 5280).
#pragma once

#include <string>

struct ssl_st;

namespace tally::net {

/// Names are UTF-8 without control characters, cut at 512 bytes; empty where the certificate has
/// none, or one with a NUL or control character in it, which others may read only to there. Of
/// several names of one kind the first.
struct PeerCertificate {
  std::string subject;  ///< distinguished name, RFC 2253
  std::string issuer;
  std::string common_name;      ///< of the subject; the last one
  std::string email, uri, dns;  ///< subject alternative names
  std::string fingerprint;      ///< SHA-256 of the certificate, hex
  std::string doubt;            ///< why it is not believed; empty: it was checked
  [[nodiscard]] bool shown() const { return !fingerprint.empty(); }
};

/// After the handshake. Not shown(): the peer has none.
[[nodiscard]] PeerCertificate peer_certificate(const ssl_st* ssl);

}  // namespace tally::net
