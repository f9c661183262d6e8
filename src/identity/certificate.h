// SPDX-License-Identifier: Apache-2.0
// The certificate that a client showed when it connected (TLS), as far as records need it.
#pragma once

#include <string>

namespace tally::identity {

/// Texts are UTF-8 without control characters, of at most 512 bytes.
struct Certificate {
  std::string name;         ///< who it is about: the part of it that the operator chose
  bool is_service = false;  ///< that part names a machine or program, not a person
  std::string subject;      ///< distinguished name, RFC 2253
  std::string issuer;
  std::string fingerprint;  ///< "sha256:" and hex of the certificate
  std::string doubt;        ///< why it is not believed; empty: it was checked
};

}  // namespace tally::identity
