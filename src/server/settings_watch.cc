// SPDX-License-Identifier: Apache-2.0
#include "server/settings_watch.h"

#include "base/json.h"
#include "base/own_log.h"
#include "config/facts.h"

#include <utility>

namespace tally::server {
namespace {

/// Starts that are looked at: of those behind the first the present one is some.
constexpr std::size_t kStarts = 20;

}  // namespace

std::string settings_digest_of(std::string_view line) {
  json::Document document;
  const auto object = document.parse(line);
  if (!object) return {};
  const auto digest = object->find_path({"details", "settings_digest"});
  return digest && digest->is(json::Kind::string) ? digest->text() : std::string();
}

std::string settings_marks_of(std::string_view line) {
  json::Document document;
  const auto object = document.parse(line);
  if (!object) return {};
  const auto marks = object->find_path({"details", "settings"});
  return marks && marks->is(json::Kind::object) ? std::string(marks->raw()) : std::string();
}

void SettingsWatch::begin(std::uint64_t size) {
  if (!parts_.digest.empty()) pending_ = size;
}

void SettingsWatch::tick() {
  if (!pending_ || parts_.index.status().size < *pending_) return;
  const std::uint64_t size = *std::exchange(pending_, std::nullopt);
  parts_.workers.resume([this, size] { compare(size); });
}

void SettingsWatch::compare(std::uint64_t size) const {
  index::Query query;
  // A start, or settings that were read again since.
  query.filter.all.push_back({{index::exact_term(index::Key::event, "audit-service-start"),
                               index::exact_term(index::Key::event, "audit-settings-changed")}});
  query.order = index::Order::newest_by_seq;
  query.limit = kStarts;
  query.total = false;
  const auto page = parts_.index.find(query);
  if (!page) {
    say(LogLevel::warning, "settings",
        "whether the settings changed cannot be seen: " + page.error().detail);
    return;
  }
  for (const index::PageItem& item : page->items) {
    if (item.position.seq >= size) continue;  // this process, or others that came later
    const std::string last = settings_digest_of(item.line);
    // What was recorded of a difference at a start has none: the start itself does.
    if (last.empty() && item.line.find("audit-settings-changed") != std::string::npos) continue;
    if (!last.empty() && last != parts_.digest) {
      const std::string marks = settings_marks_of(item.line);
      const auto changed = marks.empty() ? std::vector<std::string>()
                                         : config::differing_settings(marks, parts_.marks);
      parts_.log.enqueue({parts_.events.settings_changed(last, parts_.digest, changed)});
    }
    return;
  }
}

}  // namespace tally::server
