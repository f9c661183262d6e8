// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/plan.h"

#include <algorithm>
#include <map>

namespace tally::index::sqlite {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

bool is_any(const Pattern& pattern) {
  return pattern.pieces.size() == 2 && pattern.pieces[0].empty() && pattern.pieces[1].empty();
}

/// Entries without a timestamp lie below every range.
Range real_times(Range range) { return {std::max(range.low, kNoTime + 1), range.high}; }

Result<void> add_times(Range range, const Partition& partition, Bitmap& out) {
  range = real_times(range);
  if (range.low > range.high) return {};
  TALLY_TRY(const std::uint32_t begin, partition.lower_bound(range.low));
  std::uint32_t end = partition.rows();
  if (range.high != INT64_MAX) {
    TALLY_TRY(end, partition.lower_bound(range.high + 1));
  }
  out.set_range(begin, end);
  return {};
}

Result<void> add_seqs(Range range, const Partition& partition, Bitmap& out) {
  const auto first = static_cast<std::int64_t>(partition.first());
  const std::int64_t low = std::max(range.low, first) - first;
  const std::int64_t last = first + static_cast<std::int64_t>(partition.rows()) - 1;
  const std::int64_t high = std::min(range.high, last) - first;
  if (low > high) return {};
  return partition.add_seqs(static_cast<std::uint32_t>(low), static_cast<std::uint32_t>(high), out);
}

Result<void> add_numbers(Number which, Range range, const Partition& partition, Bitmap& out) {
  TALLY_TRY(const auto numbers, partition.numbers(which));
  for (std::uint32_t at = 0; at < numbers.size(); ++at) {
    const std::int64_t number = numbers[at];
    if (number != kNoNumber && number >= range.low && number <= range.high) out.set(at);
  }
  return {};
}

template <class Accept>
Result<void> add_values(Column column, const Partition& partition, Bitmap& out, Accept&& accept) {
  return partition.each_value(column, [&](const Value& value, std::uint32_t ref) -> Result<void> {
    if (!accept(value)) return {};
    TALLY_TRY(const Posting posting, partition.posting(column, ref));
    posting.add_to(out);
    return {};
  });
}

}  // namespace

Plan::Plan(const Filter& filter, const Seed& seed) : matcher_(filter) {
  for (const Expression& expression : filter.all) add(expression, seed);
  std::ranges::stable_sort(groups_, {}, [](const Group& group) { return rank(group); });
  if (filter.servers) {
    servers_.emplace();
    for (const std::string& server : *filter.servers) {
      servers_->push_back(term_hash(seed, kServerTerm, server, false));
    }
  }
  if (filter.outcomes_only) initiated_ = term_hash(seed, kInitiatedTerm, {}, false);
  any_condition_ = !groups_.empty() || servers_ || initiated_;
}

void Plan::add(const Expression& expression, const Seed& seed) {
  std::map<Key, Group> groups;
  for (const Term& term : expression.terms) {
    Group& group = groups[term.key];
    Test test = test_of(term, seed);
    const bool known = !std::holds_alternative<Unknown>(test);
    exact_ = exact_ && known;
    const bool all = term.bound || (term.key == Key::text && !term.negated);
    if (!known) {
      group.any_is_known = group.any_is_known && (term.negated || all);
      continue;
    }
    (term.negated ? group.none : all ? group.all : group.any).push_back(std::move(test));
  }
  for (auto& [key, group] : groups) groups_.push_back(std::move(group));
}

/// What leaves the fewest entries for the least reading comes first: in most partitions it leaves
/// none, and the rest need not be looked at.
int Plan::rank(const Test& test) {
  const auto of_column = [](Column column) {
    switch (column) {
      case Column::actor:
      case Column::ip: return 2;
      case Column::target:
      case Column::client: return 3;
      case Column::kind: return 4;
    }
    return 4;
  };
  return std::visit(
      Overloaded{[](const Numbers& numbers) {
                   return numbers.key == Key::seq || numbers.key == Key::time ? 0 : 9;
                 },
                 [&](const Hashed& hashed) { return hashed.id ? 1 : of_column(hashed.column); },
                 [&](const Matching& matching) { return 3 + of_column(*column_of(matching.key)); },
                 [](const Ordered&) { return 7; }, [](const Present&) { return 8; },
                 [](const Unknown&) { return 9; }},
      test);
}

int Plan::rank(const Group& group) {
  int best = 10;
  for (const Test& test : group.all) best = std::min(best, rank(test));
  if (best < 10 || group.any.empty()) return best;
  int worst = 0;
  for (const Test& test : group.any) worst = std::max(worst, rank(test));
  return worst;
}

Plan::Test Plan::test_of(const Term& term, const Seed& seed) {
  const auto column = column_of(term.key);
  if (const auto* range = std::get_if<Range>(&term.value)) {
    if (column) return Ordered{term.key, *range};
    return Numbers{term.key, *range};
  }
  const auto& pattern = std::get<Pattern>(term.value);
  const auto key = static_cast<std::uint8_t>(term.key);
  const bool whole = pattern.pieces.size() == 1;
  if (column && !whole) return Matching{term.key, pattern};
  if (column) return Hashed{term_hash(seed, key, pattern.pieces[0]), *column};
  const auto id = id_field_of(term.key);
  if (id && is_any(pattern)) return Present{*id};
  if (id && whole) {
    return Hashed{term_hash(seed, key, pattern.pieces[0]), Column::kind, id,
                  pattern.pieces[0].empty()};
  }
  return Unknown{};
}

bool Plan::may_match(const Partition& partition) const {
  if (partition.rows() == 0) return false;
  const auto touches = [&](const Test& test) {
    const auto* numbers = std::get_if<Numbers>(&test);
    if (numbers == nullptr) return true;
    const Range range = numbers->range;
    if (numbers->key == Key::time) {
      return real_times(range).low <= partition.time_max() && range.high >= partition.time_min();
    }
    const auto first = static_cast<std::int64_t>(partition.first());
    return numbers->key != Key::seq ||
           (range.low < first + static_cast<std::int64_t>(partition.rows()) && range.high >= first);
  };
  return std::ranges::all_of(groups_, [&](const Group& group) {
    if (!std::ranges::all_of(group.all, touches)) return false;
    return group.any.empty() || !group.any_is_known || std::ranges::any_of(group.any, touches);
  });
}

Result<Bitmap> Plan::evaluate(const Test& test, const Partition& partition) {
  Bitmap out;
  const auto add = Overloaded{
      [](const Unknown&) -> Result<void> { return {}; },
      [&](const Hashed& hashed) -> Result<void> {
        if (!hashed.id) return partition.add_term(hashed.hash, out);
        if (hashed.or_absent) TALLY_TRY_VOID(partition.add_absent(*hashed.id, out));
        return partition.add_id(*hashed.id, hashed.hash, out);
      },
      [&](const Present& present) -> Result<void> {
        TALLY_TRY_VOID(partition.add_absent(present.field, out));
        TALLY_TRY_VOID(partition.add_unreadable(out));
        Bitmap all;
        all.set_range(0, partition.rows());
        all.remove(out);
        out = all;
        return {};
      },
      [&](const Matching& matching) {
        return add_values(*column_of(matching.key), partition, out, [&](const Value& value) {
          return matches(value, matching.key, matching.pattern);
        });
      },
      [&](const Ordered& ordered) {
        return add_values(Column::kind, partition, out, [&](const Value& value) {
          const auto order = order_of(value, ordered.key);
          return order && *order >= ordered.range.low && *order <= ordered.range.high;
        });
      },
      [&](const Numbers& numbers) {
        if (numbers.key == Key::seq) return add_seqs(numbers.range, partition, out);
        if (numbers.key == Key::time) return add_times(numbers.range, partition, out);
        return add_numbers(numbers.key == Key::recorded ? Number::recorded : Number::duration,
                           numbers.range, partition, out);
      }};
  TALLY_TRY_VOID(std::visit(add, test));
  return out;
}

Result<void> Plan::apply(const Group& group, const Partition& partition, Bitmap& out) {
  for (const Test& test : group.all) {
    TALLY_TRY(const Bitmap set, evaluate(test, partition));
    out &= set;
    if (out.empty()) return {};
  }
  if (!group.any.empty() && group.any_is_known) {
    Bitmap any;
    for (const Test& test : group.any) {
      TALLY_TRY(const Bitmap set, evaluate(test, partition));
      any |= set;
    }
    out &= any;
  }
  for (const Test& test : group.none) {
    if (out.empty()) return {};
    TALLY_TRY(const Bitmap set, evaluate(test, partition));
    out.remove(set);
  }
  return {};
}

Result<Bitmap> Plan::candidates(const Partition& partition) const {
  Bitmap out;
  if (!may_match(partition)) return out;
  out.set_range(0, partition.rows());
  if (!any_condition_) return out;
  Bitmap unreadable;
  TALLY_TRY_VOID(partition.add_unreadable(unreadable));
  out.remove(unreadable);
  for (const Group& group : groups_) {
    TALLY_TRY_VOID(apply(group, partition, out));
    if (out.empty()) return out;
  }
  if (servers_) {
    Bitmap allowed;
    for (const std::uint64_t server : *servers_) {
      TALLY_TRY_VOID(partition.add_term(server, allowed));
    }
    out &= allowed;
  }
  if (initiated_) {
    Bitmap initiated;
    TALLY_TRY_VOID(partition.add_term(*initiated_, initiated));
    out.remove(initiated);
  }
  return out;
}

}  // namespace tally::index::sqlite
