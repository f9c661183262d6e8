// SPDX-License-Identifier: Apache-2.0
#include "access/session_table.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "crypto/hmac.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tally::access {
namespace {

constexpr std::string_view kPrefix = "session:";
constexpr std::size_t kSecretBytes = 32;

}  // namespace

bool SessionTable::is_session(std::string_view grant) { return grant.starts_with(kPrefix); }

/// A hash of 256 random bits tells nothing about them, so it may be looked up like any name.
std::string SessionTable::grant_of(std::string_view secret) {
  return std::string(kPrefix) + to_hex(crypto::sha256(as_bytes(secret)).bytes());
}

void SessionTable::erase(List::iterator session) {
  by_grant_.erase(session->principal.grant);
  sessions_.erase(session);
}

void SessionTable::drop_ended(WallTime now) {
  for (auto at = sessions_.begin(); at != sessions_.end();) {
    const auto next = std::next(at);
    if (at->ends <= now) erase(at);
    at = next;
  }
}

std::optional<SessionTable::Opened> SessionTable::open(const Principal& holder,
                                                       std::optional<WallTime> token_ends,
                                                       WallTime now, Random& random) {
  std::array<std::byte, kSecretBytes> bytes{};
  random.fill(bytes);
  Opened out;
  out.secret = to_hex(bytes);
  crypto::cleanse(bytes);
  out.ends = now + lifetime_;
  if (token_ends) out.ends = std::min(out.ends, *token_ends);
  const std::lock_guard lock(mutex_);
  drop_ended(now);
  const auto same = [&](const Session& session) { return session.principal.id == holder.id; };
  if (std::ranges::count_if(sessions_, same) >=
      static_cast<std::ptrdiff_t>(kSessionsPerHolderMax)) {
    erase(std::ranges::find_if(sessions_, same));
  }
  if (sessions_.size() >= kSessionsMax) return std::nullopt;
  Session session{holder, holder.holds(), out.ends};
  session.principal.grant = grant_of(out.secret);
  sessions_.push_back(std::move(session));
  by_grant_.emplace(sessions_.back().principal.grant, std::prev(sessions_.end()));
  return out;
}

std::optional<SessionTable::Session> SessionTable::find(std::string_view secret, WallTime now) {
  return find_grant(grant_of(secret), now);
}

std::optional<SessionTable::Session> SessionTable::find_grant(std::string_view grant,
                                                              WallTime now) {
  const std::lock_guard lock(mutex_);
  const auto found = by_grant_.find(std::string(grant));
  if (found == by_grant_.end()) return std::nullopt;
  if (found->second->ends <= now) {
    erase(found->second);
    return std::nullopt;
  }
  return *found->second;
}

bool SessionTable::close(std::string_view secret) {
  const std::lock_guard lock(mutex_);
  const auto found = by_grant_.find(grant_of(secret));
  if (found == by_grant_.end()) return false;
  erase(found->second);
  return true;
}

std::size_t SessionTable::size() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

}  // namespace tally::access
