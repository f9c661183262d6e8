// SPDX-License-Identifier: Apache-2.0
// Sessions in front of one server, by the keyed digest of their id: what was negotiated, who used
// them, and the scope of their JSON-RPC ids.
#pragma once

#include "record/party.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace tally::record {

struct Session {
  Conversation conversation;  ///< its session_id is the digest
  std::string key;            ///< in the table; empty: not in it
  bool ended = false;         ///< its end was recorded: late answers do not begin it again
  /// Principals that used it (Principal::key), the first one first; at most kSessionPrincipalsMax.
  std::vector<std::string> principals;
  std::string first_actor;             ///< actor_id of the first
  std::vector<std::string> addresses;  ///< it was used from, the first one first; bounded likewise
  /// Settings that told who it was (HttpRecorder::use_identifier()).
  std::uint64_t identity_generation = 0;
  bool legacy = false;  ///< HTTP+SSE of 2024-11-05: it lives as long as its stream

  /// Notes that `who` uses it. True when it is another principal than those before (reported once
  /// each).
  bool used_by(const identity::Principal& who);
  /// The same for the address it is used from; an empty one is not known.
  bool used_from(const std::string& address);
  /// Before used_by(): who a request is was found by settings of this generation. With later ones
  /// than before all that was noted is about other names: it begins anew. False for earlier ones
  /// (of a request that began before they changed): what it says is not comparable.
  [[nodiscard]] bool comparable(std::uint64_t generation);
  /// Its first use.
  void begun_by(const identity::Identity& who, std::uint64_t generation);
};

/// Bounded: the least recently used is forgotten first. Not thread-safe. Exchanges keep their
/// session by shared pointer, so forgetting one is never a dangling one.
class SessionTable {
 public:
  explicit SessionTable(std::size_t sessions_max) : sessions_max_(sessions_max) {}

  /// nullptr when it is not known.
  [[nodiscard]] std::shared_ptr<Session> find(const std::string& key);
  /// Adds it under `key`. Returns the one that had to go, if any.
  std::shared_ptr<Session> add(std::string key, std::shared_ptr<Session> session);
  void remove(const Session& session);
  [[nodiscard]] std::size_t size() const { return by_key_.size(); }
  /// Whether there is any session of HTTP+SSE.
  [[nodiscard]] bool has_legacy() const { return legacy_ > 0; }

 private:
  using Order = std::list<std::shared_ptr<Session>>;
  void forget(Order::iterator at);

  std::size_t sessions_max_;
  std::size_t legacy_ = 0;
  Order order_;  // most recently used first
  std::unordered_map<std::string, Order::iterator> by_key_;
};

/// Events of resumable streams that were seen, so that a replay after Last-Event-ID is known as
/// one. Bounded: the oldest is forgotten first. Not thread-safe.
class ReplayTable {
 public:
  explicit ReplayTable(std::size_t events_max = kReplayEventsMax) : events_max_(events_max) {}
  /// True when `digest` (of session, event id and data) was there before.
  bool seen_before(const std::string& digest);

 private:
  std::size_t events_max_;
  std::unordered_set<std::string> seen_;
  std::deque<std::string> order_;
};

}  // namespace tally::record
