// SPDX-License-Identifier: Apache-2.0
#include "record/tool_memory.h"

#include <utility>

namespace tally::record {

mcp::ToolTable& ToolMemory::table_of(const std::string& principal) {
  if (const auto known = tables_.find(principal); known != tables_.end()) {
    order_.splice(order_.begin(), order_, known->second.place);
    return known->second.table;
  }
  if (tables_.size() >= principals_max_) {
    tables_.erase(order_.back());
    order_.pop_back();
  }
  order_.push_front(principal);
  const bool many = principals_max_ > 1;
  mcp::ToolTable table = many ? mcp::ToolTable({.tools_max = kToolsPerPrincipalMax,
                                                .text_bytes_max = kToolTextPerPrincipalMax})
                              : mcp::ToolTable();
  return tables_.emplace(principal, Entry{std::move(table), order_.begin(), true, true})
      .first->second.table;
}

void ToolMemory::note(const mcp::ToolDefinition& definition) {
  const auto known = by_server_.find(definition.name);
  if (known != by_server_.end()) {
    const bool same = known->second.digest == definition.digest;
    known->second.digest = definition.digest;
    known->second.read_only = same && known->second.read_only;
  } else if (by_server_.size() < kToolsMax) {
    by_server_.emplace(definition.name, Served{definition.digest, definition.read_only});
  }
}

void ToolMemory::note_changed(const std::string& tool) {
  if (const auto known = by_server_.find(tool); known != by_server_.end()) {
    known->second.changed = true;
  }
}

std::vector<mcp::ToolChange> ToolMemory::served(const std::string& principal,
                                                std::optional<std::string_view> cursor,
                                                std::span<const mcp::ToolDefinition> page,
                                                std::optional<std::string_view> next_cursor) {
  if (principals_max_ > 1) {
    for (const mcp::ToolDefinition& definition : page) note(definition);
  }
  auto changes = table_of(principal).served(cursor, page, next_cursor);
  for (const mcp::ToolChange& change : changes) {
    if (change.kind == mcp::ToolChange::Kind::changed) note_changed(change.name);
  }
  return changes;
}

bool ToolMemory::owes_lookup(const std::string& principal, bool verified) const {
  const auto known = tables_.find(principal);
  if (known == tables_.end() || !known->second.table.complete_once()) return false;
  return verified ? known->second.owes_verified : known->second.owes_unverified;
}

void ToolMemory::set_owed(const std::string& principal, bool verified, bool owed) {
  const auto known = tables_.find(principal);
  if (known == tables_.end()) return;
  (verified ? known->second.owes_verified : known->second.owes_unverified) = owed;
}

std::vector<mcp::ToolChange> ToolMemory::changed_since(
    const std::string& principal, std::span<const mcp::EarlierDefinition> earlier, bool complete) {
  const auto table = tables_.find(principal);
  if (table == tables_.end()) {
    for (const mcp::EarlierDefinition& was : earlier) {
      const auto known = by_server_.find(was.name);
      if (known != by_server_.end() && known->second.digest != was.digest) note_changed(was.name);
    }
    return {};
  }
  auto changes = table->second.table.changed_since(earlier, complete);
  for (const mcp::ToolChange& change : changes) {
    if (change.kind == mcp::ToolChange::Kind::changed) note_changed(change.name);
  }
  return changes;
}

std::string_view ToolMemory::digest(const std::string& principal, std::string_view tool) const {
  if (const auto table = tables_.find(principal); table != tables_.end()) {
    if (const mcp::Tool* known = table->second.table.find(tool)) return known->digest;
  }
  const auto served = by_server_.find(std::string(tool));
  return served == by_server_.end() ? std::string_view() : served->second.digest;
}

std::span<const mcp::ParamHeader> ToolMemory::headers(const std::string& principal,
                                                      std::string_view tool) const {
  const auto table = tables_.find(principal);
  const mcp::Tool* known = table == tables_.end() ? nullptr : table->second.table.find(tool);
  if (known == nullptr) return {};
  return known->headers;
}

bool ToolMemory::known_read_only(const std::string& principal, std::string_view tool) const {
  const auto served = by_server_.find(std::string(tool));
  // Of a tool for which there was no room nobody knows whether it changed.
  const bool many = principals_max_ > 1;
  if (many && (served == by_server_.end() || served->second.changed)) return false;
  if (const auto table = tables_.find(principal); table != tables_.end()) {
    // What this principal was shown decides, if it was shown the tool at all.
    if (const mcp::Tool* known = table->second.table.find(tool)) {
      return known->read_only && !known->changed;
    }
  }
  return many && served->second.read_only;
}

}  // namespace tally::record
