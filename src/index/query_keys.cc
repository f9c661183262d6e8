// SPDX-License-Identifier: Apache-2.0
#include "index/query_keys.h"

#include "base/check.h"
#include "event/event.h"

#include <algorithm>
#include <map>
#include <vector>

namespace tally::index {
namespace {

constexpr QueryKey kKeys[] = {
    {"event", "event_name", Key::event, ValueKind::text},
    {"type", "event_type", Key::type, ValueKind::word},
    {"action", "event_action", Key::action, ValueKind::text},
    {"result", "event_result", Key::result, ValueKind::word},
    {"outcome", "", Key::result, ValueKind::word},
    {"status", "", Key::status, ValueKind::word},
    {"severity", "", Key::severity, ValueKind::ordered},
    {"level", "severity_level", Key::level, ValueKind::ordered},
    {"actor", "actor_id", Key::actor, ValueKind::text},
    {"actor_type", "", Key::actor_type, ValueKind::word},
    {"ip", "actor_ip", Key::ip, ValueKind::text},
    {"tool", "", Key::tool, ValueKind::text},
    {"resource", "", Key::resource, ValueKind::text},
    {"prompt", "", Key::prompt, ValueKind::text},
    {"target", "target_id", Key::target, ValueKind::text},
    {"target_type", "", Key::target_type, ValueKind::text},
    {"target_name", "", Key::target_name, ValueKind::text},
    {"server", "", Key::server, ValueKind::text},
    {"client", "", Key::client, ValueKind::text},
    {"session", "session_id", Key::session, ValueKind::text},
    {"request", "request_id", Key::request, ValueKind::text},
    {"trace", "trace_id", Key::trace, ValueKind::text},
    {"interaction", "interaction_id", Key::interaction, ValueKind::text},
    {"flow", "flow_id", Key::flow, ValueKind::text},
    {"id", "event_id", Key::id, ValueKind::text},
    {"seq", "", Key::seq, ValueKind::number},
    {"time", "timestamp", Key::time, ValueKind::time},
    {"recorded", "recorded_at", Key::recorded, ValueKind::time},
    {"duration", "duration_ms", Key::duration, ValueKind::duration},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return out;
}

/// Levenshtein distance; words are short.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

template <class Enum>
std::vector<std::string> texts_of(std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) out.emplace_back(to_text(static_cast<Enum>(i)));
  return out;
}

}  // namespace

std::span<const QueryKey> query_keys() { return kKeys; }

const QueryKey* find_query_key(std::string_view name) {
  const std::string folded = lower(name);
  for (const QueryKey& key : kKeys) {
    if (key.name == folded || (!key.field.empty() && key.field == folded)) return &key;
  }
  return nullptr;
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates) {
  constexpr std::size_t kWordBytesMax = 32;
  if (word.size() > kWordBytesMax) return std::nullopt;
  const std::string folded = lower(word);
  // One slip in three letters is a slip; more is another word.
  std::size_t best = 1 + folded.size() / 3;
  std::optional<std::string> found;
  for (const std::string& candidate : candidates) {
    const std::size_t d = distance(folded, candidate);
    if (d < best || (d == best && !found)) {
      best = d;
      found = candidate;
    }
  }
  return found;
}

std::span<const std::string> word_texts(Key key) {
  static const std::map<Key, std::vector<std::string>> kTexts = {
      {Key::type, texts_of<event::EventType>(9)},
      {Key::result, texts_of<event::EventResult>(7)},
      {Key::status, texts_of<event::Status>(3)},
      {Key::severity, texts_of<event::Severity>(5)},
      {Key::level, texts_of<event::SeverityLevel>(4)},
      {Key::actor_type, texts_of<event::ActorType>(5)},
  };
  const auto found = kTexts.find(key);
  TALLY_CHECK(found != kTexts.end());
  return found->second;
}

std::vector<std::string_view> key_names() {
  std::vector<std::string_view> names;
  for (const QueryKey& key : kKeys) names.push_back(key.name);
  return names;
}

}  // namespace tally::index
