// SPDX-License-Identifier: Apache-2.0
// Sessions of browsers: a secret in a cookie stands for a token that was shown once, for a while.
#pragma once

#include "access/principal.h"
#include "base/clock.h"
#include "base/random.h"

#include <chrono>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tally::access {

/// Thread-safe. Bounded: kSessionsMax, of which one holder has kSessionsPerHolderMax; his oldest
/// goes for a new one, nobody else's. Kept in memory alone, by the hash of the secret: a restart
/// ends all.
class SessionTable {
 public:
  explicit SessionTable(std::chrono::milliseconds lifetime) : lifetime_(lifetime) {}

  struct Opened {
    std::string secret;  ///< 64 hex digits; kept nowhere
    WallTime ends{};
  };
  /// `holder` with what its token grants; `token_ends` absent: never. nullopt when the table is
  /// full.
  [[nodiscard]] std::optional<Opened> open(const Principal& holder,
                                           std::optional<WallTime> token_ends, WallTime now,
                                           Random& random);

  struct Session {
    Principal principal;  ///< holds() names the session
    std::string grant;    ///< of the token that it was made from
    WallTime ends{};
  };
  /// nullopt when there is none, or it is over by `now`.
  [[nodiscard]] std::optional<Session> find(std::string_view secret, WallTime now);
  /// The same by Principal::holds().
  [[nodiscard]] std::optional<Session> find_grant(std::string_view grant, WallTime now);
  /// Ends it; false when there was none.
  bool close(std::string_view secret);
  [[nodiscard]] std::size_t size() const;

  /// Whether a grant is a session's.
  [[nodiscard]] static bool is_session(std::string_view grant);

 private:
  using List = std::list<Session>;  // oldest first
  [[nodiscard]] static std::string grant_of(std::string_view secret);
  void erase(List::iterator session);
  void drop_ended(WallTime now);

  const std::chrono::milliseconds lifetime_;
  mutable std::mutex mutex_;  // guards what follows
  List sessions_;
  std::unordered_map<std::string, List::iterator> by_grant_;
};

}  // namespace tally::access
