// SPDX-License-Identifier: Apache-2.0
#include "net/peer_certificate.h"

#include "base/encoding.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

namespace tally::net {
namespace {

constexpr std::size_t kNameBytesMax = 512;

/// Empty when it holds what no name has.
std::string name_of(std::string_view text) {
  const bool fine = std::ranges::none_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (!fine || !is_utf8(text)) return {};
  return std::string(utf8_prefix(text, kNameBytesMax));
}

std::string name_of(const ::ASN1_STRING* string) {
  unsigned char* utf8 = nullptr;
  const int size = ::ASN1_STRING_to_UTF8(&utf8, string);
  if (size < 0) return {};
  std::string out =
      name_of(std::string_view(reinterpret_cast<const char*>(utf8), static_cast<size_t>(size)));
  ::OPENSSL_free(utf8);
  return out;
}

std::string distinguished(const ::X509_NAME* name) {
  const std::unique_ptr<::BIO, decltype(&::BIO_free)> out(::BIO_new(::BIO_s_mem()), ::BIO_free);
  // Control characters and what is not ASCII are escaped.
  if (::X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) return {};
  char* text = nullptr;
  const long size = ::BIO_get_mem_data(out.get(), &text);
  return size <= 0 ? std::string() : name_of(std::string_view(text, static_cast<size_t>(size)));
}

std::string common_name(const ::X509_NAME* name) {
  int last = -1;
  for (int at = -1; (at = ::X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0;) last = at;
  if (last < 0) return {};
  return name_of(::X509_NAME_ENTRY_get_data(::X509_NAME_get_entry(name, last)));
}

void read_alternatives(const ::X509* certificate, PeerCertificate& out) {
  auto* const names = static_cast<::GENERAL_NAMES*>(
      ::X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  if (names == nullptr) return;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    int type = 0;
    const void* const value = ::GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &type);
    std::string* const into = type == GEN_EMAIL ? &out.email
                              : type == GEN_URI ? &out.uri
                              : type == GEN_DNS ? &out.dns
                                                : nullptr;
    if (into != nullptr && into->empty()) *into = name_of(static_cast<const ::ASN1_STRING*>(value));
  }
  ::GENERAL_NAMES_free(names);
}

}  // namespace

PeerCertificate peer_certificate(const ::SSL* ssl) {
  PeerCertificate out;
  const ::X509* const certificate = ::SSL_get0_peer_certificate(ssl);
  if (certificate == nullptr) return out;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (::X509_digest(certificate, ::EVP_sha256(), digest.data(), &size) == 1) {
    out.fingerprint = to_hex(std::as_bytes(std::span(digest).first(size)));
  }
  const ::X509_NAME* const subject = ::X509_get_subject_name(certificate);
  out.subject = distinguished(subject);
  out.issuer = distinguished(::X509_get_issuer_name(certificate));
  out.common_name = common_name(subject);
  read_alternatives(certificate, out);
  const long verified = ::SSL_get_verify_result(ssl);
  if (verified != X509_V_OK) out.doubt = ::X509_verify_cert_error_string(verified);
  ::ERR_clear_error();
  return out;
}

}  // namespace tally::net
