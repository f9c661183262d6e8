// SPDX-License-Identifier: Apache-2.0
// Named keys for signed notes (C2SP signed-note v1.0.0): the text forms that people copy and files
// hold.
#pragma once

#include "base/result.h"
#include "crypto/ed25519.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tally::crypto {

/// First four bytes of SHA-256(name || LF || type || public key), big-endian. A hint, not an
/// identity: it can collide.
using KeyId = std::uint32_t;

/// The key id of an Ed25519 key (type 0x01).
KeyId ed25519_key_id(std::string_view name, const VerifyingKey& key);
/// Eight lower-case hex digits.
std::string format_key_id(KeyId id);

/// Whether `name` may name a key: 1 to kOriginBytesMax bytes of UTF-8 without white space
/// (Unicode), control characters or '+'. A log's origin obeys the same rules, because its key bears
/// its name. Errors: invalid_argument.
[[nodiscard]] Result<void> check_key_name(std::string_view name);

/// A public key and its name: whom to believe. Copyable, immutable, thread-safe.
class NoteVerifier {
 public:
  /// Errors: invalid_argument for a bad name.
  [[nodiscard]] static Result<NoteVerifier> make(std::string name, VerifyingKey key);
  /// Parses `name+hex8+base64(0x01 || public key)`, without line end. Accepts only what vkey()
  /// gives back. Errors: malformed; unsupported for another signature type.
  [[nodiscard]] static Result<NoteVerifier> parse(std::string_view vkey);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] KeyId id() const { return id_; }
  [[nodiscard]] const VerifyingKey& key() const { return key_; }
  /// The text form, without line end.
  [[nodiscard]] std::string vkey() const;
  [[nodiscard]] bool verify(std::string_view text, Bytes signature) const {
    return key_.verify(as_bytes(text), signature);
  }
  friend bool operator==(const NoteVerifier&, const NoteVerifier&) = default;

 private:
  NoteVerifier(std::string name, VerifyingKey key);
  std::string name_;
  KeyId id_;
  VerifyingKey key_;
};

/// A private key and its name. Move-only; sign() may be called from any thread.
class NoteSigner {
 public:
  /// Errors: invalid_argument for a bad name.
  [[nodiscard]] static Result<NoteSigner> make(std::string name, SigningKey key);
  /// A new key. Errors: invalid_argument for a bad name.
  [[nodiscard]] static Result<NoteSigner> generate(std::string name, Random& random);
  /// Parses `PRIVATE+KEY+name+hex8+base64(0x01 || seed)`, without line end. Accepts only what
  /// skey() gives back. No part of the input appears in an error. Errors: malformed; unsupported
  /// for another signature type.
  [[nodiscard]] static Result<NoteSigner> parse(std::string_view skey);

  [[nodiscard]] const std::string& name() const { return verifier_.name(); }
  [[nodiscard]] KeyId id() const { return verifier_.id(); }
  [[nodiscard]] const NoteVerifier& verifier() const { return verifier_; }
  /// The secret text form, without line end; the caller stores it with mode 0600.
  [[nodiscard]] std::string skey() const;
  [[nodiscard]] Ed25519Signature sign(std::string_view text) const {
    return key_.sign(as_bytes(text));
  }

 private:
  NoteSigner(NoteVerifier verifier, SigningKey key);
  NoteVerifier verifier_;
  SigningKey key_;
};

}  // namespace tally::crypto
