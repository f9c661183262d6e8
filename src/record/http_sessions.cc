// SPDX-License-Identifier: Apache-2.0
#include "record/http_sessions.h"

#include <algorithm>
#include <utility>

namespace tally::record {
namespace {

/// Of a digest that tells events apart: 128 bits, half the memory.
constexpr std::size_t kKeptDigestBytes = 32;

}  // namespace

bool Session::used_by(const identity::Principal& who) {
  if (std::ranges::find(principals, who.key) != principals.end()) return false;
  if (principals.size() >= kSessionPrincipalsMax) return false;
  principals.push_back(who.key);
  if (principals.size() == 1) first_actor = who.id;
  return principals.size() > 1;
}

bool Session::used_from(const std::string& address) {
  if (address.empty() || std::ranges::find(addresses, address) != addresses.end()) return false;
  if (addresses.size() >= kSessionPrincipalsMax) return false;
  addresses.push_back(address);
  return addresses.size() > 1;
}

bool Session::comparable(std::uint64_t generation) {
  if (generation < identity_generation) return false;
  if (generation == identity_generation) return true;
  identity_generation = generation;
  principals.clear();
  first_actor.clear();
  addresses.clear();
  return true;
}

void Session::begun_by(const identity::Identity& who, std::uint64_t generation) {
  identity_generation = generation;
  static_cast<void>(used_by(*who.principal));
  static_cast<void>(used_from(who.address));
}

std::shared_ptr<Session> SessionTable::find(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  order_.splice(order_.begin(), order_, found->second);
  return *found->second;
}

std::shared_ptr<Session> SessionTable::add(std::string key, std::shared_ptr<Session> session) {
  std::shared_ptr<Session> gone;
  if (const auto known = by_key_.find(key); known != by_key_.end()) {
    gone = *known->second;
    forget(known->second);
  } else if (by_key_.size() >= sessions_max_) {
    gone = order_.back();
    forget(std::prev(order_.end()));
  }
  session->key = key;
  if (session->legacy) ++legacy_;
  order_.push_front(std::move(session));
  by_key_.emplace(std::move(key), order_.begin());
  return gone;
}

void SessionTable::remove(const Session& session) {
  const auto found = by_key_.find(session.key);
  if (found != by_key_.end() && found->second->get() == &session) forget(found->second);
}

void SessionTable::forget(Order::iterator at) {
  if ((*at)->legacy) --legacy_;
  by_key_.erase((*at)->key);
  (*at)->key.clear();
  order_.erase(at);
}

bool ReplayTable::seen_before(const std::string& digest) {
  std::string kept = digest.substr(digest.size() - std::min(digest.size(), kKeptDigestBytes));
  if (!seen_.insert(kept).second) return true;
  order_.push_back(std::move(kept));
  if (order_.size() > events_max_) {
    seen_.erase(order_.front());
    order_.pop_front();
  }
  return false;
}

}  // namespace tally::record
