// SPDX-License-Identifier: Apache-2.0
// What is known of a token, by its keyed digest: a client sends the same one with every request.
#pragma once

#include "base/clock.h"
#include "identity/identity.h"

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace tally::identity {

/// Bounded: the least recently used one is forgotten first. Not thread-safe.
class TokenCache {
 public:
  explicit TokenCache(std::size_t tokens_max) : tokens_max_(tokens_max) {}

  /// nullptr when it is not known, or has expired by `now`.
  [[nodiscard]] std::shared_ptr<const Principal> find(const std::string& digest, WallTime now);
  /// `expires` absent: until it is forgotten.
  void add(std::string digest, std::shared_ptr<const Principal> principal,
           std::optional<WallTime> expires);
  void clear();
  [[nodiscard]] std::size_t size() const { return by_digest_.size(); }

 private:
  struct Entry {
    std::string digest;
    std::shared_ptr<const Principal> principal;
    std::optional<WallTime> expires;
  };
  std::size_t tokens_max_;
  std::list<Entry> order_;  // most recently used first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_digest_;
};

}  // namespace tally::identity
