// SPDX-License-Identifier: Apache-2.0
// Inclusion and consistency proofs: made from stored hashes, checked with nothing but hashing.
#pragma once

#include "base/ordinal.h"
#include "base/result.h"
#include "merkle/hash_types.h"
#include "merkle/tiles.h"
#include "merkle/tree_hasher.h"

#include <span>
#include <string>
#include <variant>
#include <vector>

namespace tally::merkle {

/// The leaves [begin, end) whose tree hash, MTH(D[begin:end]), is one hash of a proof. begin < end;
/// begin is a multiple of the next power of two, so that range_nodes(begin, end) are its perfect
/// parts.
struct Subtree {
  std::uint64_t begin;
  std::uint64_t end;
  friend bool operator==(const Subtree&, const Subtree&) = default;
};

/// PATH(index, D[size]) of RFC 9162 2.1.3.1, leaf sibling first. index < size.
[[nodiscard]] std::vector<Subtree> inclusion_nodes(LeafIndex index, TreeSize size);
/// PROOF(old, D[now]) of RFC 9162 2.1.4.1 in its order. old <= now; empty when old is 0 or equal to
/// now.
[[nodiscard]] std::vector<Subtree> consistency_nodes(TreeSize old, TreeSize now);

/// Proof that leaf `index` is in the tree of `size` leaves. Errors: invalid_argument when index >=
/// size; those of the reader.
[[nodiscard]] Result<std::vector<NodeHash>> inclusion_proof(TreeHasher& hasher, HashReader& reader,
                                                            LeafIndex index, TreeSize size);
/// Proof that the tree of `old` leaves is a prefix of that of `now`. Errors: invalid_argument when
/// old > now; those of the reader.
[[nodiscard]] Result<std::vector<NodeHash>> consistency_proof(TreeHasher& hasher,
                                                              HashReader& reader, TreeSize old,
                                                              TreeSize now);
/// MTH(D[subtree.begin:subtree.end]) from stored hashes.
[[nodiscard]] Result<NodeHash> subtree_hash(TreeHasher& hasher, HashReader& reader,
                                            const Subtree& subtree);

/// The proof holds.
struct Match {
  friend bool operator==(const Match&, const Match&) = default;
};
/// The proof is well-formed and leads to another root: evidence of a different tree or leaf.
struct RootMismatch {
  RootHash expected;
  RootHash computed;
  friend bool operator==(const RootMismatch&, const RootMismatch&) = default;
};
/// The proof cannot be one for these numbers: wrong count of hashes, index not in the tree, digest
/// size.
struct ProofMalformed {
  std::string reason;
  friend bool operator==(const ProofMalformed&, const ProofMalformed&) = default;
};
/// A failed check is a verdict with evidence, not an error.
using Verdict = std::variant<Match, RootMismatch, ProofMalformed>;

[[nodiscard]] inline bool is_match(const Verdict& verdict) {
  return std::holds_alternative<Match>(verdict);
}
/// One line for people: "match", the two roots, or the reason.
[[nodiscard]] std::string describe(const Verdict& verdict);

/// RFC 9162 2.1.3.2.
[[nodiscard]] Verdict verify_inclusion(TreeHasher& hasher, LeafIndex index, TreeSize size,
                                       const LeafHash& leaf, std::span<const NodeHash> proof,
                                       const RootHash& root);
/// RFC 9162 2.1.4.2, and: every tree is consistent with the empty one (whose root is compared too),
/// and with itself, by the empty proof. A wrong old root and a wrong new root are both
/// RootMismatch.
[[nodiscard]] Verdict verify_consistency(TreeHasher& hasher, TreeSize old_size,
                                         const RootHash& old_root, TreeSize new_size,
                                         const RootHash& new_root, std::span<const NodeHash> proof);

}  // namespace tally::merkle
