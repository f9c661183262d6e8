// SPDX-License-Identifier: Apache-2.0
#include "mcp/tool_table.h"

#include <algorithm>

namespace tally::mcp {
namespace {

/// Lists that are being paged through at the same time; a client has one, rarely two.
constexpr std::size_t kOpenListingsMax = 8;
/// Names and cursors longer than this are not remembered: such a tool is never known, so always
/// staged.
constexpr std::size_t kNameBytesMax = kFieldBytesMax;

}  // namespace

std::vector<ToolChange> ToolTable::served(std::optional<std::string_view> cursor,
                                          std::span<const ToolDefinition> page,
                                          std::optional<std::string_view> next_cursor) {
  std::vector<ToolChange> changes;
  Listing listing = take_listing(cursor);
  for (const ToolDefinition& definition : page) {
    take_in(definition, listing, changes);
    if (listing.seen.size() <= limits_.tools_max) listing.seen.insert(definition.name);
  }
  if (!next_cursor) {
    if (listing.from_start) {
      mark_removed(listing, changes);
      complete_once_ = true;
    }
  } else if (next_cursor->size() <= kNameBytesMax) {
    if (open_.size() == kOpenListingsMax) open_.pop_front();
    open_.emplace_back(std::string(*next_cursor), std::move(listing));
  }
  return changes;
}

ToolTable::Listing ToolTable::take_listing(std::optional<std::string_view> cursor) {
  if (!cursor) return {.seen = {}, .from_start = true, .reports_added = complete_once_};
  const auto at = std::ranges::find(
      open_, *cursor, [](const auto& open) -> const std::string& { return open.first; });
  if (at == open_.end()) return {.seen = {}, .from_start = false, .reports_added = complete_once_};
  Listing listing = std::move(at->second);
  open_.erase(at);
  return listing;
}

void ToolTable::take_in(const ToolDefinition& definition, const Listing& listing,
                        std::vector<ToolChange>& changes) {
  const auto at = tools_.find(definition.name);
  if (at == tools_.end()) {
    if (listing.reports_added) {
      changes.push_back(
          {ToolChange::Kind::added, definition.name, "", definition.digest, "", definition.text});
    }
    if (tools_.size() >= limits_.tools_max || definition.name.size() > kNameBytesMax) return;
    Tool& tool = tools_[definition.name];
    tool.digest = definition.digest;
    tool.read_only = definition.read_only;
    tool.headers = definition.headers;
    set_text(tool, definition.text);
    return;
  }
  Tool& tool = at->second;
  if (tool.digest != definition.digest) {
    changes.push_back({ToolChange::Kind::changed, definition.name, tool.digest, definition.digest,
                       tool.text, definition.text});
    tool.changed = true;
  } else if (tool.removed) {
    changes.push_back(
        {ToolChange::Kind::added, definition.name, "", definition.digest, "", definition.text});
  }
  tool.removed = false;
  tool.digest = definition.digest;
  tool.read_only = definition.read_only;
  tool.headers = definition.headers;
  set_text(tool, definition.text);
}

void ToolTable::mark_removed(const Listing& listing, std::vector<ToolChange>& changes) {
  if (listing.seen.size() > limits_.tools_max) return;
  const std::size_t first = changes.size();
  for (auto& [name, tool] : tools_) {
    if (tool.removed || listing.seen.contains(name)) continue;
    tool.removed = true;
    changes.push_back({ToolChange::Kind::removed, name, tool.digest, "", tool.text, ""});
  }
  std::sort(changes.begin() + static_cast<std::ptrdiff_t>(first), changes.end(),
            [](const ToolChange& a, const ToolChange& b) { return a.name < b.name; });
}

std::vector<ToolChange> ToolTable::changed_since(std::span<const EarlierDefinition> earlier,
                                                 bool complete) {
  using Kind = ToolChange::Kind;
  std::vector<ToolChange> changes;
  std::set<std::string_view> known;
  const bool all_here = tools_.size() < limits_.tools_max;
  for (const EarlierDefinition& was : earlier) {
    if (!known.insert(was.name).second) continue;
    const auto at = tools_.find(was.name);
    const bool here = at != tools_.end() && !at->second.removed;
    if (!here && all_here && was.name.size() <= kNameBytesMax) {
      changes.push_back({Kind::removed, was.name, was.digest, "", "", ""});
    } else if (here && at->second.digest != was.digest) {
      at->second.changed = true;
      changes.push_back(
          {Kind::changed, was.name, was.digest, at->second.digest, "", at->second.text});
    }
  }
  for (const auto& [name, tool] : tools_) {
    if (!complete || tool.removed || known.contains(name)) continue;
    changes.push_back({Kind::added, name, "", tool.digest, "", tool.text});
  }
  std::ranges::sort(changes, {}, &ToolChange::name);
  return changes;
}

void ToolTable::set_text(Tool& tool, const std::string& text) {
  text_bytes_ -= tool.text.size();
  const bool room = text_bytes_ + text.size() <= limits_.text_bytes_max;
  tool.text = room ? text : std::string();
  text_bytes_ += tool.text.size();
}

const Tool* ToolTable::find(std::string_view name) const {
  const auto at = tools_.find(std::string(name));
  return at == tools_.end() || at->second.removed ? nullptr : &at->second;
}

bool ToolTable::known_read_only(std::string_view name) const {
  const Tool* tool = find(name);
  return tool != nullptr && tool->read_only && !tool->changed;
}

}  // namespace tally::mcp
