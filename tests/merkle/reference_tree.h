// SPDX-License-Identifier: Apache-2.0
// The tree of RFC 6962 section 2.1 written down word for word: slow, and the oracle of all tree
// tests. It shares nothing with the code under test but the hash function.
#pragma once

#include "crypto/hash.h"
#include "merkle/hash_types.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tally::merkle {

class ReferenceTree {
 public:
  explicit ReferenceTree(crypto::HashAlgorithm algorithm) : hasher_(algorithm) {}

  void add(std::string entry) { entries_.push_back(std::move(entry)); }
  /// Entries "entry 0", "entry 1", … up to `size` of them.
  void grow_to(std::uint64_t size) {
    while (entries_.size() < size) add("entry " + std::to_string(entries_.size()));
  }
  [[nodiscard]] const std::string& entry(std::uint64_t i) const { return entries_.at(i); }

  LeafHash leaf(std::uint64_t i) { return LeafHash::from_bytes(as_bytes(mth(i, i + 1))); }
  NodeHash subtree(std::uint64_t begin, std::uint64_t end) {
    return NodeHash::from_bytes(as_bytes(mth(begin, end)));
  }
  RootHash root(std::uint64_t size) { return RootHash::from_bytes(as_bytes(mth(0, size))); }

  /// PATH(m, D[size]).
  std::vector<NodeHash> path(std::uint64_t m, std::uint64_t size) { return path_in(m, 0, size); }
  /// PROOF(m, D[size]) for 0 < m <= size.
  std::vector<NodeHash> proof(std::uint64_t m, std::uint64_t size) {
    return subproof(m, 0, size, true);
  }

 private:
  /// The largest power of two smaller than n, as the RFC says it.
  static std::uint64_t k(std::uint64_t n) {
    std::uint64_t power = 1;
    while (power * 2 < n) power *= 2;
    return power;
  }

  std::string hash(const std::string& message) {
    const auto digest = hasher_.hash<crypto::PlainHashTag>({as_bytes(message)});
    return std::string(as_text(digest.bytes()));
  }

  /// MTH(D[begin:end]), remembered.
  const std::string& mth(std::uint64_t begin, std::uint64_t end) {
    const auto key = std::pair(begin, end);
    if (const auto found = known_.find(key); found != known_.end()) return found->second;
    std::string value;
    if (begin == end) {
      value = hash("");
    } else if (end - begin == 1) {
      value = hash(std::string(1, '\x00') + entries_.at(begin));
    } else {
      const std::uint64_t middle = begin + k(end - begin);
      value = hash(std::string(1, '\x01') + mth(begin, middle) + mth(middle, end));
    }
    return known_.emplace(key, std::move(value)).first->second;
  }

  std::vector<NodeHash> path_in(std::uint64_t m, std::uint64_t begin, std::uint64_t end) {
    if (end - begin == 1) return {};
    const std::uint64_t middle = begin + k(end - begin);
    const bool left = begin + m < middle;
    auto hashes = left ? path_in(m, begin, middle) : path_in(m - (middle - begin), middle, end);
    hashes.push_back(left ? subtree(middle, end) : subtree(begin, middle));
    return hashes;
  }

  std::vector<NodeHash> subproof(std::uint64_t m, std::uint64_t begin, std::uint64_t end,
                                 bool known) {
    if (m == end - begin) return known ? std::vector<NodeHash>{} : std::vector{subtree(begin, end)};
    const std::uint64_t middle = begin + k(end - begin);
    const bool left = m <= middle - begin;
    auto hashes = left ? subproof(m, begin, middle, known)
                       : subproof(m - (middle - begin), middle, end, false);
    hashes.push_back(left ? subtree(middle, end) : subtree(begin, middle));
    return hashes;
  }

  crypto::Hasher hasher_;
  std::vector<std::string> entries_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> known_;
};

}  // namespace tally::merkle
