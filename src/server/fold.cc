// SPDX-License-Identifier: Apache-2.0
#include "server/fold.h"

#include "base/json_writer.h"
#include "base/limits.h"

namespace tally::server {

bool Fold::count(const std::string& key, const event::Event& sample, MonoTime now) {
  const auto at = entries_.find(key);
  if (at == entries_.end()) return false;
  Entry& entry = at->second;
  // What is over but was not fetched yet stays for take_due().
  if (now - entry.begin >= kFoldWindow && entry.count == 0) return false;
  if (entry.count++ == 0) entry.first = sample.timestamp;
  entry.last = sample.timestamp;
  return true;
}

void Fold::start(const std::string& key, const event::Event& sample, MonoTime now) {
  const auto at = entries_.find(key);
  if (at == entries_.end()) {
    if (entries_.size() < kFoldKeysMax) entries_.emplace(key, Entry{sample, now, 0, {}, {}});
  } else if (at->second.count == 0) {
    at->second = Entry{sample, now, 0, {}, {}};
  }
}

bool Fold::admit(const std::string& key, const event::Event& sample, MonoTime now) {
  const std::lock_guard lock(mutex_);
  if (count(key, sample, now)) return false;
  start(key, sample, now);
  return true;
}

bool Fold::counted(const std::string& key, const event::Event& sample, MonoTime now) {
  const std::lock_guard lock(mutex_);
  return count(key, sample, now);
}

void Fold::begin(const std::string& key, const event::Event& sample, MonoTime now) {
  const std::lock_guard lock(mutex_);
  start(key, sample, now);
}

std::vector<event::Event> Fold::take_due(MonoTime now, bool all) {
  std::vector<event::Event> out;
  const std::lock_guard lock(mutex_);
  for (auto at = entries_.begin(); at != entries_.end();) {
    Entry& entry = at->second;
    if (!all && now - entry.begin < kFoldWindow) {
      ++at;
      continue;
    }
    if (entry.count > 0) {
      event::Event event = std::move(entry.sample);
      event.event_id.clear();
      event.timestamp = entry.last;
      if (event.details.ends_with('}')) event.details.pop_back();
      event.details += event.details.empty() ? "{" : event.details == "{" ? "" : ",";
      event.details += "\"folded\":";
      json::ObjectWriter folded(event.details);
      folded.number("count", entry.count);
      folded.string("from", format_time(entry.first));
      folded.string("to", format_time(entry.last));
      folded.end();
      event.details += '}';
      out.push_back(std::move(event));
    }
    at = entries_.erase(at);
  }
  return out;
}

}  // namespace tally::server
