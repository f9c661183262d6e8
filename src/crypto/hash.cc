// SPDX-License-Identifier: Apache-2.0
#include "crypto/hash.h"

#include "base/check.h"
#include "crypto/sha256_state.h"

#include <openssl/evp.h>

#include <string>

namespace tally::crypto {
namespace {

struct Description {
  std::string_view name;
  const char* openssl_name;
  std::size_t bytes;
};

constexpr Description describe(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::sha256: return {"sha256", "SHA2-256", 32};
    case HashAlgorithm::sha384: return {"sha384", "SHA2-384", 48};
    case HashAlgorithm::sha512: return {"sha512", "SHA2-512", 64};
    case HashAlgorithm::sha3_256: return {"sha3-256", "SHA3-256", 32};
    case HashAlgorithm::blake2b512: return {"blake2b512", "BLAKE2B-512", 64};
  }
  check_failed("HashAlgorithm out of range", __FILE__, __LINE__);
}

constexpr HashAlgorithm kAll[] = {HashAlgorithm::sha256, HashAlgorithm::sha384,
                                  HashAlgorithm::sha512, HashAlgorithm::sha3_256,
                                  HashAlgorithm::blake2b512};

template <HashAlgorithm algorithm>
const EVP_MD* fetched() {
  // Never freed: it belongs to the process. Null when the providers in use do not have it.
  static const EVP_MD* const method =
      EVP_MD_fetch(nullptr, describe(algorithm).openssl_name, nullptr);
  return method;
}

const EVP_MD* method_of(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::sha256: return fetched<HashAlgorithm::sha256>();
    case HashAlgorithm::sha384: return fetched<HashAlgorithm::sha384>();
    case HashAlgorithm::sha512: return fetched<HashAlgorithm::sha512>();
    case HashAlgorithm::sha3_256: return fetched<HashAlgorithm::sha3_256>();
    case HashAlgorithm::blake2b512: return fetched<HashAlgorithm::blake2b512>();
  }
  check_failed("HashAlgorithm out of range", __FILE__, __LINE__);
}

}  // namespace

std::string_view hash_name(HashAlgorithm algorithm) { return describe(algorithm).name; }

std::size_t digest_bytes(HashAlgorithm algorithm) { return describe(algorithm).bytes; }

Result<HashAlgorithm> parse_hash_name(std::string_view name) {
  std::string known;
  for (const HashAlgorithm algorithm : kAll) {
    if (hash_name(algorithm) == name) {
      if (method_of(algorithm) != nullptr) return algorithm;
      return fail(Errc::unsupported, "hash algorithm " + std::string(name) +
                                         " is not offered by this machine's OpenSSL");
    }
    known += (known.empty() ? "" : ", ") + std::string(hash_name(algorithm));
  }
  return fail(Errc::unsupported, "unknown hash algorithm; use one of " + known);
}

void Hasher::FreeContext::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }
void Hasher::FreeContext::operator()(Sha256State* state) const { delete state; }

Hasher::Hasher(HashAlgorithm algorithm)
    : algorithm_(algorithm), digest_size_(crypto::digest_bytes(algorithm)) {
  if (algorithm == HashAlgorithm::sha256) {
    sha256_.reset(new Sha256State);
    sha256_->begin();
    return;
  }
  const EVP_MD* const method = method_of(algorithm);
  context_.reset(EVP_MD_CTX_new());
  TALLY_CHECK(method != nullptr && context_ != nullptr);
  TALLY_CHECK(EVP_DigestInit_ex2(context_.get(), method, nullptr) == 1);
}

void Hasher::begin() {
  if (sha256_) return sha256_->begin();
  // No method given: the context keeps the one it was made with.
  TALLY_CHECK(EVP_DigestInit_ex2(context_.get(), nullptr, nullptr) == 1);
}

void Hasher::update(Bytes part) {
  if (sha256_) return sha256_->update(part);
  TALLY_CHECK(EVP_DigestUpdate(context_.get(), part.data(), part.size()) == 1);
}

void Hasher::finish(std::span<std::byte> out) {
  TALLY_CHECK(out.size() >= digest_size_);
  if (sha256_) return sha256_->finish(out);
  auto* const front = reinterpret_cast<unsigned char*>(out.data());
  TALLY_CHECK(EVP_DigestFinal_ex(context_.get(), front, nullptr) == 1);
}

PlainHash sha256(Bytes bytes) {
  thread_local Hasher hasher(HashAlgorithm::sha256);
  return hasher.hash<PlainHashTag>({bytes});
}

}  // namespace tally::crypto
