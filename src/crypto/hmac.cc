// SPDX-License-Identifier: Apache-2.0
#include "crypto/hmac.h"

#include "base/check.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

namespace tally::crypto {

std::array<std::byte, kHmacSha256Bytes> hmac_sha256(Bytes key, Bytes message) {
  std::array<std::byte, kHmacSha256Bytes> out{};
  unsigned length = 0;
  const auto* const done =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(message.data()), message.size(),
           reinterpret_cast<unsigned char*>(out.data()), &length);
  TALLY_CHECK(done != nullptr && length == out.size());
  return out;
}

HmacSha256::HmacSha256(Bytes key) : inner_(HashAlgorithm::sha256) {
  std::array<std::byte, kBlockBytes> inner_key{};
  if (key.size() > kBlockBytes) {
    inner_.begin();
    inner_.update(key);
    inner_.finish(inner_key);
  } else {
    std::copy(key.begin(), key.end(), inner_key.begin());
  }
  for (std::size_t i = 0; i < kBlockBytes; ++i) {
    outer_key_[i] = inner_key[i] ^ std::byte{0x5C};
    inner_key[i] ^= std::byte{0x36};
  }
  inner_.begin();
  inner_.update(inner_key);
  cleanse(inner_key);
}

HmacSha256::~HmacSha256() { cleanse(outer_key_); }

std::array<std::byte, kHmacSha256Bytes> HmacSha256::finish() {
  std::array<std::byte, kHmacSha256Bytes> out{};
  inner_.finish(out);
  inner_.begin();
  inner_.update(outer_key_);
  inner_.update(out);
  inner_.finish(out);
  return out;
}

bool constant_time_equal(Bytes a, Bytes b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void cleanse(std::span<std::byte> secret) { OPENSSL_cleanse(secret.data(), secret.size()); }

}  // namespace tally::crypto
