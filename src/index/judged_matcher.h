// SPDX-License-Identifier: Apache-2.0
// An expression applied to what readers show: a call that dangles has the result unknown, although
// the log says pending.
#pragma once

#include "index/expression.h"
#include "index/matcher.h"

#include <functional>
#include <string_view>

namespace tally::index {

/// Immutable after construction.
class JudgedMatcher {
 public:
  explicit JudgedMatcher(const Expression& expression);

  /// Whether the expression tells pending from unknown: then some entries have to be judged, and an
  /// index, which knows what the log says, cannot answer alone.
  [[nodiscard]] bool judges() const { return accepts_pending_ != accepts_unknown_; }
  /// Matches, as the log says, at least every line that matches() could match.
  [[nodiscard]] const Expression& widened() const { return widened_; }

  /// Whether a line of the log satisfies the expression. `dangles` says whether the line is a
  /// dangling call (dangling.h); it is asked only where that matters.
  [[nodiscard]] bool matches(std::string_view line, const std::function<bool()>& dangles) const;

  /// As Matcher's.
  [[nodiscard]] Range seq_range() const { return matcher_.seq_range(); }

 private:
  Expression widened_;
  Matcher matcher_;  // as the log says
  Matcher widened_matcher_;
  Matcher pending_;  // result:pending
  bool accepts_pending_;
  bool accepts_unknown_;
};

}  // namespace tally::index
