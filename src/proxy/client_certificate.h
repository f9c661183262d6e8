// SPDX-License-Identifier: Apache-2.0
// From the certificate that a client showed to who it is, as the settings name it.
#pragma once

#include "config/serve_config.h"
#include "identity/certificate.h"
#include "net/peer_certificate.h"

namespace tally::proxy {

/// The subject names it where the part that is asked for is missing. Alternative names of machines
/// and programs (uri, dns) make it a service.
[[nodiscard]] identity::Certificate client_certificate(const net::PeerCertificate& shown,
                                                       config::ClientCertificates::Name name);

}  // namespace tally::proxy
