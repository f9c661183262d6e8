// SPDX-License-Identifier: Apache-2.0
#include "proxy/client_certificate.h"

#include "base/check.h"

namespace tally::proxy {
namespace {

using Name = config::ClientCertificates::Name;

const std::string& part(const net::PeerCertificate& shown, Name name) {
  switch (name) {
    case Name::subject: return shown.subject;
    case Name::common_name: return shown.common_name;
    case Name::email: return shown.email;
    case Name::uri: return shown.uri;
    case Name::dns: return shown.dns;
  }
  TALLY_CHECK(!"Name out of range");
}

}  // namespace

identity::Certificate client_certificate(const net::PeerCertificate& shown, Name name) {
  identity::Certificate out;
  out.fingerprint = "sha256:" + shown.fingerprint;
  out.subject = shown.subject;
  out.issuer = shown.issuer;
  out.doubt = shown.doubt;
  out.name = part(shown, name);
  out.is_service = !out.name.empty() && (name == Name::uri || name == Name::dns);
  if (out.name.empty()) out.name = shown.subject;
  // A certificate may have alternative names alone.
  if (out.name.empty()) out.name = out.fingerprint;
  return out;
}

}  // namespace tally::proxy
