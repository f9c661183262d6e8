// SPDX-License-Identifier: Apache-2.0
// What TLS connections share: certificates, keys, whom to trust. TLS 1.2 and 1.3, ALPN http/1.1.
#pragma once

#include "base/result.h"

#include <memory>
#include <string>

struct ssl_ctx_st;

namespace tally::net {

/// Immutable once made; thread-safe.
class TlsContext {
 public:
  /// For a server: certificate chain and private key, PEM files. Errors: not_found, malformed,
  /// mismatch when they do not belong together; they name the file.
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> server(
      const std::string& certificate_file, const std::string& key_file);
  /// The same, asking clients for a certificate of the authorities in `ca_file` (PEM). `required`:
  /// who has none that is believed fails in the handshake; else peer_certificate() tells. Each
  /// connection has a full handshake: a resumed one would believe what was checked earlier.
  /// `crl_file` (PEM, RFC 5280): certificates that these authorities took back; empty: nobody
  /// looks. With it a certificate is believed only where the list of its authority is there and not
  /// out of date. Errors: too_large above kRevokedListBytesMax, malformed.
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> server(
      const std::string& certificate_file, const std::string& key_file, const std::string& ca_file,
      bool required, const std::string& crl_file = {});
  /// For a client: checks certificate and host name against the authorities in `ca_file` (PEM), or
  /// the system's when it is empty. Errors as server().
  /// `certificate_file` and `key_file` are for servers that ask who the client is; both or none.
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> client(
      const std::string& ca_file = {}, const std::string& certificate_file = {},
      const std::string& key_file = {});

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  [[nodiscard]] ssl_ctx_st* native() const { return context_; }

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  ssl_ctx_st* context_;
};

/// What OpenSSL's error queue says, oldest first; empties it.
[[nodiscard]] std::string tls_errors();

}  // namespace tally::net
