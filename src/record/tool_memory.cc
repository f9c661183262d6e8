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
  return tables_.emplace(principal, Entry{std::move(table), order_.begin()}).first->second.table;
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

std::vector<mcp::ToolChange> ToolMemory::served(const std::string& principal,
                                                std::optional<std::string_view> cursor,
                                                std::span<const mcp::ToolDefinition> page,
                                                std::optional<std::string_view> next_cursor) {
  if (principals_max_ > 1) {
    for (const mcp::ToolDefinition& definition : page) note(definition);
  }
  return table_of(principal).served(cursor, page, next_cursor);
}

bool ToolMemory::complete_once(const std::string& principal) const {
  const auto table = tables_.find(principal);
  return table != tables_.end() && table->second.table.complete_once();
}

std::vector<mcp::ToolChange> ToolMemory::changed_since(
    const std::string& principal, std::span<const mcp::EarlierDefinition> earlier, bool complete) {
  const auto table = tables_.find(principal);
  if (table == tables_.end()) return {};
  return table->second.table.changed_since(earlier, complete);
}

std::string_view ToolMemory::digest(const std::string& principal, std::string_view tool) const {
  if (const auto table = tables_.find(principal); table != tables_.end()) {
    if (const mcp::Tool* known = table->second.table.find(tool)) return known->digest;
  }
  const auto served = by_server_.find(std::string(tool));
  return served == by_server_.end() ? std::string_view() : served->second.digest;
}

bool ToolMemory::known_read_only(const std::string& principal, std::string_view tool) const {
  if (const auto table = tables_.find(principal); table != tables_.end()) {
    // What this principal was shown decides, if it was shown the tool at all.
    if (table->second.table.find(tool) != nullptr) {
      return table->second.table.known_read_only(tool);
    }
  }
  const auto served = by_server_.find(std::string(tool));
  return served != by_server_.end() && served->second.read_only;
}

}  // namespace tally::record
