// SPDX-License-Identifier: Apache-2.0
#include "crypto/public_key.h"

#include "base/check.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace tally::crypto {
namespace {

using Kind = PublicKey::Kind;
using Alg = JwsAlgorithm;

constexpr std::size_t kModulusBitsMin = 2'048;
/// What an attacker's key could cost: verification grows with the square of this.
constexpr std::size_t kModulusBitsMax = 8'192;
constexpr std::size_t kExponentBytesMax = 8;

constexpr std::array<std::pair<Alg, std::string_view>, 10> kNames{{
    {Alg::rs256, "RS256"},
    {Alg::rs384, "RS384"},
    {Alg::rs512, "RS512"},
    {Alg::ps256, "PS256"},
    {Alg::ps384, "PS384"},
    {Alg::ps512, "PS512"},
    {Alg::es256, "ES256"},
    {Alg::es384, "ES384"},
    {Alg::eddsa, "EdDSA"},
    {Alg::hs256, "HS256"},
}};

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Deleter<Free>>;
using Number = Owned<BIGNUM, ::BN_free>;
using Builder = Owned<OSSL_PARAM_BLD, ::OSSL_PARAM_BLD_free>;
using Params = Owned<OSSL_PARAM, ::OSSL_PARAM_free>;
using KeyContext = Owned<EVP_PKEY_CTX, ::EVP_PKEY_CTX_free>;
using DigestContext = Owned<EVP_MD_CTX, ::EVP_MD_CTX_free>;
using EcdsaSignature = Owned<ECDSA_SIG, ::ECDSA_SIG_free>;

const unsigned char* data_of(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Bytes without_zeros(Bytes number) {
  while (!number.empty() && number.front() == std::byte{0}) number = number.subspan(1);
  return number;
}

std::size_t bits_of(Bytes number) {
  number = without_zeros(number);
  if (number.empty()) return 0;
  std::size_t bits = (number.size() - 1) * 8;
  for (auto top = std::to_integer<unsigned>(number.front()); top != 0; top >>= 1U) ++bits;
  return bits;
}

Number to_number(Bytes bytes) {
  return Number(::BN_bin2bn(data_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

/// Null when the parameters make no key.
std::shared_ptr<EVP_PKEY> from_parameters(const char* type, OSSL_PARAM* parameters) {
  EVP_PKEY* key = nullptr;
  const KeyContext context(::EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  const bool made = context != nullptr && ::EVP_PKEY_fromdata_init(context.get()) == 1 &&
                    ::EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) == 1;
  ::ERR_clear_error();
  if (!made) return nullptr;
  return {key, ::EVP_PKEY_free};
}

const EVP_MD* digest_of(Alg algorithm) {
  switch (algorithm) {
    case Alg::rs256:
    case Alg::ps256:
    case Alg::es256:
    case Alg::hs256: return ::EVP_sha256();
    case Alg::rs384:
    case Alg::ps384:
    case Alg::es384: return ::EVP_sha384();
    case Alg::rs512:
    case Alg::ps512: return ::EVP_sha512();
    case Alg::eddsa: return nullptr;
  }
  TALLY_CHECK(!"JwsAlgorithm out of range");
}

bool is_pss(Alg algorithm) {
  return algorithm == Alg::ps256 || algorithm == Alg::ps384 || algorithm == Alg::ps512;
}

/// r and s as they stand in a JWS, in the DER form that OpenSSL takes; empty when they are none.
std::string der_of(Bytes signature, std::size_t number_bytes) {
  if (signature.size() != 2 * number_bytes) return {};
  const Bytes r = signature.first(number_bytes);
  const Bytes s = signature.subspan(number_bytes);
  if (bits_of(r) == 0 || bits_of(s) == 0) return {};
  const EcdsaSignature both(::ECDSA_SIG_new());
  // Takes both over.
  if (::ECDSA_SIG_set0(both.get(), to_number(r).release(), to_number(s).release()) != 1) return {};
  unsigned char* der = nullptr;
  const int size = ::i2d_ECDSA_SIG(both.get(), &der);
  if (size <= 0) return {};
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  ::OPENSSL_free(der);
  return out;
}

bool verify_with(EVP_PKEY* key, Alg algorithm, Bytes message, Bytes signature) {
  const DigestContext context(::EVP_MD_CTX_new());
  EVP_PKEY_CTX* of_key = nullptr;
  if (::EVP_DigestVerifyInit(context.get(), &of_key, digest_of(algorithm), nullptr, key) != 1) {
    return false;
  }
  // RFC 7518, 3.5: the salt is as long as the hash, and MGF1 uses the same hash.
  if (is_pss(algorithm) &&
      (::EVP_PKEY_CTX_set_rsa_padding(of_key, RSA_PKCS1_PSS_PADDING) != 1 ||
       ::EVP_PKEY_CTX_set_rsa_pss_saltlen(of_key, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return false;
  }
  return ::EVP_DigestVerify(context.get(), data_of(signature), signature.size(), data_of(message),
                            message.size()) == 1;
}

}  // namespace

std::string_view jws_name(JwsAlgorithm algorithm) {
  return kNames[static_cast<std::size_t>(algorithm)].second;
}

std::optional<JwsAlgorithm> parse_jws_name(std::string_view name) {
  for (const auto& [algorithm, known] : kNames) {
    if (known == name) return algorithm;
  }
  return std::nullopt;
}

Result<PublicKey> PublicKey::rsa(Bytes modulus, Bytes exponent) {
  const std::size_t bits = bits_of(modulus);
  if (bits < kModulusBitsMin || bits > kModulusBitsMax) {
    return fail(Errc::invalid_argument,
                "an RSA key of " + std::to_string(bits) + " bits; 2048 to 8192 are accepted");
  }
  const Bytes e = without_zeros(exponent);
  const bool odd = !e.empty() && (e.back() & std::byte{1}) != std::byte{0};
  if (!odd || e.size() > kExponentBytesMax || bits_of(e) < 2) {
    return fail(Errc::invalid_argument, "an RSA exponent that no key has");
  }
  const Number n_number = to_number(modulus);
  const Number e_number = to_number(e);
  const Builder builder(::OSSL_PARAM_BLD_new());
  ::OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n_number.get());
  ::OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e_number.get());
  const Params parameters(::OSSL_PARAM_BLD_to_param(builder.get()));
  auto key = from_parameters("RSA", parameters.get());
  if (key == nullptr) return fail(Errc::invalid_argument, "numbers that make no RSA key");
  return PublicKey(Kind::rsa, std::move(key));
}

Result<PublicKey> PublicKey::ec(Kind curve, Bytes x, Bytes y) {
  TALLY_CHECK(curve == Kind::p256 || curve == Kind::p384);
  const std::size_t size = curve == Kind::p256 ? 32 : 48;
  if (x.size() != size || y.size() != size) {
    return fail(Errc::invalid_argument, "coordinates of another length than the curve's");
  }
  std::string point = "\x04";  // uncompressed (SEC 1, 2.3.3)
  point.append(as_text(x)).append(as_text(y));
  const Builder builder(::OSSL_PARAM_BLD_new());
  ::OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                    curve == Kind::p256 ? "prime256v1" : "secp384r1", 0);
  ::OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                     point.size());
  const Params parameters(::OSSL_PARAM_BLD_to_param(builder.get()));
  auto key = from_parameters("EC", parameters.get());
  if (key != nullptr) {
    const KeyContext check(::EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    if (::EVP_PKEY_public_check(check.get()) != 1) key = nullptr;
    ::ERR_clear_error();
  }
  if (key == nullptr) return fail(Errc::invalid_argument, "a point that is not on the curve");
  return PublicKey(curve, std::move(key));
}

Result<PublicKey> PublicKey::ed25519(Bytes x) {
  std::shared_ptr<EVP_PKEY> key(
      ::EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, data_of(x), x.size()),
      ::EVP_PKEY_free);
  ::ERR_clear_error();
  if (key == nullptr) return fail(Errc::invalid_argument, "an Ed25519 key has 32 bytes");
  return PublicKey(Kind::ed25519, std::move(key));
}

bool PublicKey::fits(JwsAlgorithm algorithm) const {
  switch (algorithm) {
    case Alg::rs256:
    case Alg::rs384:
    case Alg::rs512:
    case Alg::ps256:
    case Alg::ps384:
    case Alg::ps512: return kind_ == Kind::rsa;
    case Alg::es256: return kind_ == Kind::p256;
    case Alg::es384: return kind_ == Kind::p384;
    case Alg::eddsa: return kind_ == Kind::ed25519;
    case Alg::hs256: return false;
  }
  TALLY_CHECK(!"JwsAlgorithm out of range");
}

bool PublicKey::verify(JwsAlgorithm algorithm, Bytes message, Bytes signature) const {
  if (!fits(algorithm)) return false;
  bool good = false;
  if (kind_ == Kind::p256 || kind_ == Kind::p384) {
    const std::string der = der_of(signature, kind_ == Kind::p256 ? 32 : 48);
    good = !der.empty() && verify_with(key_.get(), algorithm, message, as_bytes(der));
  } else {
    good = verify_with(key_.get(), algorithm, message, signature);
  }
  ::ERR_clear_error();
  return good;
}

}  // namespace tally::crypto
