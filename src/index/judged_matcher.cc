// SPDX-License-Identifier: Apache-2.0
#include "index/judged_matcher.h"

#include <algorithm>
#include <string>

namespace tally::index {
namespace {

Term pending_term() { return {Key::result, false, Pattern{{"pending"}}, 0}; }

bool is_result(const Term& term) { return term.key == Key::result; }

/// Whether the terms about the result let this one through.
bool accepts(const Expression& expression, const std::string& result) {
  Expression results;
  std::ranges::copy_if(expression.terms, std::back_inserter(results.terms), is_result);
  return Matcher(results).matches(R"({"event_result":")" + result + R"("})");
}

/// Whether this negated term alone shuts out pending.
bool shuts_out_pending(const Term& term) {
  return is_result(term) && term.negated && !accepts({{term}}, "pending");
}

/// With pending beside what is asked for.
Expression with_pending(Expression expression) {
  std::erase_if(expression.terms, shuts_out_pending);
  const bool chosen = std::ranges::any_of(
      expression.terms, [](const Term& term) { return is_result(term) && !term.negated; });
  if (chosen) expression.terms.push_back(pending_term());
  return expression;
}

}  // namespace

JudgedMatcher::JudgedMatcher(const Expression& expression)
    : widened_(expression),
      matcher_(expression),
      widened_matcher_(expression),
      pending_(Expression{{pending_term()}}),
      accepts_pending_(accepts(expression, "pending")),
      accepts_unknown_(accepts(expression, "unknown")) {
  if (accepts_pending_ || !accepts_unknown_) return;
  widened_ = with_pending(expression);
  widened_matcher_ = Matcher(widened_);
}

bool JudgedMatcher::matches(std::string_view line, const std::function<bool()>& dangles) const {
  if (!judges()) return matcher_.matches(line);
  if (!widened_matcher_.matches(line)) return false;
  // What the log does not call pending is what it is.
  if (!pending_.matches(line)) return matcher_.matches(line);
  return dangles() ? accepts_unknown_ : accepts_pending_;
}

}  // namespace tally::index
