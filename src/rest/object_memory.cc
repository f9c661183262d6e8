// SPDX-License-Identifier: Apache-2.0
#include "rest/object_memory.h"

#include <utility>

namespace tally::rest {
namespace {

/// Of the list and the index, about.
constexpr std::size_t kEntryBytes = 160;

std::string key_of(std::string_view type, std::string_view id) {
  std::string out(type);  // a word: no line feed in it
  out += '\n';
  out += id;
  return out;
}

}  // namespace

const ObjectMemory::Seen* ObjectMemory::find(std::string_view type, std::string_view id) const {
  const auto found = by_key_.find(key_of(type, id));
  if (found == by_key_.end() || !found->second->seen) return nullptr;
  return &*found->second->seen;
}

bool ObjectMemory::seen_again(std::string_view type, std::string_view id,
                              std::string_view fingerprint, mcp::Moment now) {
  const auto found = by_key_.find(key_of(type, id));
  if (found == by_key_.end()) return false;
  Entry& known = *found->second;
  if (!known.seen || known.seen->fingerprint != fingerprint || fingerprint.empty()) return false;
  known.seen->at = now.wall;
  entries_.splice(entries_.begin(), entries_, found->second);
  return true;
}

void ObjectMemory::shown(std::string_view type, std::string_view id, Seen seen, MonoTime asked) {
  Entry& known = entry(key_of(type, id));
  if (asked < known.changed_at) return;
  put(known, std::move(seen));
}

void ObjectMemory::changed(std::string_view type, std::string_view id, std::optional<Seen> seen,
                           MonoTime asked, mcp::Moment now) {
  Entry& known = entry(key_of(type, id));
  // Of two changes at the same time nobody knows which came last.
  if (asked < known.changed_at) seen.reset();
  known.changed_at = now.mono;
  put(known, std::move(seen));
}

void ObjectMemory::doubt(std::string_view type, std::string_view name, mcp::Moment now) {
  const std::string start = key_of(type, {});
  for (Entry& known : entries_) {
    if (!known.key.starts_with(start) || !known.seen) continue;
    if (!known.seen->object.is_called(name)) continue;
    known.changed_at = now.mono;
    put(known, std::nullopt);
  }
}

/// The entry of a key, made if need be, now the one used last.
ObjectMemory::Entry& ObjectMemory::entry(std::string key) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    return entries_.front();
  }
  entries_.emplace_front();
  entries_.front().key = std::move(key);
  by_key_.emplace(entries_.front().key, entries_.begin());
  return entries_.front();
}

/// Sets what is known and makes room; the entry is the first, so it goes last.
void ObjectMemory::put(Entry& entry, std::optional<Seen> seen) {
  bytes_ -= entry.bytes;
  entry.seen = std::move(seen);
  entry.bytes = kEntryBytes + entry.key.size() +
                (entry.seen ? entry.seen->object.bytes() + entry.seen->fingerprint.size() : 0);
  bytes_ += entry.bytes;
  while (entries_.size() > objects_max_ || (bytes_ > bytes_max_ && entries_.size() > 1)) {
    Entry& last = entries_.back();
    bytes_ -= last.bytes;
    by_key_.erase(last.key);
    entries_.pop_back();
  }
}

}  // namespace tally::rest
