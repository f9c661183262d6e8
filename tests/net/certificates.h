// SPDX-License-Identifier: Apache-2.0
// Certificates made for one test: an authority, and servers that it vouches for.
#pragma once

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <string>

namespace tally::net::test {

/// PEM texts. `names` are DNS names or IP addresses ("IP:127.0.0.1") of the certificate.
struct Certificate {
  std::string certificate;
  std::string key;
};

/// Valid for an hour.
class Authority {
 public:
  Authority();
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;
  [[nodiscard]] std::string certificate() const;
  /// `names` as OpenSSL's subjectAltName: "DNS:localhost,IP:127.0.0.1".
  [[nodiscard]] Certificate issue(const std::string& names,
                                  const std::string& common_name = "server of a test") const;
  /// A list that takes back the certificate with this number (issue() gives 2); valid for so many
  /// seconds.
  [[nodiscard]] std::string revoked(long serial, long seconds = 3'600) const;

 private:
  struct Native;
  Native* native_;
};

/// Writes `text` to `path` and gives back the path.
std::string write_file(const std::string& path, const std::string& text);

// What follows is how.

struct Authority::Native {
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
};

inline std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string out(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return out;
}

inline std::string pem_of(X509* certificate) {
  BIO* const bio = BIO_new(BIO_s_mem());
  EXPECT_EQ(PEM_write_bio_X509(bio, certificate), 1);
  return text_of(bio);
}

inline std::string pem_of(EVP_PKEY* key) {
  BIO* const bio = BIO_new(BIO_s_mem());
  EXPECT_EQ(PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr), 1);
  return text_of(bio);
}

inline void extend(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  ASSERT_NE(extension, nullptr) << value;
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

inline X509* certificate_for(EVP_PKEY* key, const std::string& name, long serial) {
  X509* const out = X509_new();
  X509_set_version(out, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(out), serial);
  X509_gmtime_adj(X509_getm_notBefore(out), -60);
  X509_gmtime_adj(X509_getm_notAfter(out), 3'600);
  X509_set_pubkey(out, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(out), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.data()),
                             static_cast<int>(name.size()), -1, 0);
  return out;
}

inline Authority::Authority() : native_(new Native) {
  native_->key = EVP_EC_gen("P-256");
  native_->certificate = certificate_for(native_->key, "authority of a test", 1);
  X509_set_issuer_name(native_->certificate, X509_get_subject_name(native_->certificate));
  extend(native_->certificate, NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(native_->certificate, native_->key, EVP_sha256());
}

inline Authority::~Authority() {
  X509_free(native_->certificate);
  EVP_PKEY_free(native_->key);
  delete native_;
}

inline std::string Authority::certificate() const { return pem_of(native_->certificate); }

inline Certificate Authority::issue(const std::string& names,
                                    const std::string& common_name) const {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = certificate_for(key, common_name, 2);
  X509_set_issuer_name(certificate, X509_get_subject_name(native_->certificate));
  extend(certificate, NID_subject_alt_name, names);
  X509_sign(certificate, native_->key, EVP_sha256());
  Certificate out{pem_of(certificate), pem_of(key)};
  X509_free(certificate);
  EVP_PKEY_free(key);
  return out;
}

inline std::string Authority::revoked(long serial, long seconds) const {
  X509_CRL* const list = X509_CRL_new();
  X509_CRL_set_version(list, 1);
  X509_CRL_set_issuer_name(list, X509_get_subject_name(native_->certificate));
  ASN1_TIME* const time = ASN1_TIME_new();
  X509_gmtime_adj(time, -7'200);
  X509_CRL_set1_lastUpdate(list, time);
  X509_REVOKED* const entry = X509_REVOKED_new();
  X509_REVOKED_set_revocationDate(entry, time);
  X509_gmtime_adj(time, seconds);
  X509_CRL_set1_nextUpdate(list, time);
  ASN1_TIME_free(time);
  ASN1_INTEGER* const number = ASN1_INTEGER_new();
  ASN1_INTEGER_set(number, serial);
  X509_REVOKED_set_serialNumber(entry, number);
  ASN1_INTEGER_free(number);
  X509_CRL_add0_revoked(list, entry);
  X509_CRL_sort(list);
  X509_CRL_sign(list, native_->key, EVP_sha256());
  BIO* const bio = BIO_new(BIO_s_mem());
  EXPECT_EQ(PEM_write_bio_X509_CRL(bio, list), 1);
  X509_CRL_free(list);
  return text_of(bio);
}

inline std::string write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

}  // namespace tally::net::test
