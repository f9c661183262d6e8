// SPDX-License-Identifier: Apache-2.0
#include "redact/keyed_digest.h"

#include "base/json.h"
#include "base/limits.h"
#include "crypto/hash.h"

namespace tally::redact {
namespace {

/// Never a value of ours, so that a key id is no digest of anything.
constexpr std::string_view kKeyIdLabel = "tallystick keyed digest, key id";
constexpr std::size_t kKeyIdBytes = 4;
/// Characters unescaped at once.
constexpr std::size_t kPieceBytes = 16 * kKiB;

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

std::string KeyedDigest::Stream::finish() {
  return "hmac:" + digest_.key_id_ + ':' + to_hex(mac_.finish());
}

std::string KeyedDigest::of_json_string(std::string_view body) const {
  if (body.find('\\') == std::string_view::npos) return (*this)(body);
  Stream digest = stream();
  std::string piece;
  while (!body.empty()) {
    piece.clear();
    body.remove_prefix(json::unescape_some(body, kPieceBytes, piece));
    digest.update(piece);
  }
  return digest.finish();
}

std::string plain_digest(std::string_view value) {
  return "sha256:" + crypto::sha256(as_bytes(value)).to_hex();
}

}  // namespace tally::redact
