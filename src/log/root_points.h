// SPDX-License-Identifier: Apache-2.0
// Roots at earlier sizes: every checkpoint and head slot says what the tree was at its size.
#pragma once

#include "base/result.h"
#include "log/tree_files.h"
#include "merkle/compact_range.h"
#include "merkle/tree_hasher.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <set>

namespace tally::log {

/// Roots of the trees of these sizes, from tree files that were found to be right: a few reads
/// each.
[[nodiscard]] Result<std::map<std::uint64_t, merkle::RootHash>> roots_from_tiles(
    merkle::TreeHasher& hasher, TreeReader& reader, const std::set<std::uint64_t>& sizes);

/// The same from leaf hashes alone, in one pass over tree/0, with `instead` in place of stored
/// ones: for logs with damaged tree files. Sizes behind the end of tree/0 are left out, and what is
/// not reached when `stop` becomes true.
[[nodiscard]] std::map<std::uint64_t, merkle::RootHash> roots_from_leaves(
    merkle::TreeHasher& hasher, TreeReader& reader, const std::set<std::uint64_t>& sizes,
    const std::map<std::uint64_t, merkle::LeafHash>& instead,
    const std::atomic<bool>* stop = nullptr);

}  // namespace tally::log
