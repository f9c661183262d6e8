// SPDX-License-Identifier: Apache-2.0
#include "record/credential_table.h"

#include <utility>

namespace tally::record {

std::optional<std::string> CredentialTable::used_at(const std::string& digest,
                                                    std::string_view server) {
  const std::lock_guard lock(mutex_);
  const auto [at, fresh] = entries_.try_emplace(digest, Entry{std::string(server)});
  if (fresh) {
    order_.push_back(digest);
    if (order_.size() > credentials_max_) {
      entries_.erase(order_.front());
      order_.pop_front();
    }
    return std::nullopt;
  }
  Entry& entry = at->second;
  if (entry.server == server || entry.reported_elsewhere) return std::nullopt;
  entry.reported_elsewhere = true;
  return entry.server;
}

bool CredentialTable::first_report_of_audience(const std::string& digest) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(digest);
  if (found == entries_.end()) return false;
  return !std::exchange(found->second.reported_audience, true);
}

std::size_t CredentialTable::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace tally::record
