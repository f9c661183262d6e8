// SPDX-License-Identifier: Apache-2.0
// The few hashes that stand for a run of leaves: what a writer keeps to grow a tree, and what
// threads that hash parts of it give back to be joined.
#pragma once

#include "base/check.h"
#include "base/ordinal.h"
#include "base/result.h"
#include "merkle/hash_types.h"
#include "merkle/tree_hasher.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace tally::merkle {

/// A perfect subtree: leaves [index << height, (index + 1) << height).
struct NodeId {
  unsigned height;  ///< 0 is a leaf
  std::uint64_t index;
  friend bool operator==(const NodeId&, const NodeId&) = default;
};

/// The largest perfect subtrees that cover leaves [begin, end), left to right; at most 126. begin
/// <= end.
[[nodiscard]] std::vector<NodeId> range_nodes(TreeSize begin, TreeSize end);

/// Hashes of the perfect subtrees range_nodes(begin, end). Not thread-safe. Appending does not
/// allocate once the vector has grown to the logarithm of the size (room for 64 is taken at the
/// start).
class CompactRange {
 public:
  /// The empty range at `begin` (number of leaves that stand before it).
  explicit CompactRange(TreeSize begin) : begin_(begin), end_(begin) { hashes_.reserve(64); }

  /// A range from stored hashes, left to right. Errors: malformed when their number is not that of
  /// range_nodes(begin, end), when begin > end, or when digest sizes differ.
  [[nodiscard]] static Result<CompactRange> from_hashes(TreeSize begin, TreeSize end,
                                                        std::vector<NodeHash> hashes);

  [[nodiscard]] TreeSize begin() const { return begin_; }
  [[nodiscard]] TreeSize end() const { return end_; }
  /// One hash for each of range_nodes(begin(), end()).
  [[nodiscard]] const std::vector<NodeHash>& hashes() const { return hashes_; }

  /// Adds the leaf at end(). `visit(unsigned height, std::uint64_t index, const NodeHash&)` is
  /// called for every perfect subtree of height >= 1 that this completes within the range, lowest
  /// first.
  template <class Visitor>
  void append(TreeHasher& hasher, const NodeHash& leaf, Visitor&& visit) {
    join(hasher, leaf, {}, TreeSize{end_.next().value()}, visit);
  }
  void append(TreeHasher& hasher, const NodeHash& leaf) { append(hasher, leaf, kNoVisitor); }

  /// Adds all of `right`, which must begin where this ends. `visit` as in append(), for nodes that
  /// neither range had.
  template <class Visitor>
  void append_range(TreeHasher& hasher, const CompactRange& right, Visitor&& visit) {
    TALLY_CHECK(right.begin_ == end_ && &right != this);
    if (right.hashes_.empty()) return;
    join(hasher, right.hashes_.front(), std::span(right.hashes_).subspan(1), right.end_, visit);
  }
  void append_range(TreeHasher& hasher, const CompactRange& right) {
    append_range(hasher, right, kNoVisitor);
  }

  /// Hash of the whole tree; begin() must be 0. The empty root for size 0.
  [[nodiscard]] RootHash root(TreeHasher& hasher) const;

 private:
  static constexpr auto kNoVisitor = [](unsigned, std::uint64_t, const NodeHash&) {};

  /// Which heights merge when [begin, middle) and [middle, end) become one: bit h of `middle`
  /// tells, for every low <= h < high, whether the partner at height h stands on the left (1) or on
  /// the right (0).
  struct MergePath {
    unsigned low;
    unsigned high;
  };
  static MergePath merge_path(std::uint64_t begin, std::uint64_t middle, std::uint64_t end);

  /// `seed` is the first subtree of the right range, `rest` the others.
  template <class Visitor>
  void join(TreeHasher& hasher, NodeHash seed, std::span<const NodeHash> rest, TreeSize end,
            Visitor& visit) {
    const auto [low, high] = merge_path(begin_.value(), end_.value(), end.value());
    std::uint64_t path = low < 64 ? end_.value() >> low : 0;
    std::size_t kept = hashes_.size();
    std::size_t taken = 0;
    for (unsigned height = low; height < high; ++height, path >>= 1) {
      if ((path & 1) == 0) {
        TALLY_CHECK(taken < rest.size());
        seed = hasher.node(seed, rest[taken++]);
      } else {
        TALLY_CHECK(kept > 0);
        seed = hasher.node(hashes_[--kept], seed);
      }
      visit(height + 1, path >> 1, std::as_const(seed));
    }
    hashes_.erase(hashes_.begin() + static_cast<std::ptrdiff_t>(kept), hashes_.end());
    hashes_.push_back(seed);
    hashes_.insert(hashes_.end(), rest.begin() + static_cast<std::ptrdiff_t>(taken), rest.end());
    end_ = end;
  }

  TreeSize begin_;
  TreeSize end_;
  std::vector<NodeHash> hashes_;
};

}  // namespace tally::merkle
