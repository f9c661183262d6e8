// SPDX-License-Identifier: Apache-2.0
// One type per quantity: explicit in, value() out, no arithmetic but what has a name.
#pragma once

#include "base/check.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>

namespace tally {

/// A 64-bit number with a meaning. No default, no conversion between tags; next() refuses to wrap.
template <class Tag>
class Ordinal {
 public:
  constexpr explicit Ordinal(std::uint64_t value) : value_(value) {}
  [[nodiscard]] constexpr std::uint64_t value() const { return value_; }
  [[nodiscard]] constexpr Ordinal next() const {
    TALLY_CHECK(value_ != std::numeric_limits<std::uint64_t>::max());
    return Ordinal(value_ + 1);
  }
  friend constexpr auto operator<=>(Ordinal, Ordinal) = default;

 private:
  std::uint64_t value_;
};

/// Position of an entry in the log, from 0 (`seq`); the leaf index of RFC 9162.
using LeafIndex = Ordinal<struct LeafIndexTag>;
/// Number of entries in a tree.
using TreeSize = Ordinal<struct TreeSizeTag>;

/// Size of the smallest tree that contains `last`.
constexpr TreeSize size_after(LeafIndex last) { return TreeSize{last.next().value()}; }
/// Index that the next entry of a tree of this size gets.
constexpr LeafIndex next_index(TreeSize size) { return LeafIndex{size.value()}; }
/// Whether a tree of this size contains the entry.
constexpr bool contains(TreeSize size, LeafIndex index) { return index.value() < size.value(); }

}  // namespace tally

template <class Tag>
struct std::hash<tally::Ordinal<Tag>> {
  std::size_t operator()(const tally::Ordinal<Tag>& o) const noexcept {
    return std::hash<std::uint64_t>{}(o.value());
  }
};
