// SPDX-License-Identifier: Apache-2.0
#include "rest/object_memory.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace tally::rest {
namespace {

/// Of the list and the indexes, about; and for each name.
constexpr std::size_t kEntryBytes = 160;
constexpr std::size_t kNameBytes = 96;

std::string key_of(std::string_view type, std::string_view id) {
  std::string out(type);  // a word: no line feed in it
  out += '\n';
  out += id;
  return out;
}

std::string_view type_of(std::string_view key) { return key.substr(0, key.find('\n')); }

std::size_t bytes_of(const std::string& key, const ObjectMemory::Seen& seen) {
  std::size_t out = kEntryBytes + key.size() + seen.object.bytes() + seen.fingerprint.size();
  for (const auto& [member, name] : seen.object.names) out += kNameBytes + name.size();
  return out;
}

}  // namespace

const ObjectMemory::Seen* ObjectMemory::find(std::string_view type, std::string_view id) const {
  const auto found = by_key_.find(key_of(type, id));
  return found == by_key_.end() ? nullptr : &found->second->seen;
}

bool ObjectMemory::seen_again(std::string_view type, std::string_view id,
                              std::string_view fingerprint, mcp::Moment now) {
  const auto found = by_key_.find(key_of(type, id));
  if (found == by_key_.end()) return false;
  Seen& seen = found->second->seen;
  if (seen.fingerprint != fingerprint || fingerprint.empty()) return false;
  seen.at = now.wall;
  entries_.splice(entries_.begin(), entries_, found->second);
  return true;
}

/// What is neither known nor changed lately was changed before floor_ at the latest.
MonoTime ObjectMemory::last_change(const std::string& key) const {
  const auto lately = change_by_key_.find(key);
  const MonoTime noted = lately == change_by_key_.end() ? floor_ : lately->second->at;
  const auto known = by_key_.find(key);
  return known == by_key_.end() ? noted : std::max(known->second->changed_at, noted);
}

/// The last change by any of the names that it could have been changed by.
MonoTime ObjectMemory::last_change(std::string_view type, const std::string& key,
                                   const Object& object) const {
  MonoTime out = last_change(key);
  for (const auto& [member, name] : object.names) {
    const auto lately = change_by_key_.find(key_of(type, name));
    if (lately != change_by_key_.end()) out = std::max(out, lately->second->at);
  }
  return out;
}

void ObjectMemory::shown(std::string_view type, std::string_view id, Seen seen, MonoTime asked) {
  std::string key = key_of(type, id);
  if (asked < last_change(type, key, seen.object) || seen.object.names.empty()) return;
  const MonoTime changed_at = last_change(key);
  put(type, std::move(key), std::move(seen), changed_at);
}

void ObjectMemory::changed(std::string_view type, std::string_view id, std::optional<Seen> seen,
                           MonoTime asked, mcp::Moment now) {
  std::string key = key_of(type, id);
  // Of two changes at the same time nobody knows which came last.
  const MonoTime before = seen ? last_change(type, key, seen->object) : MonoTime{};
  if (seen && asked >= before && !seen->object.names.empty()) {
    put(type, std::move(key), std::move(*seen), now.mono);
    return;
  }
  if (const auto known = by_key_.find(key); known != by_key_.end()) erase(known->second);
  note_change(std::move(key), now.mono);
}

void ObjectMemory::doubt(std::string_view type, std::string_view name, mcp::Moment now) {
  std::string key = key_of(type, name);
  const auto [first, last] = by_name_.equal_range(key);
  std::vector<Entries::iterator> meant;
  for (auto at = first; at != last; ++at) meant.push_back(at->second);
  for (const Entries::iterator entry : meant) {
    std::string own = entry->key;
    erase(entry);
    note_change(std::move(own), now.mono);
  }
  note_change(std::move(key), now.mono);
}

void ObjectMemory::note_change(std::string key, MonoTime at) {
  const auto known = change_by_key_.find(key);
  if (known != change_by_key_.end()) {
    known->second->at = std::max(known->second->at, at);
    changes_.splice(changes_.begin(), changes_, known->second);
    return;
  }
  changes_.push_front({std::move(key), at});
  change_by_key_.emplace(changes_.front().key, changes_.begin());
  if (changes_.size() <= kObjectChangesMax) return;
  floor_ = std::max(floor_, changes_.back().at);
  change_by_key_.erase(changes_.back().key);
  changes_.pop_back();
}

/// Makes it the one used last, and room for it.
void ObjectMemory::put(std::string_view type, std::string key, Seen seen, MonoTime changed_at) {
  if (const auto known = by_key_.find(key); known != by_key_.end()) erase(known->second);
  const std::size_t bytes = bytes_of(key, seen);
  entries_.push_front({std::move(key), std::move(seen), changed_at, bytes});
  const auto entry = entries_.begin();
  by_key_.emplace(entry->key, entry);
  std::vector<std::string> names;
  for (const auto& [member, name] : entry->seen.object.names) {
    if (std::ranges::find(names, name) != names.end()) continue;
    names.push_back(name);
    by_name_.emplace(key_of(type, name), entry);
  }
  bytes_ += bytes;
  while (entries_.size() > objects_max_ || (bytes_ > bytes_max_ && entries_.size() > 1)) {
    // Of what is not there any more only this is known.
    floor_ = std::max(floor_, entries_.back().changed_at);
    erase(std::prev(entries_.end()));
  }
}

void ObjectMemory::erase(Entries::iterator entry) {
  const std::string_view type = type_of(entry->key);
  for (const auto& [member, name] : entry->seen.object.names) {
    const auto [first, last] = by_name_.equal_range(key_of(type, name));
    const auto own = std::find_if(first, last, [&](const auto& at) { return at.second == entry; });
    if (own != last) by_name_.erase(own);
  }
  bytes_ -= entry->bytes;
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace tally::rest
