// SPDX-License-Identifier: Apache-2.0
// Verifiers of tokens as the settings want them; proxies with the same keys share one watch.
#pragma once

#include "config/serve_config.h"
#include "identity/token_verifier.h"
#include "server/key_watch.h"

#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

namespace tally::server {

/// For one thread at a time, but for what says otherwise; what it makes is thread-safe. Must
/// outlive nothing: verifiers go on with the keys they have.
class TokenChecks {
 public:
  /// `fs` must outlive it.
  explicit TokenChecks(storage::FileSystem& fs) : fs_(fs) {}

  /// When keys that come from a URL alone are fetched first: in the background, or before make()
  /// returns, so that keys which work are replaced only by others.
  enum class First : unsigned char { later, now };
  /// Null when `jwt` has no keys and no secret. Errors: a key set or secret that cannot be read or
  /// is too short; they name the file. With `now`, those of the fetch, which `stop` ends.
  [[nodiscard]] Result<std::shared_ptr<const identity::TokenVerifier>> make(
      const config::JwtConfig& jwt, bool expiry_needed = false, First first = First::later,
      const std::stop_token& stop = {});
  /// Ends the watches over keys that no verifier has any more.
  void drop_unused();
  [[nodiscard]] std::size_t watches() const;
  /// Of all key sets. Any thread.
  [[nodiscard]] KeySetFigures figures() const;

 private:
  storage::FileSystem& fs_;
  mutable std::mutex mutex_;  // guards watches_, which only one thread changes
  std::map<std::string, std::unique_ptr<KeyWatch>> watches_;
};

}  // namespace tally::server
