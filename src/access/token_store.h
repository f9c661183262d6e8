// SPDX-License-Identifier: Apache-2.0
// Tokens as a running service sees them: fast to look up, changed by other processes at any time.
#pragma once

#include "access/grants.h"
#include "access/token_file.h"
#include "base/clock.h"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::access {

/// Thread-safe. A token that was made is accepted at once, because before one is refused it is
/// looked whether the file is another one; one that was revoked is refused within kTokenReload.
class TokenStore final : public Grants {
 public:
  enum class Verdict : unsigned char { good, unknown, expired };
  struct Answer {
    Verdict verdict = Verdict::unknown;
    /// Of good and expired.
    std::optional<Principal> principal;
    /// Of good: accepted no longer than until then.
    std::optional<WallTime> expires;
  };

  /// `clock` must outlive it.
  TokenStore(TokenFile file, const Clock& clock) : file_(std::move(file)), clock_(clock) {}

  /// Reads the file, so that a broken one is told at start. Errors: as TokenFile::load().
  [[nodiscard]] Result<void> open();
  /// Compared in constant time with every token there is. A file that cannot be read keeps nobody
  /// out who was in, and lets nobody in who was not; trouble() tells.
  [[nodiscard]] Answer find(std::string_view secret);
  /// Whether a token that was accepted is there still; reads the file when kTokenReload is over.
  [[nodiscard]] Standing standing(std::string_view id) override;
  [[nodiscard]] std::size_t size();
  /// Why the file could not be read last time; empty when it could.
  [[nodiscard]] std::string trouble();

 private:
  struct Key {
    std::string hash;  // 32 raw bytes
    TokenRecord record;
  };
  void reload();
  void reload_if_due();
  void reload_if_replaced();
  void note_file();
  [[nodiscard]] const Key* look_up(std::string_view hash) const;

  TokenFile file_;
  const Clock& clock_;
  std::mutex mutex_;  // guards what follows
  std::string text_;
  std::vector<Key> keys_;
  MonoTime read_at_{};
  std::uint64_t inode_ = 0, size_ = 0;  // of the file as it was read; 0: none
  std::string trouble_;
};

}  // namespace tally::access
