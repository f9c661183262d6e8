// SPDX-License-Identifier: Apache-2.0
#include "record/tool_names.h"

#include <algorithm>

namespace tally::record {

std::optional<ToolNames::Other> ToolNames::served(const std::string& place, std::string_view server,
                                                  const std::string& name,
                                                  std::string_view digest) {
  if (name.size() > kFieldBytesMax) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(name);
  if (at == entries_.end()) {
    std::size_t& names = names_of_[place];
    if (entries_.size() >= names_max_ || names >= names_max_ / 4) return std::nullopt;
    ++names;
    entries_.emplace(name, Entry{place, std::string(server), std::string(digest), {}});
    return std::nullopt;
  }
  Entry& entry = at->second;
  if (entry.place == place) {
    entry.server = server;
    entry.digest = digest;
    return std::nullopt;
  }
  if (entry.told.size() >= kToldMax || std::ranges::find(entry.told, place) != entry.told.end()) {
    return std::nullopt;
  }
  entry.told.push_back(place);
  return Other{entry.server, entry.digest == digest};
}

std::size_t ToolNames::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace tally::record
