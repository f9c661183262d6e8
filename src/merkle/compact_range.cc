// SPDX-License-Identifier: Apache-2.0
#include "merkle/compact_range.h"

#include <algorithm>
#include <string>

namespace tally::merkle {

std::vector<NodeId> range_nodes(TreeSize begin, TreeSize end) {
  TALLY_CHECK(begin <= end);
  std::vector<NodeId> nodes;
  std::uint64_t position = begin.value();
  while (position < end.value()) {
    // The largest perfect subtree that starts here and does not reach beyond the end.
    const auto fits = static_cast<unsigned>(std::bit_width(end.value() - position) - 1);
    const auto aligned = static_cast<unsigned>(std::countr_zero(position));
    const unsigned height = std::min(fits, aligned);
    nodes.push_back({height, position >> height});
    position += std::uint64_t{1} << height;
  }
  return nodes;
}

Result<CompactRange> CompactRange::from_hashes(TreeSize begin, TreeSize end,
                                               std::vector<NodeHash> hashes) {
  if (begin > end) return fail(Errc::malformed, "range of hashes: begins after its end");
  const std::size_t expected = range_nodes(begin, end).size();
  if (hashes.size() != expected) {
    return fail(Errc::malformed, "range of hashes: has " + std::to_string(hashes.size()) +
                                     " hashes instead of " + std::to_string(expected));
  }
  for (const NodeHash& hash : hashes) {
    if (hash.size() != hashes.front().size()) {
      return fail(Errc::malformed, "range of hashes: lengths differ");
    }
  }
  CompactRange range(begin);
  range.end_ = end;
  range.hashes_.assign(hashes.begin(), hashes.end());
  return range;
}

RootHash CompactRange::root(TreeHasher& hasher) const {
  TALLY_CHECK(begin_.value() == 0);
  if (hashes_.empty()) return hasher.empty_root();
  NodeHash top = hashes_.back();
  for (std::size_t i = hashes_.size() - 1; i > 0; --i) top = hasher.node(hashes_[i - 1], top);
  return as_root(top);
}

CompactRange::MergePath CompactRange::merge_path(std::uint64_t begin, std::uint64_t middle,
                                                 std::uint64_t end) {
  if (begin == middle) return {0, 0};  // nothing on the left, nothing to merge
  const auto low = static_cast<unsigned>(std::countr_zero(middle));
  // A merged subtree may not reach beyond the range on either side: it stays below the height where
  // the paths to leaf begin - 1 and to leaf `middle` part, and where those to middle - 1 and `end`
  // part.
  const auto left = begin == 0 ? 64U : static_cast<unsigned>(std::bit_width(middle ^ (begin - 1)));
  const auto right = static_cast<unsigned>(std::bit_width((middle - 1) ^ end));
  return {low, std::max(low, std::min(left, right) - 1)};
}

}  // namespace tally::merkle
