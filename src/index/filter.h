// SPDX-License-Identifier: Apache-2.0
// What a caller wants to see and what it may see, as one condition on a line of the log.
#pragma once

#include "event/view.h"
#include "index/expression.h"
#include "index/matcher.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::index {

/// A conjunction: every part must hold. ANDing another condition is a push_back. A value; copy it.
struct Filter {
  /// Each as Matcher applies it. Alternatives of one key stand in one expression: what comes from
  /// elsewhere (a parameter, a saved view) gets an expression of its own, so that it narrows and
  /// never widens.
  std::vector<Expression> all;
  /// Access: only entries whose server (server_of()) is one of these, exactly. nullopt: all; an
  /// empty list: none.
  std::optional<std::vector<std::string>> servers;
  /// Leaves out records with status `initiated`: for statistics, facets and histograms, which count
  /// an interaction once (contract 1).
  bool outcomes_only = false;
};

/// key:text with `text` taken as it is: no wildcards; ASCII case is ignored as everywhere.
[[nodiscard]] Term exact_term(Key key, std::string_view text);
/// Entries with a timestamp in this closed range of microseconds, beside any other `time:` terms.
[[nodiscard]] Term time_term(Range micros);

/// The server an entry belongs to for access control: what stands before "/target_name" in
/// target_id; of a target of type server its id, else its name; else details.server.name; else, for
/// tools, resources and prompts, what stands before the first '/' of target_id. Empty when nothing
/// says one. One answer per entry, unlike the key server:, which finds by any of several names.
[[nodiscard]] std::string server_of(const event::EventView& view);

/// A Filter ready to be applied to lines. Immutable; matches() may be called by several threads.
class FilterMatcher {
 public:
  explicit FilterMatcher(const Filter& filter);

  /// Whether a line of the log (without LF) satisfies all of it. A line that is no JSON object
  /// matches only a filter without any condition.
  [[nodiscard]] bool matches(std::string_view line) const;

  /// As Matcher::seq_range(), of all of it.
  [[nodiscard]] Range seq_range() const;

 private:
  std::vector<Matcher> matchers_;
  std::optional<std::vector<std::string>> servers_;
  bool outcomes_only_;
};

/// One text per filter that differs whenever the filters differ in what they mean or how they are
/// written; for digests and caches, not for people.
[[nodiscard]] std::string canonical_text(const Filter& filter);

}  // namespace tally::index
