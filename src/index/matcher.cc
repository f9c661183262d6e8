// SPDX-License-Identifier: Apache-2.0
#include "index/matcher.h"

#include "base/json_writer.h"
#include "index/field_values.h"
#include "index/pattern.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <optional>

namespace tally::index {
namespace {

constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

/// Terms of one key, sorted by what they ask for.
struct Group {
  std::vector<Term> any;      // alternatives; for free text all of them
  std::vector<Term> bounds;   // all of them
  std::vector<Term> negated;  // none of them
};

bool in(Range range, std::int64_t value) { return value >= range.low && value <= range.high; }

/// Texts that a matching line must contain as they are, unless it holds escapes: JSON as our
/// encoder writes it.
std::string raw_form(std::string_view folded) {
  std::string quoted;
  json::append_string(quoted, folded);
  return quoted.substr(1, quoted.size() - 2);
}

bool holds(const Term& term, const FieldValues& values) {
  if (const auto* range = std::get_if<Range>(&term.value)) {
    const auto number = values.number(term.key);
    return number && in(*range, *number);
  }
  const auto& pattern = std::get<Pattern>(term.value);
  return term.key == Key::text ? values.contains(pattern) : values.any_text(term.key, pattern);
}

}  // namespace

struct Matcher::Compiled {
  std::map<Key, Group> groups;
  std::vector<std::string> required;  // raw forms, longest first

  [[nodiscard]] bool may_match(std::string_view line) const {
    // Escapes may hide a text; such lines are decoded.
    if (required.empty() || std::memchr(line.data(), '\\', line.size()) != nullptr) return true;
    for (const std::string& text : required) {
      if (find_folded(line, text) == std::string_view::npos) return false;
    }
    return true;
  }

  [[nodiscard]] static bool holds_group(Key key, const Group& group, const FieldValues& values) {
    const auto holds_term = [&](const Term& term) { return holds(term, values); };
    if (!std::ranges::all_of(group.bounds, holds_term)) return false;
    if (std::ranges::any_of(group.negated, holds_term)) return false;
    if (key == Key::text) return std::ranges::all_of(group.any, holds_term);
    return group.any.empty() || std::ranges::any_of(group.any, holds_term);
  }
};

Matcher::Matcher(Expression expression) {
  auto compiled = std::make_unique<Compiled>();
  for (Term& term : expression.terms) {
    Group& group = compiled->groups[term.key];
    (term.negated ? group.negated
     : term.bound ? group.bounds
                  : group.any)
        .push_back(std::move(term));
  }
  for (const auto& [key, group] : compiled->groups) {
    // One alternative of several need not be there.
    if (key != Key::text && group.any.size() != 1) continue;
    for (const Term& term : group.any) {
      const auto* pattern = std::get_if<Pattern>(&term.value);
      if (pattern == nullptr) continue;
      const auto longest = std::ranges::max_element(pattern->pieces, {}, &std::string::size);
      if (longest->size() >= 2) compiled->required.push_back(raw_form(*longest));
    }
  }
  std::ranges::sort(compiled->required, std::ranges::greater(), &std::string::size);
  compiled_ = std::move(compiled);
}

Matcher::~Matcher() = default;
Matcher::Matcher(Matcher&&) noexcept = default;
Matcher& Matcher::operator=(Matcher&&) noexcept = default;

bool Matcher::matches(std::string_view line) const {
  if (compiled_->groups.empty()) return true;
  if (!compiled_->may_match(line)) return false;
  FieldValues values;
  if (!values.parse(line)) return false;
  for (const auto& [key, group] : compiled_->groups) {
    if (!Compiled::holds_group(key, group, values)) return false;
  }
  return true;
}

Range Matcher::seq_range() const {
  Range all{0, kHighest};
  const auto found = compiled_->groups.find(Key::seq);
  if (found == compiled_->groups.end()) return all;
  const auto narrow = [&all](Range by) {
    all.low = std::max(all.low, by.low);
    all.high = std::min(all.high, by.high);
  };
  std::optional<Range> hull;
  for (const Term& term : found->second.any) {
    // seq:* and seq:"" say nothing about the number.
    const auto* range = std::get_if<Range>(&term.value);
    const Range part = range == nullptr ? Range{0, kHighest} : *range;
    hull = hull ? Range{std::min(hull->low, part.low), std::max(hull->high, part.high)} : part;
  }
  if (hull) narrow(*hull);
  for (const Term& term : found->second.bounds) narrow(std::get<Range>(term.value));
  return all;
}

}  // namespace tally::index
