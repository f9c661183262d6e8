// SPDX-License-Identifier: Apache-2.0
// Which row of the table of audited paths counts for a request.
#pragma once

#include "base/result.h"
#include "rest/path_pattern.h"
#include "rest/path_rule.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tally::rest {

/// What the table says of one request.
struct PathMatch {
  const PathRule* rule = nullptr;  ///< null: not listed, or only as an MCP endpoint
  Action action = Action::execute;
  std::string id;          ///< of the object, decoded, cut; empty: the path names none
  std::string secret;      ///< segment that must not be recorded, as it stands in `reading`
  std::string reading;     ///< the path as it was taken; set when the row has a secret
  bool mcp = false;        ///< some reading is that of an MCP endpoint
  bool ambiguous = false;  ///< servers that read the path differently would take different rows
};

/// One row that matches a path, for explanations.
struct PathCandidate {
  const PathRule* rule = nullptr;
  PathCapture capture;
};

/// Immutable once made; may be used by several threads.
class PathTable {
 public:
  /// Without rows.
  PathTable() = default;
  /// Rows from several places, those that win a tie first. Errors: invalid_argument for a pattern
  /// that is none, with its place.
  [[nodiscard]] static Result<PathTable> make(std::vector<PathRule> rules);

  /// The row of a request. `path`: as it was received, without query. `override_method`: what a
  /// header such as X-HTTP-Method-Override says; empty: there is none. Of several readings of the
  /// path or the method the one counts that is recorded best: that may change an object, then one
  /// that is held for its record, then the higher level.
  [[nodiscard]] PathMatch find(std::string_view method, std::string_view path,
                               std::string_view override_method = {}) const;

  /// All rows that match one reading of a path with a method, the one that counts first.
  [[nodiscard]] std::vector<PathCandidate> candidates(std::string_view method,
                                                      std::string_view reading) const;

  /// In the order in which they are tried.
  [[nodiscard]] const std::vector<PathRule>& rules() const { return rules_; }

 private:
  [[nodiscard]] std::optional<PathCandidate> first(std::string_view method,
                                                   std::string_view reading) const;
  template <class Visit>
  void visit(std::string_view method, std::string_view reading, Visit&& visit) const;

  std::vector<PathRule> rules_;  // most specific first
  std::vector<PathPattern> patterns_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_segment_;
  std::vector<std::size_t> anywhere_;  // rows whose first segment is no plain word
};

/// Header fields in which clients name another method than that of the request line.
[[nodiscard]] std::span<const std::string_view> override_headers();

}  // namespace tally::rest
