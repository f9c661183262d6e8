// SPDX-License-Identifier: Apache-2.0
// Hash functions by name, fast enough for one call per log entry and per tree node.
#pragma once

#include "base/encoding.h"
#include "base/result.h"
#include "crypto/digest.h"

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>

struct evp_md_ctx_st;

namespace tally::crypto {

class Sha256State;

/// What a log can be created with. The order is not stored anywhere; the name is.
enum class HashAlgorithm { sha256, sha384, sha512, sha3_256, blake2b512 };

/// "sha256", "sha384", "sha512", "sha3-256" or "blake2b512": as in log.json and in checkpoints.
std::string_view hash_name(HashAlgorithm algorithm);
/// The algorithm of exactly that name. Errors: unsupported, with the names that would do, also when
/// this machine's OpenSSL lacks it (a FIPS provider has no BLAKE2).
[[nodiscard]] Result<HashAlgorithm> parse_hash_name(std::string_view name);
/// 32, 48 or 64.
std::size_t digest_bytes(HashAlgorithm algorithm);

/// Computes digests of one algorithm. OpenSSL's algorithm object is fetched once per process and
/// the context is reused, because an implicit fetch costs more than hashing a tree node. Movable;
/// not thread-safe, so one Hasher per thread. A moved-from Hasher can only be destroyed or assigned
/// to.
class Hasher {
 public:
  explicit Hasher(HashAlgorithm algorithm);

  [[nodiscard]] HashAlgorithm algorithm() const { return algorithm_; }
  [[nodiscard]] std::size_t digest_size() const { return digest_size_; }

  /// Starts a new message; an unfinished one is forgotten.
  void begin();
  void update(Bytes part);
  /// Ends the message and writes digest_size() bytes to the front of `out`.
  void finish(std::span<std::byte> out);

  /// Digest of the concatenated parts.
  template <class Tag>
  [[nodiscard]] Digest<Tag> hash(std::initializer_list<Bytes> parts) {
    begin();
    for (const Bytes part : parts) update(part);
    return finish_as<Tag>();
  }
  /// finish() as a digest in a role.
  template <class Tag>
  [[nodiscard]] Digest<Tag> finish_as() {
    return Digest<Tag>::filled(digest_size_, [this](std::span<std::byte> out) { finish(out); });
  }

 private:
  struct FreeContext {
    void operator()(evp_md_ctx_st* context) const;
    void operator()(Sha256State* state) const;
  };

  HashAlgorithm algorithm_;
  std::size_t digest_size_;
  std::unique_ptr<Sha256State, FreeContext> sha256_;     ///< for sha256; else null
  std::unique_ptr<evp_md_ctx_st, FreeContext> context_;  ///< for the others; else null
};

/// A digest without a special role: files, payloads, tool definitions.
struct PlainHashTag;
using PlainHash = Digest<PlainHashTag>;
/// SHA-256 of `bytes`. Thread-safe (one Hasher per thread inside).
[[nodiscard]] PlainHash sha256(Bytes bytes);

}  // namespace tally::crypto
