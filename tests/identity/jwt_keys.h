// SPDX-License-Identifier: Apache-2.0
// An issuer for tests: keys made on the spot, their key set, and tokens signed with them; all of it
// by OpenSSL's signing side, which the code under test does not use.
#pragma once

#include "identity/key_source.h"
#include "identity/tokens.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tally::identity {

class TestKey {
 public:
  static TestKey rsa() {
    return TestKey(::EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{2048}));
  }
  static TestKey p256() { return TestKey(::EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")); }
  static TestKey p384() { return TestKey(::EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384")); }
  static TestKey ed25519() { return TestKey(::EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }

  /// Members of the public JWK, without braces; `more`: further ones.
  [[nodiscard]] std::string jwk(std::string_view id, std::string_view more = {}) const {
    std::string out = "{\"kid\":\"" + std::string(id) + "\"," + std::string(more);
    if (::EVP_PKEY_is_a(key_.get(), "RSA")) {
      return out + R"("kty":"RSA","n":")" + number(OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
             number(OSSL_PKEY_PARAM_RSA_E) + "\"}";
    }
    if (::EVP_PKEY_is_a(key_.get(), "EC")) {
      const std::size_t size = half();
      return out + R"("kty":"EC","crv":")" + (size == 32 ? "P-256" : "P-384") + R"(","x":")" +
             number(OSSL_PKEY_PARAM_EC_PUB_X, size) + R"(","y":")" +
             number(OSSL_PKEY_PARAM_EC_PUB_Y, size) + "\"}";
    }
    std::string raw(32, '\0');
    std::size_t size = raw.size();
    ::EVP_PKEY_get_raw_public_key(key_.get(), bytes(raw), &size);
    return out + R"("kty":"OKP","crv":"Ed25519","x":")" + base64url(raw) + "\"}";
  }

  /// PEM of the public key: what key confusion takes for a secret.
  [[nodiscard]] std::string public_der() const {
    unsigned char* der = nullptr;
    const int size = ::i2d_PUBKEY(key_.get(), &der);
    std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    ::OPENSSL_free(der);
    return out;
  }

  /// Signature as it stands in a JWS, decoded. `algorithm` as in its header.
  [[nodiscard]] std::string sign(std::string_view algorithm, std::string_view message) const {
    std::unique_ptr<EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)> context(::EVP_MD_CTX_new(),
                                                                      ::EVP_MD_CTX_free);
    const EVP_MD* digest = algorithm.ends_with("256")   ? ::EVP_sha256()
                           : algorithm.ends_with("384") ? ::EVP_sha384()
                           : algorithm.ends_with("512") ? ::EVP_sha512()
                                                        : nullptr;
    EVP_PKEY_CTX* of_key = nullptr;
    ::EVP_DigestSignInit(context.get(), &of_key, digest, nullptr, key_.get());
    if (algorithm.starts_with("PS")) {
      ::EVP_PKEY_CTX_set_rsa_padding(of_key, RSA_PKCS1_PSS_PADDING);
      ::EVP_PKEY_CTX_set_rsa_pss_saltlen(of_key, RSA_PSS_SALTLEN_DIGEST);
    }
    std::size_t size = 0;
    ::EVP_DigestSign(context.get(), nullptr, &size, bytes(message), message.size());
    std::string out(size, '\0');
    ::EVP_DigestSign(context.get(), bytes(out), &size, bytes(message), message.size());
    out.resize(size);
    return ::EVP_PKEY_is_a(key_.get(), "EC") ? raw_of(out) : out;
  }

  /// A token; `header` and `claims` are JSON, the algorithm is what the header says.
  [[nodiscard]] std::string token(std::string_view algorithm, std::string_view id,
                                  std::string_view claims, std::string_view more = {}) const {
    const std::string header = R"({"alg":")" + std::string(algorithm) + R"(","kid":")" +
                               std::string(id) + "\"" + std::string(more) + "}";
    return with_header(algorithm, header, claims);
  }
  [[nodiscard]] std::string with_header(std::string_view algorithm, std::string_view header,
                                        std::string_view claims) const {
    const std::string input = base64url(header) + '.' + base64url(claims);
    return input + '.' + base64url(sign(algorithm, input));
  }

 private:
  explicit TestKey(EVP_PKEY* key) : key_(key, ::EVP_PKEY_free) {}

  static unsigned char* bytes(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
  }
  static const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  }
  [[nodiscard]] std::size_t half() const {
    return (static_cast<std::size_t>(::EVP_PKEY_get_bits(key_.get())) + 7) / 8;
  }
  [[nodiscard]] std::string number(const char* name, std::size_t size = 0) const {
    BIGNUM* value = nullptr;
    ::EVP_PKEY_get_bn_param(key_.get(), name, &value);
    if (size == 0) size = static_cast<std::size_t>(BN_num_bytes(value));
    std::string out(size, '\0');
    ::BN_bn2binpad(value, bytes(out), static_cast<int>(size));
    ::BN_free(value);
    return base64url(out);
  }
  [[nodiscard]] std::string raw_of(const std::string& der) const {
    const unsigned char* at = bytes(std::string_view(der));
    ECDSA_SIG* both = ::d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    std::string out(2 * half(), '\0');
    const int size = static_cast<int>(half());
    ::BN_bn2binpad(::ECDSA_SIG_get0_r(both), bytes(out), size);
    ::BN_bn2binpad(::ECDSA_SIG_get0_s(both), bytes(out) + size, size);
    ::ECDSA_SIG_free(both);
    return out;
  }

  std::shared_ptr<EVP_PKEY> key_;
};

inline std::string hs256_token(std::string_view secret, std::string_view header,
                               std::string_view claims) {
  const std::string input = base64url(header) + '.' + base64url(claims);
  std::string mac(32, '\0');
  ::HMAC(::EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(input.data()), input.size(),
         reinterpret_cast<unsigned char*>(mac.data()), nullptr);
  return input + '.' + base64url(mac);
}

inline std::string key_set_json(std::initializer_list<std::string> keys) {
  std::string out;
  for (const std::string& key : keys) out += (out.empty() ? "" : ",") + key;
  return "{\"keys\":[" + out + "]}";
}

/// A source that has this set already.
inline std::shared_ptr<KeySource> source_of(const std::string& set) {
  auto out = std::make_shared<KeySource>();
  auto keys = KeySet::parse(set);
  if (keys) out->set(std::make_shared<const KeySet>(std::move(*keys)));
  return out;
}

}  // namespace tally::identity
