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
constexpr std::string_view kKeyedPrefix = "hmac:";
/// Characters unescaped at once.
constexpr std::size_t kPieceBytes = 16 * kKiB;

}  // namespace

KeyedDigest::KeyedDigest(Bytes key) : key_(key.begin(), key.end()), ready_(key_) {
  const auto mac = ready_(as_bytes(kKeyIdLabel));
  key_id_ = to_hex(Bytes(mac).first(kKeyIdBytes));
}

KeyedDigest::~KeyedDigest() { crypto::cleanse(key_); }

std::string KeyedDigest::operator()(std::string_view value) const {
  return text_of(ready_(as_bytes(value)));
}

std::string KeyedDigest::Stream::finish() { return digest_.text_of(mac_.finish()); }

std::string KeyedDigest::text_of(Bytes mac) const {
  std::string out;
  out.reserve(kKeyedPrefix.size() + key_id_.size() + 1 + 2 * mac.size());
  out += kKeyedPrefix;
  out += key_id_;
  out += ':';
  append_hex(out, mac);
  return out;
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

PlainDigestText plain_digest_text(std::string_view value) {
  constexpr std::string_view kPrefix = "sha256:";
  const crypto::PlainHash hash = crypto::sha256(as_bytes(value));
  static_assert(kPrefix.size() + 2 * 32 == std::tuple_size_v<PlainDigestText>);
  PlainDigestText out{};
  kPrefix.copy(out.data(), kPrefix.size());
  write_hex(hash.bytes(), out.data() + kPrefix.size());
  return out;
}

std::string plain_digest(std::string_view value) {
  const PlainDigestText text = plain_digest_text(value);
  return {text.data(), text.size()};
}

}  // namespace tally::redact
