// SPDX-License-Identifier: Apache-2.0
#include "merkle/proof.h"

#include "base/check.h"
#include "merkle/compact_range.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace tally::merkle {
namespace {

/// Where RFC 6962 splits a tree of `size` > 1 leaves: the largest power of two below it.
std::uint64_t split_point(std::uint64_t size) { return std::bit_floor(size - 1); }

Result<std::vector<NodeHash>> hash_all(TreeHasher& hasher, HashReader& reader,
                                       const std::vector<Subtree>& subtrees) {
  std::vector<NodeHash> hashes;
  hashes.reserve(subtrees.size());
  for (const Subtree& subtree : subtrees) {
    TALLY_TRY(const NodeHash hash, subtree_hash(hasher, reader, subtree));
    hashes.push_back(hash);
  }
  return hashes;
}

bool lengths_fit(const TreeHasher& hasher, std::span<const NodeHash> proof) {
  return std::ranges::all_of(
      proof, [&](const NodeHash& hash) { return hash.size() == hasher.digest_size(); });
}

Verdict compare(const RootHash& expected, const RootHash& computed) {
  if (expected == computed) return Match{};
  return RootMismatch{expected, computed};
}

constexpr const char* kWrongLength = "a hash does not have the length of the tree's algorithm";
constexpr const char* kTooLong = "the proof has more hashes than the tree sizes allow";
constexpr const char* kTooShort = "the proof has fewer hashes than the tree sizes need";

/// Shifts both until the lowest bit of `fn` is set, or fn is 0.
void skip_left_edge(std::uint64_t& fn, std::uint64_t& sn) {
  while ((fn & 1) == 0 && fn != 0) {
    fn >>= 1;
    sn >>= 1;
  }
}

}  // namespace

std::vector<Subtree> inclusion_nodes(LeafIndex index, TreeSize size) {
  TALLY_CHECK(contains(size, index));
  std::vector<Subtree> path;
  std::uint64_t begin = 0;
  std::uint64_t end = size.value();
  while (end - begin > 1) {
    const std::uint64_t middle = begin + split_point(end - begin);
    if (index.value() < middle) {
      path.push_back({middle, end});
      end = middle;
    } else {
      path.push_back({begin, middle});
      begin = middle;
    }
  }
  std::ranges::reverse(path);
  return path;
}

std::vector<Subtree> consistency_nodes(TreeSize old, TreeSize now) {
  TALLY_CHECK(old <= now);
  std::vector<Subtree> path;
  if (old.value() == 0 || old == now) return path;
  std::uint64_t begin = 0;
  std::uint64_t end = now.value();
  // Down to the subtree that ends where the old tree ends.
  while (end != old.value()) {
    const std::uint64_t middle = begin + split_point(end - begin);
    if (old.value() <= middle) {
      path.push_back({middle, end});
      end = middle;
    } else {
      path.push_back({begin, middle});
      begin = middle;
    }
  }
  // The old tree itself is known to whoever checks; any other last subtree is not.
  if (begin != 0) path.push_back({begin, end});
  std::ranges::reverse(path);
  return path;
}

Result<NodeHash> subtree_hash(TreeHasher& hasher, HashReader& reader, const Subtree& subtree) {
  const std::vector<NodeId> parts = range_nodes(TreeSize{subtree.begin}, TreeSize{subtree.end});
  TALLY_CHECK(!parts.empty());
  TALLY_TRY(NodeHash hash, node_from_tiles(hasher, reader, parts.back()));
  for (std::size_t i = parts.size() - 1; i > 0; --i) {
    TALLY_TRY(const NodeHash left, node_from_tiles(hasher, reader, parts[i - 1]));
    hash = hasher.node(left, hash);
  }
  return hash;
}

Result<std::vector<NodeHash>> inclusion_proof(TreeHasher& hasher, HashReader& reader,
                                              LeafIndex index, TreeSize size) {
  if (!contains(size, index)) {
    return fail(Errc::invalid_argument, "entry " + std::to_string(index.value()) +
                                            " is not in a tree of " + std::to_string(size.value()) +
                                            " entries");
  }
  return hash_all(hasher, reader, inclusion_nodes(index, size));
}

Result<std::vector<NodeHash>> consistency_proof(TreeHasher& hasher, HashReader& reader,
                                                TreeSize old, TreeSize now) {
  if (old > now) {
    return fail(Errc::invalid_argument, "old size " + std::to_string(old.value()) +
                                            " is larger than the new one, " +
                                            std::to_string(now.value()));
  }
  return hash_all(hasher, reader, consistency_nodes(old, now));
}

std::string describe(const Verdict& verdict) {
  if (const auto* mismatch = std::get_if<RootMismatch>(&verdict)) {
    return "root mismatch: expected " + mismatch->expected.to_base64() + ", computed " +
           mismatch->computed.to_base64();
  }
  if (const auto* malformed = std::get_if<ProofMalformed>(&verdict)) {
    return "malformed proof: " + malformed->reason;
  }
  return "match";
}

Verdict verify_inclusion(TreeHasher& hasher, LeafIndex index, TreeSize size, const LeafHash& leaf,
                         std::span<const NodeHash> proof, const RootHash& root) {
  if (!contains(size, index)) return ProofMalformed{"the index is not in a tree of this size"};
  if (leaf.size() != hasher.digest_size() || root.size() != hasher.digest_size() ||
      !lengths_fit(hasher, proof)) {
    return ProofMalformed{kWrongLength};
  }
  // Names and steps as in RFC 9162 2.1.3.2.
  std::uint64_t fn = index.value();
  std::uint64_t sn = size.value() - 1;
  NodeHash r = as_node(leaf);
  for (const NodeHash& p : proof) {
    if (sn == 0) return ProofMalformed{kTooLong};
    if ((fn & 1) == 1 || fn == sn) {
      r = hasher.node(p, r);
      skip_left_edge(fn, sn);
    } else {
      r = hasher.node(r, p);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return ProofMalformed{kTooShort};
  return compare(root, as_root(r));
}

Verdict verify_consistency(TreeHasher& hasher, TreeSize old_size, const RootHash& old_root,
                           TreeSize new_size, const RootHash& new_root,
                           std::span<const NodeHash> proof) {
  if (old_size > new_size) return ProofMalformed{"the old tree is larger than the new one"};
  if (old_root.size() != hasher.digest_size() || new_root.size() != hasher.digest_size() ||
      !lengths_fit(hasher, proof)) {
    return ProofMalformed{kWrongLength};
  }
  if (old_size.value() == 0) {
    if (!proof.empty()) return ProofMalformed{kTooLong};
    const RootHash empty = hasher.empty_root();
    if (old_root != empty) return RootMismatch{old_root, empty};
    return new_size.value() == 0 ? compare(new_root, empty) : Verdict{Match{}};
  }
  if (old_size == new_size) {
    return proof.empty() ? compare(old_root, new_root) : Verdict{ProofMalformed{kTooLong}};
  }

  // Names and steps as in RFC 9162 2.1.4.2. An old tree that is one perfect subtree is not in the
  // proof: its hash is the old root.
  std::uint64_t fn = old_size.value() - 1;
  std::uint64_t sn = new_size.value() - 1;
  const auto perfect = static_cast<unsigned>(std::countr_one(fn));
  fn >>= perfect;
  sn >>= perfect;
  const bool old_is_perfect = std::has_single_bit(old_size.value());
  if (proof.empty()) return ProofMalformed{kTooShort};
  NodeHash fr = old_is_perfect ? NodeHash::from_bytes(old_root.bytes()) : proof.front();
  NodeHash sr = fr;
  for (const NodeHash& c : proof.subspan(old_is_perfect ? 0 : 1)) {
    if (sn == 0) return ProofMalformed{kTooLong};
    if ((fn & 1) == 1 || fn == sn) {
      fr = hasher.node(c, fr);
      sr = hasher.node(c, sr);
      skip_left_edge(fn, sn);
    } else {
      sr = hasher.node(sr, c);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return ProofMalformed{kTooShort};
  const Verdict old_verdict = compare(old_root, as_root(fr));
  return is_match(old_verdict) ? compare(new_root, as_root(sr)) : old_verdict;
}

}  // namespace tally::merkle
