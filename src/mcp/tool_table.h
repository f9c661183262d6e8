// SPDX-License-Identifier: Apache-2.0
// The tool definitions a server has served: what a call is bound to, and what changed since it was
// first seen.
#pragma once

#include "base/limits.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tally::mcp {

/// An argument whose value an HTTP header repeats (x-mcp-header, 2026-07-28).
struct ParamHeader {
  std::string name;               ///< Mcp-Param-{name}
  std::vector<std::string> path;  ///< keys from `arguments` on
};

/// One definition as it stands in a list.
struct ToolDefinition {
  std::string name;
  std::string digest;      ///< of the canonical text
  std::string text;        ///< canonical (RFC 8785), or as sent when it has no canonical form
  bool read_only = false;  ///< annotations.readOnlyHint is true
  std::vector<ParamHeader> headers{};
};

/// What is known of one tool.
struct Tool {
  std::string digest;  ///< of the definition last served
  std::string text;    ///< empty when there was no room for it
  bool read_only = false;
  bool changed = false;  ///< it was once served differently in this connection; stays
  bool removed = false;  ///< not in the last complete list
  std::vector<ParamHeader> headers{};
};

struct ToolChange {
  enum class Kind : std::uint8_t { added, changed, removed };
  Kind kind;
  std::string name;
  std::string old_digest, new_digest;  ///< empty where there is none
  std::string old_text, new_text;
};

/// A definition of which only this is known: by a process before this one.
struct EarlierDefinition {
  std::string name;
  std::string digest;
};

/// Tools of one server. Not thread-safe.
class ToolTable {
 public:
  struct Limits {
    std::size_t tools_max = kToolsMax;
    std::size_t text_bytes_max = kToolTextBytesMax;
  };

  ToolTable() = default;
  explicit ToolTable(Limits limits) : limits_(limits) {}

  /// Takes in one page of tools/list and says what differs from before. `cursor` = that of the
  /// request, absent for a first page; `next_cursor` = that of the result. A tool counts as added
  /// only after one complete list was seen, and as removed only when a list complete from its first
  /// page to its last does not have it.
  std::vector<ToolChange> served(std::optional<std::string_view> cursor,
                                 std::span<const ToolDefinition> page,
                                 std::optional<std::string_view> next_cursor);

  /// Whether a list was seen from its first page to its last.
  [[nodiscard]] bool complete_once() const { return complete_once_; }

  /// What differs from `earlier`, a list that was served before this table was begun. The older
  /// texts are not known. `complete`: that list was whole; else a tool that it does not have may
  /// have been there. A tool that changed counts as changed from now on.
  std::vector<ToolChange> changed_since(std::span<const EarlierDefinition> earlier, bool complete);

  /// nullptr for a tool that is not in the last definitions served.
  [[nodiscard]] const Tool* find(std::string_view name) const;
  /// Whether the definition last served says readOnlyHint and was never another one.
  [[nodiscard]] bool known_read_only(std::string_view name) const;
  [[nodiscard]] std::size_t size() const { return tools_.size(); }

 private:
  struct Listing {
    std::set<std::string, std::less<>> seen;
    bool from_start = false;
    bool reports_added = false;
  };

  Listing take_listing(std::optional<std::string_view> cursor);
  void take_in(const ToolDefinition& definition, const Listing& listing,
               std::vector<ToolChange>& changes);
  void mark_removed(const Listing& listing, std::vector<ToolChange>& changes);
  void set_text(Tool& tool, const std::string& text);

  Limits limits_;
  std::unordered_map<std::string, Tool> tools_;
  std::deque<std::pair<std::string, Listing>> open_;  // by the cursor that continues them
  std::size_t text_bytes_ = 0;
  bool complete_once_ = false;
};

}  // namespace tally::mcp
