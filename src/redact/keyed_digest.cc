// SPDX-License-Identifier: Apache-2.0
#include "redact/keyed_digest.h"

#include "crypto/hash.h"
#include "crypto/hmac.h"

namespace tally::redact {
namespace {

/// Never a value of ours, so that a key id is no digest of anything.
constexpr std::string_view kKeyIdLabel = "tallystick keyed digest, key id";
constexpr std::size_t kKeyIdBytes = 4;

}  // namespace

KeyedDigest::KeyedDigest(Bytes key) : key_(key.begin(), key.end()) {
  const auto mac = crypto::hmac_sha256(key_, as_bytes(kKeyIdLabel));
  key_id_ = to_hex(Bytes(mac).first(kKeyIdBytes));
}

KeyedDigest::~KeyedDigest() { crypto::cleanse(key_); }

std::string KeyedDigest::operator()(std::string_view value) const {
  const auto mac = crypto::hmac_sha256(key_, as_bytes(value));
  return "hmac:" + key_id_ + ':' + to_hex(mac);
}

std::string plain_digest(std::string_view value) {
  return "sha256:" + crypto::sha256(as_bytes(value)).to_hex();
}

}  // namespace tally::redact
