// SPDX-License-Identifier: Apache-2.0
#include "crypto/ed25519.h"

#include "base/check.h"
#include "crypto/hmac.h"

#include <openssl/evp.h>

#include <algorithm>
#include <utility>

namespace tally::crypto {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

const unsigned char* octets(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::unique_ptr<EVP_MD_CTX, FreeContext> new_context() {
  std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  TALLY_CHECK(context != nullptr);
  return context;
}

}  // namespace

void FreeKey::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

VerifyingKey VerifyingKey::from_bytes(Ed25519Bytes bytes) {
  VerifyingKey key;
  std::ranges::copy(bytes, key.bytes_.begin());
  key.key_.reset(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(bytes), bytes.size()),
      FreeKey{});
  TALLY_CHECK(key.key_ != nullptr);
  return key;
}

bool VerifyingKey::verify(Bytes message, Bytes signature) const {
  if (signature.size() != kEd25519SignatureBytes) return false;
  const auto context = new_context();
  TALLY_CHECK(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1);
  return EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message),
                          message.size()) == 1;
}

SigningKey SigningKey::from_seed(Ed25519Bytes seed) {
  SigningKey key;
  std::ranges::copy(seed, key.seed_.begin());
  key.key_.reset(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets(seed), seed.size()));
  TALLY_CHECK(key.key_ != nullptr);
  return key;
}

SigningKey SigningKey::generate(Random& random) {
  std::array<std::byte, kEd25519KeyBytes> seed{};
  random.fill(seed);
  SigningKey key = from_seed(seed);
  cleanse(seed);
  return key;
}

SigningKey::SigningKey(SigningKey&& other) noexcept
    : seed_(other.seed_), key_(std::move(other.key_)) {
  cleanse(other.seed_);
}

SigningKey& SigningKey::operator=(SigningKey&& other) noexcept {
  if (this != &other) {
    seed_ = other.seed_;
    key_ = std::move(other.key_);
    cleanse(other.seed_);
  }
  return *this;
}

SigningKey::~SigningKey() { cleanse(seed_); }

VerifyingKey SigningKey::verifying_key() const {
  std::array<std::byte, kEd25519KeyBytes> bytes{};
  std::size_t length = bytes.size();
  TALLY_CHECK(EVP_PKEY_get_raw_public_key(
                  key_.get(), reinterpret_cast<unsigned char*>(bytes.data()), &length) == 1 &&
              length == bytes.size());
  return VerifyingKey::from_bytes(bytes);
}

Ed25519Signature SigningKey::sign(Bytes message) const {
  Ed25519Signature signature{};
  std::size_t length = signature.size();
  const auto context = new_context();
  TALLY_CHECK(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1);
  TALLY_CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                             &length, octets(message), message.size()) == 1 &&
              length == signature.size());
  return signature;
}

}  // namespace tally::crypto
