// SPDX-License-Identifier: Apache-2.0
// Digests that stand in for values: keyed where the value could be guessed, plain where nothing was
// hidden.
#pragma once

#include "base/encoding.h"
#include "crypto/hmac.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace tally::redact {

/// HMAC-SHA256 (RFC 2104) under the log's key for keyed digests. Immutable, thread-safe. Wipes its
/// key.
class KeyedDigest {
 public:
  /// Copies `key` (32 bytes from hmac.key; any length works).
  explicit KeyedDigest(Bytes key);
  ~KeyedDigest();
  KeyedDigest(const KeyedDigest&) = delete;
  KeyedDigest& operator=(const KeyedDigest&) = delete;

  /// "hmac:KEYID:" and 64 hex digits.
  [[nodiscard]] std::string operator()(std::string_view value) const;
  /// The same of a value that is given in parts, for values too long to be put together.
  class Stream {
   public:
    void update(std::string_view part) { mac_.update(as_bytes(part)); }
    /// Once, at the end.
    [[nodiscard]] std::string finish();

   private:
    friend class KeyedDigest;
    explicit Stream(const KeyedDigest& digest) : digest_(digest), mac_(digest.key_) {}
    const KeyedDigest& digest_;
    crypto::HmacSha256 mac_;
  };
  /// Refers to this KeyedDigest, which must outlive it.
  [[nodiscard]] Stream stream() const { return Stream(*this); }
  /// Of the characters of a JSON string, given as it stands between its quotes, still escaped.
  [[nodiscard]] std::string of_json_string(std::string_view body) const;
  /// 8 hex digits: the start of the HMAC of a fixed label, so it says which key was used and
  /// nothing about it.
  [[nodiscard]] const std::string& key_id() const { return key_id_; }

 private:
  [[nodiscard]] std::string text_of(Bytes mac) const;
  std::vector<std::byte> key_;
  crypto::HmacKey ready_;  // the same
  std::string key_id_;
};

/// "sha256:" and 64 hex digits: for what had nothing redacted.
[[nodiscard]] std::string plain_digest(std::string_view value);
/// The same without an allocation.
using PlainDigestText = std::array<char, 71>;
[[nodiscard]] PlainDigestText plain_digest_text(std::string_view value);

}  // namespace tally::redact
