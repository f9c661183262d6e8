// SPDX-License-Identifier: Apache-2.0
// A filter as set operations on the positions of a partition.
#pragma once

#include "base/result.h"
#include "index/filter.h"
#include "index/sqlite/partition.h"
#include "index/sqlite/term_hash.h"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace tally::index::sqlite {

/// Immutable; several threads may use it.
class Plan {
 public:
  Plan(const Filter& filter, const Seed& seed);

  /// Whether candidates() are exactly the entries that match. Otherwise each of them must be
  /// compared with matcher(): free text, and patterns of what is only hashed.
  [[nodiscard]] bool exact() const { return exact_; }
  [[nodiscard]] const FilterMatcher& matcher() const { return matcher_; }

  /// Whether the partition may hold a match: by times and numbers alone, without reading.
  [[nodiscard]] bool may_match(const Partition& partition) const;
  /// Every entry that matches, and when not exact() perhaps others. Under pin().
  [[nodiscard]] Result<Bitmap> candidates(const Partition& partition) const;

 private:
  /// What a term asks of a partition.
  struct Hashed {  ///< entries with a value of this hash
    std::uint64_t hash;
    Column column;
    std::optional<IdField> id = std::nullopt;  ///< instead of a column
    bool or_absent = false;                    ///< the empty text: entries without the field too
  };
  struct Present {  ///< entries with this field
    IdField field;
  };
  struct Matching {  ///< values that match a pattern with wildcards
    Key key;
    Pattern pattern;
  };
  struct Ordered {  ///< severity or level in a range
    Key key;
    Range range;
  };
  struct Numbers {  ///< seq, time, recorded, duration in a range
    Key key;
    Range range;
  };
  struct Unknown {};  ///< the index cannot say
  using Test = std::variant<Unknown, Hashed, Present, Matching, Ordered, Numbers>;

  /// Terms of one key in one expression.
  struct Group {
    std::vector<Test> any;
    std::vector<Test> all;
    std::vector<Test> none;
    bool any_is_known = true;
  };

  static Test test_of(const Term& term, const Seed& seed);
  static int rank(const Test& test);
  static int rank(const Group& group);
  [[nodiscard]] static Result<Bitmap> evaluate(const Test& test, const Partition& partition);
  [[nodiscard]] static Result<void> apply(const Group& group, const Partition& partition,
                                          Bitmap& out);
  void add(const Expression& expression, const Seed& seed);

  FilterMatcher matcher_;
  std::vector<Group> groups_;
  std::optional<std::vector<std::uint64_t>> servers_;
  std::optional<std::uint64_t> initiated_;
  bool any_condition_ = false;
  bool exact_ = true;
};

}  // namespace tally::index::sqlite
