// SPDX-License-Identifier: Apache-2.0
// Ed25519 (RFC 8032) keys and signatures; a private key is wiped when it goes.
#pragma once

#include "base/encoding.h"
#include "base/random.h"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>

struct evp_pkey_st;

namespace tally::crypto {

inline constexpr std::size_t kEd25519KeyBytes = 32;
inline constexpr std::size_t kEd25519SignatureBytes = 64;

using Ed25519Bytes = std::span<const std::byte, kEd25519KeyBytes>;
using Ed25519Signature = std::array<std::byte, kEd25519SignatureBytes>;

struct FreeKey {
  void operator()(evp_pkey_st* key) const;
};

/// A public key. Copies share one immutable object; verify() may be called from any thread.
class VerifyingKey {
 public:
  /// Any 32 bytes are taken; whether they are a point on the curve shows when a signature is
  /// verified.
  static VerifyingKey from_bytes(Ed25519Bytes bytes);
  [[nodiscard]] Ed25519Bytes bytes() const { return bytes_; }
  /// Whether `signature` is one of `message` by this key. False for a signature of another length.
  [[nodiscard]] bool verify(Bytes message, Bytes signature) const;
  friend bool operator==(const VerifyingKey& a, const VerifyingKey& b) {
    return a.bytes_ == b.bytes_;
  }

 private:
  VerifyingKey() = default;
  std::array<std::byte, kEd25519KeyBytes> bytes_{};
  std::shared_ptr<evp_pkey_st> key_;
};

/// A private key, held as its 32-byte seed; move-only, wiped on destruction. sign() may be called
/// from any thread. A moved-from key can only be destroyed or assigned to.
class SigningKey {
 public:
  static SigningKey from_seed(Ed25519Bytes seed);
  static SigningKey generate(Random& random);
  SigningKey(SigningKey&& other) noexcept;
  SigningKey& operator=(SigningKey&& other) noexcept;
  ~SigningKey();

  /// The secret itself, to be stored with file mode 0600; the caller wipes what it copies.
  [[nodiscard]] Ed25519Bytes seed() const { return seed_; }
  [[nodiscard]] VerifyingKey verifying_key() const;
  /// Deterministic signature (RFC 8032).
  [[nodiscard]] Ed25519Signature sign(Bytes message) const;

 private:
  SigningKey() = default;
  std::array<std::byte, kEd25519KeyBytes> seed_{};
  std::unique_ptr<evp_pkey_st, FreeKey> key_;
};

}  // namespace tally::crypto
