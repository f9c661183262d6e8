// SPDX-License-Identifier: Apache-2.0
#include "merkle/tree_hasher.h"

#include "base/check.h"

#include <array>
#include <cstring>

namespace tally::merkle {
namespace {

constexpr std::byte kLeafPrefix{0x00};
constexpr std::byte kNodePrefix{0x01};

/// Entries up to here are copied behind their prefix and hashed in one call: a first update of one
/// byte makes OpenSSL buffer and realign all that follows, which costs more than the copy. The
/// typical entry fits; for longer ones the difference is noise.
constexpr std::size_t kGatherBytesMax = 1023;

}  // namespace

LeafHash TreeHasher::leaf(std::string_view entry) {
  hasher_.begin();
  if (entry.size() <= kGatherBytesMax) {
    std::array<std::byte, 1 + kGatherBytesMax> message;
    message[0] = kLeafPrefix;
    if (!entry.empty()) std::memcpy(&message[1], entry.data(), entry.size());
    hasher_.update({message.data(), 1 + entry.size()});
  } else {
    hasher_.update({&kLeafPrefix, 1});
    hasher_.update(as_bytes(entry));
  }
  return hasher_.finish_as<LeafHashTag>();
}

NodeHash TreeHasher::node(const NodeHash& left, const NodeHash& right) {
  const std::size_t size = hasher_.digest_size();
  TALLY_CHECK(left.size() == size && right.size() == size);
  std::array<std::byte, 1 + 2 * crypto::kDigestBytesMax> message;
  message[0] = kNodePrefix;
  std::memcpy(&message[1], left.bytes().data(), size);
  std::memcpy(&message[1 + size], right.bytes().data(), size);
  hasher_.begin();
  hasher_.update({message.data(), 1 + 2 * size});
  return hasher_.finish_as<NodeHashTag>();
}

RootHash TreeHasher::empty_root() { return hasher_.hash<RootHashTag>({}); }

}  // namespace tally::merkle
