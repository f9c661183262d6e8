// SPDX-License-Identifier: Apache-2.0
#include "crypto/hmac.h"

#include "base/check.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

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

bool constant_time_equal(Bytes a, Bytes b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void cleanse(std::span<std::byte> secret) { OPENSSL_cleanse(secret.data(), secret.size()); }

}  // namespace tally::crypto
