// SPDX-License-Identifier: Apache-2.0
#include "identity/token_cache.h"

#include <utility>

namespace tally::identity {

std::shared_ptr<const Principal> TokenCache::find(const std::string& digest, WallTime now) {
  const auto found = by_digest_.find(digest);
  if (found == by_digest_.end()) return nullptr;
  const auto entry = found->second;
  if (entry->expires && *entry->expires <= now) {
    by_digest_.erase(found);
    order_.erase(entry);
    return nullptr;
  }
  order_.splice(order_.begin(), order_, entry);
  return entry->principal;
}

void TokenCache::add(std::string digest, std::shared_ptr<const Principal> principal,
                     std::optional<WallTime> expires) {
  if (tokens_max_ == 0) return;
  if (const auto known = by_digest_.find(digest); known != by_digest_.end()) {
    order_.erase(known->second);
    by_digest_.erase(known);
  }
  if (by_digest_.size() >= tokens_max_) {
    by_digest_.erase(order_.back().digest);
    order_.pop_back();
  }
  order_.push_front({digest, std::move(principal), expires});
  by_digest_.emplace(std::move(digest), order_.begin());
}

void TokenCache::clear() {
  by_digest_.clear();
  order_.clear();
}

}  // namespace tally::identity
