// SPDX-License-Identifier: Apache-2.0
#include "net/tls_context.h"

#include "base/limits.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <cstdint>
#include <sys/stat.h>
#include <unistd.h>

namespace tally::net {
namespace {

/// Length-prefixed, as ALPN has it on the wire (RFC 7301).
constexpr std::array<unsigned char, 9> kHttp11{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

int choose_http11(::SSL*, const unsigned char** out, unsigned char* out_length,
                  const unsigned char* in, unsigned int in_length, void*) {
  unsigned char* chosen = nullptr;
  if (::SSL_select_next_proto(&chosen, out_length, kHttp11.data(), kHttp11.size(), in, in_length) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

void set_common(::SSL_CTX* context) {
  ::SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  ::SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
  ::SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
}

Result<void> readable(const std::string& file);

/// Own certificate chain and key.
Result<void> use_identity(::SSL_CTX* context, const std::string& certificate_file,
                          const std::string& key_file) {
  TALLY_TRY_VOID(readable(certificate_file));
  TALLY_TRY_VOID(readable(key_file));
  ::ERR_clear_error();
  if (::SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1) {
    return fail(Errc::malformed,
                certificate_file + ": no certificate in PEM form: " + tls_errors());
  }
  if (::SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    // OpenSSL looks at once whether the two belong together.
    const std::string why = tls_errors();
    if (why.find("mismatch") != std::string::npos) {
      return fail(Errc::mismatch, key_file + ": not the key of " + certificate_file);
    }
    return fail(Errc::malformed, key_file + ": no usable private key in PEM form: " + why);
  }
  return {};
}

/// Those whose certificates are believed.
Result<void> use_authorities(::SSL_CTX* context, const std::string& ca_file) {
  TALLY_TRY_VOID(readable(ca_file));
  ::ERR_clear_error();
  if (::SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) != 1) {
    return fail(Errc::malformed, ca_file + ": no certificates in PEM form: " + tls_errors());
  }
  return {};
}

/// Certificates that were taken back. Of the one that is shown only: authorities between it and the
/// root rarely have lists, and would have to be believed without.
Result<void> use_revoked(::SSL_CTX* context, const std::string& crl_file) {
  TALLY_TRY_VOID(readable(crl_file));
  struct stat info {};
  if (::stat(crl_file.c_str(), &info) != 0 || info.st_size < 0 ||
      static_cast<std::uint64_t>(info.st_size) > kRevokedListBytesMax) {
    return fail(Errc::too_large, crl_file + ": a list of more than " +
                                     std::to_string(kRevokedListBytesMax / kMiB) + " MiB");
  }
  ::ERR_clear_error();
  ::X509_STORE* const store = ::SSL_CTX_get_cert_store(context);
  ::X509_LOOKUP* const lookup = ::X509_STORE_add_lookup(store, ::X509_LOOKUP_file());
  if (lookup == nullptr || ::X509_load_crl_file(lookup, crl_file.c_str(), X509_FILETYPE_PEM) < 1) {
    return fail(Errc::malformed,
                crl_file + ": no list of revoked certificates in PEM form: " + tls_errors());
  }
  ::X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
  return {};
}

/// The handshake goes on; SSL_get_verify_result() keeps what was found.
int accept_any(int, ::X509_STORE_CTX*) { return 1; }

Result<void> readable(const std::string& file) {
  if (::access(file.c_str(), R_OK) == 0) return {};
  return fail(Errc::not_found, file + ": cannot be read; give a PEM file");
}

}  // namespace

std::string tls_errors() {
  std::string out;
  while (const unsigned long code = ::ERR_get_error()) {
    const char* const reason = ::ERR_reason_error_string(code);
    if (!out.empty()) out += "; ";
    out += reason != nullptr ? reason : "error " + std::to_string(code);
  }
  return out.empty() ? "unknown error" : out;
}

Result<std::shared_ptr<const TlsContext>> TlsContext::server(const std::string& certificate_file,
                                                             const std::string& key_file) {
  const std::shared_ptr<const TlsContext> made(
      new TlsContext(::SSL_CTX_new(::TLS_server_method())));
  ::SSL_CTX* const context = made->native();
  set_common(context);
  ::SSL_CTX_set_alpn_select_cb(context, choose_http11, nullptr);
  TALLY_TRY_VOID(use_identity(context, certificate_file, key_file));
  return made;
}

Result<std::shared_ptr<const TlsContext>> TlsContext::server(const std::string& certificate_file,
                                                             const std::string& key_file,
                                                             const std::string& ca_file,
                                                             bool required,
                                                             const std::string& crl_file) {
  TALLY_TRY(auto made, server(certificate_file, key_file));
  ::SSL_CTX* const context = made->native();
  TALLY_TRY_VOID(use_authorities(context, ca_file));
  if (!crl_file.empty()) {
    TALLY_TRY_VOID(use_revoked(context, crl_file));
  }
  // Their names tell a client which of its certificates to show.
  ::SSL_CTX_set_client_CA_list(context, ::SSL_load_client_CA_file(ca_file.c_str()));
  const int mode = SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
  ::SSL_CTX_set_verify(context, mode, required ? nullptr : accept_any);
  ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  ::SSL_CTX_set_num_tickets(context, 0);
  return made;
}

Result<std::shared_ptr<const TlsContext>> TlsContext::client(const std::string& ca_file,
                                                             const std::string& certificate_file,
                                                             const std::string& key_file) {
  const std::shared_ptr<const TlsContext> made(
      new TlsContext(::SSL_CTX_new(::TLS_client_method())));
  ::SSL_CTX* const context = made->native();
  set_common(context);
  ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  ::SSL_CTX_set_alpn_protos(context, kHttp11.data(), kHttp11.size());
  if (!certificate_file.empty()) {
    TALLY_TRY_VOID(use_identity(context, certificate_file, key_file));
  }
  if (ca_file.empty()) {
    ::SSL_CTX_set_default_verify_paths(context);
    return made;
  }
  TALLY_TRY_VOID(use_authorities(context, ca_file));
  return made;
}

TlsContext::~TlsContext() { ::SSL_CTX_free(context_); }

}  // namespace tally::net
