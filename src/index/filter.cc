// SPDX-License-Identifier: Apache-2.0
#include "index/filter.h"

#include "event/event.h"
#include "event/json_scan.h"
#include "index/pattern.h"
#include "index/target_texts.h"

#include <algorithm>
#include <limits>

namespace tally::index {
namespace {

using event::Field;

std::string text_of(const event::EventView& view, Field field) {
  std::string storage;
  return std::string(view.text(field, storage));
}

/// Length first, so that no text can look like another one with what follows it.
void append_sized(std::string& out, std::string_view text) {
  out += std::to_string(text.size()) + ':';
  out += text;
}

void append_term(std::string& out, const Term& term) {
  out += std::to_string(static_cast<unsigned>(term.key));
  out += term.negated ? '-' : '+';
  out += term.bound ? 'b' : ' ';
  if (const auto* range = std::get_if<Range>(&term.value)) {
    out += 'r' + std::to_string(range->low) + ',' + std::to_string(range->high) + ';';
    return;
  }
  const auto& pieces = std::get<Pattern>(term.value).pieces;
  out += 'p' + std::to_string(pieces.size()) + ';';
  for (const std::string& piece : pieces) append_sized(out, piece);
}

}  // namespace

Term exact_term(Key key, std::string_view text) {
  return {.key = key, .negated = false, .value = Pattern{{fold(text)}}, .position = 0};
}

Term time_term(Range micros) {
  return {.key = Key::time, .negated = false, .value = micros, .position = 0, .bound = true};
}

std::string server_of(const event::EventView& view) {
  std::string type, id, name, server;
  const auto object = event::find_member(view.raw(Field::details), "server");
  const auto member = object ? event::find_member(*object, "name") : std::nullopt;
  return std::string(owning_server(
      {view.text(Field::target_type, type), view.text(Field::target_id, id),
       view.text(Field::target_name, name), member ? event::string_text(*member, server) : ""}));
}

FilterMatcher::FilterMatcher(const Filter& filter)
    : servers_(filter.servers), outcomes_only_(filter.outcomes_only) {
  for (const Expression& expression : filter.all) {
    if (!expression.terms.empty()) matchers_.emplace_back(expression);
  }
}

bool FilterMatcher::matches(std::string_view line) const {
  const auto holds = [&](const Matcher& matcher) { return matcher.matches(line); };
  if (!std::ranges::all_of(matchers_, holds)) return false;
  if (!servers_ && !outcomes_only_) return true;
  event::EventView view;
  if (!view.parse(line)) return false;
  if (outcomes_only_ && text_of(view, Field::status) == "initiated") return false;
  return !servers_ || std::ranges::find(*servers_, server_of(view)) != servers_->end();
}

Range FilterMatcher::seq_range() const {
  Range out{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  for (const Matcher& matcher : matchers_) {
    const Range range = matcher.seq_range();
    out.low = std::max(out.low, range.low);
    out.high = std::min(out.high, range.high);
  }
  return out;
}

std::string canonical_text(const Filter& filter) {
  std::string out;
  for (const Expression& expression : filter.all) {
    out += '(';
    for (const Term& term : expression.terms) append_term(out, term);
    out += ')';
  }
  if (filter.outcomes_only) out += 'o';
  if (filter.servers) {
    out += 's';
    for (const std::string& server : *filter.servers) append_sized(out, server);
  }
  return out;
}

}  // namespace tally::index
