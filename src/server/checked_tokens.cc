// SPDX-License-Identifier: Apache-2.0
#include "server/checked_tokens.h"

#include "base/encoding.h"
#include "crypto/hash.h"

namespace tally::server {

std::string CheckedTokens::digest_of(std::string_view token) {
  return std::string(as_text(crypto::sha256(as_bytes(token)).bytes()));
}

std::optional<access::Principal> CheckedTokens::believed(const std::string& digest) {
  const std::lock_guard lock(mutex_);
  const access::Principal* const found = believed_.find(digest);
  return found == nullptr ? std::nullopt : std::optional<access::Principal>(*found);
}

void CheckedTokens::believe(const std::string& digest, const access::Principal& principal) {
  const std::lock_guard lock(mutex_);
  believed_.add(digest, principal);
}

void CheckedTokens::forget(const std::string& digest) {
  const std::lock_guard lock(mutex_);
  believed_.erase(digest);
}

std::optional<identity::Doubt> CheckedTokens::doubted(const std::string& digest, Basis basis) {
  const std::lock_guard lock(mutex_);
  const Doubted* const found = doubted_.find(digest);
  if (found == nullptr || !(found->basis == basis)) return std::nullopt;
  return found->doubt;
}

void CheckedTokens::doubt(const std::string& digest, Basis basis, identity::Doubt doubt) {
  using identity::Doubt;
  const bool lasts = doubt == Doubt::signature || doubt == Doubt::repeated_claim ||
                     doubt == Doubt::issuer || doubt == Doubt::audience ||
                     doubt == Doubt::expired || doubt == Doubt::no_expiry;
  if (!lasts) return;
  const std::lock_guard lock(mutex_);
  doubted_.add(digest, {basis, doubt});
}

std::size_t CheckedTokens::size() const {
  const std::lock_guard lock(mutex_);
  return believed_.size() + doubted_.size();
}

}  // namespace tally::server
