// SPDX-License-Identifier: Apache-2.0
// Tool definitions last served, per principal (contract 1): a server may serve other tools to other
// users, and then nothing has changed.
#pragma once

#include "base/limits.h"
#include "mcp/tool_table.h"

#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tally::record {

/// Tools of one server. Bounded: the principal that was served least recently is forgotten first.
/// Not thread-safe.
class ToolMemory {
 public:
  /// `principals_max` 1: one connection, all are the same.
  explicit ToolMemory(std::size_t principals_max = 1) : principals_max_(principals_max) {}

  /// As mcp::ToolTable::served(), for what `principal` was served.
  std::vector<mcp::ToolChange> served(const std::string& principal,
                                      std::optional<std::string_view> cursor,
                                      std::span<const mcp::ToolDefinition> page,
                                      std::optional<std::string_view> next_cursor);
  /// Whether what `principal` was served, a complete list by now, is still to be compared with that
  /// of the run before; as one who was checked, and as one who was not.
  [[nodiscard]] bool owes_lookup(const std::string& principal, bool verified) const;
  /// That is under way; or it is not any more, and begins again with the next list.
  void set_owed(const std::string& principal, bool verified, bool owed);
  /// As mcp::ToolTable::changed_since(), of what `principal` was served. Nothing is told when that
  /// is forgotten, but a tool that is another one by now is not believed to be read-only.
  std::vector<mcp::ToolChange> changed_since(const std::string& principal,
                                             std::span<const mcp::EarlierDefinition> earlier,
                                             bool complete);
  /// Digest of the definition of `tool` that `principal` was served last; else of the one that the
  /// server served last to anyone. Empty: none.
  [[nodiscard]] std::string_view digest(const std::string& principal, std::string_view tool) const;
  /// Arguments that headers repeat, by the definition of `tool` that `principal` was served last.
  [[nodiscard]] std::span<const mcp::ParamHeader> headers(const std::string& principal,
                                                          std::string_view tool) const;
  /// Whether that definition says readOnlyHint and was never another one. Never again of a tool
  /// that changed for any principal: that principal may be forgotten, what the server did is not.
  [[nodiscard]] bool known_read_only(const std::string& principal, std::string_view tool) const;
  [[nodiscard]] std::size_t principals() const { return tables_.size(); }

 private:
  /// What the server said of a tool, to whomever.
  struct Served {
    std::string digest;
    bool read_only = false;  // and always has been
    bool changed = false;    // for one to whom it had been served before
  };
  mcp::ToolTable& table_of(const std::string& principal);
  void note(const mcp::ToolDefinition& definition);
  void note_changed(const std::string& tool);

  std::size_t principals_max_;
  std::list<std::string> order_;  // most recently served first
  struct Entry {
    mcp::ToolTable table;
    std::list<std::string>::iterator place;
    bool owes_verified = true, owes_unverified = true;  // a lookup
  };
  std::unordered_map<std::string, Entry> tables_;
  std::unordered_map<std::string, Served>
      by_server_;  // only where there is more than one principal
};

}  // namespace tally::record
