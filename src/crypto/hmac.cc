// SPDX-License-Identifier: Apache-2.0
#include "crypto/hmac.h"

#include "crypto/sha256_state.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace tally::crypto {

namespace {

constexpr std::size_t kBlockBytes = 64;

/// What RFC 2104 hashes before the message and before the inner digest.
struct Pads {
  explicit Pads(Bytes key) {
    if (key.size() > kBlockBytes) {
      Sha256State state;
      state.begin();
      state.update(key);
      state.finish(inner);
    } else {
      std::copy(key.begin(), key.end(), inner.begin());
    }
    for (std::size_t i = 0; i < kBlockBytes; ++i) {
      outer[i] = inner[i] ^ std::byte{0x5C};
      inner[i] ^= std::byte{0x36};
    }
  }
  ~Pads() {
    cleanse(inner);
    cleanse(outer);
  }
  Pads(const Pads&) = delete;
  Pads& operator=(const Pads&) = delete;

  std::array<std::byte, kBlockBytes> inner{}, outer{};
};

}  // namespace

/// Not HMAC() of OpenSSL 3, which fetches the algorithm anew with every call.
std::array<std::byte, kHmacSha256Bytes> hmac_sha256(Bytes key, Bytes message) {
  const Pads pads(key);
  std::array<std::byte, kHmacSha256Bytes> out{};
  Sha256State state;
  state.begin();
  state.update(pads.inner);
  state.update(message);
  state.finish(out);
  state.begin();
  state.update(pads.outer);
  state.update(out);
  state.finish(out);
  return out;
}

/// Behind the first block of the inner and of the outer hash.
struct HmacKey::States {
  explicit States(Bytes key) {
    const Pads pads(key);
    inner.begin();
    inner.update(pads.inner);
    outer.begin();
    outer.update(pads.outer);
  }
  ~States() { cleanse(std::as_writable_bytes(std::span(this, 1))); }
  States(const States&) = delete;
  States& operator=(const States&) = delete;

  Sha256State inner, outer;
};

HmacKey::HmacKey(Bytes key) : states_(std::make_unique<const States>(key)) {}
HmacKey::~HmacKey() = default;

std::array<std::byte, kHmacSha256Bytes> HmacKey::operator()(Bytes message) const {
  std::array<std::byte, kHmacSha256Bytes> out{};
  Sha256State state = states_->inner;
  state.update(message);
  state.finish(out);
  state = states_->outer;
  state.update(out);
  state.finish(out);
  return out;
}

HmacSha256::HmacSha256(Bytes key) : inner_(HashAlgorithm::sha256) {
  const Pads pads(key);
  outer_key_ = pads.outer;
  inner_.begin();
  inner_.update(pads.inner);
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
