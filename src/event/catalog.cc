// SPDX-License-Identifier: Apache-2.0
#include "event/catalog.h"

#include "base/check.h"
#include "event/catalog_table.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace tally::event {
namespace {

template <class Range, class Empty>
std::size_t used(const Range& range, Empty is_empty) {
  return static_cast<std::size_t>(std::ranges::find_if(range, is_empty) - range.begin());
}

CatalogEntry entry_of(const CatalogRow& row) {
  const std::size_t methods =
      used(row.methods, [](const CatalogMethod& m) { return m.method.empty(); });
  const std::size_t details = used(row.details, [](std::string_view name) { return name.empty(); });
  return {row.name,
          row.type,
          row.action,
          row.level,
          row.severity,
          row.target_type,
          row.description,
          std::span(row.methods).first(methods),
          std::span(row.details).first(details)};
}

/// Who may send a method, in whatever version.
struct MethodEntry {
  const CatalogEntry* entry;
  bool client_to_server = false;
  bool server_to_client = false;
};

/// The table and its two lookups, built once.
struct Catalog {
  std::vector<CatalogEntry> entries;
  std::unordered_map<std::string_view, const CatalogEntry*> by_name;
  std::unordered_map<std::string_view, MethodEntry> by_method;

  Catalog() {
    for (const CatalogRow& row : catalog_rows()) entries.push_back(entry_of(row));
    for (const CatalogEntry& entry : entries) {
      TALLY_CHECK(by_name.emplace(entry.name, &entry).second);
      for (const CatalogMethod& method : entry.methods) {
        MethodEntry& known =
            by_method.try_emplace(method.method, MethodEntry{&entry}).first->second;
        TALLY_CHECK(known.entry == &entry);
        known.client_to_server = known.client_to_server || method.client_to_server;
        known.server_to_client = known.server_to_client || method.server_to_client;
      }
    }
  }
};

const Catalog& table() {
  static const Catalog catalog;
  return catalog;
}

}  // namespace

std::string_view to_text(Direction value) {
  switch (value) {
    case Direction::client_to_server: return "c2s";
    case Direction::server_to_client: return "s2c";
  }
  TALLY_CHECK(!"Direction out of range");
}

std::span<const CatalogEntry> catalog() { return table().entries; }

const CatalogEntry* find_event(std::string_view name) {
  const auto& names = table().by_name;
  const auto found = names.find(name);
  return found == names.end() ? nullptr : found->second;
}

const CatalogEntry& event_for_method(std::string_view method, Direction direction) {
  static const CatalogEntry* const kUnknown = find_event("mcp-unknown-method");
  const auto& methods = table().by_method;
  const auto found = methods.find(method);
  if (found == methods.end()) return *kUnknown;
  const MethodEntry& known = found->second;
  const bool allowed =
      direction == Direction::client_to_server ? known.client_to_server : known.server_to_client;
  return allowed ? *known.entry : *kUnknown;
}

void apply(const CatalogEntry& entry, Event& event) {
  event.event_name = entry.name;
  event.event_type = entry.type;
  event.event_action = entry.action;
  event.severity_level = entry.level;
}

}  // namespace tally::event
