// SPDX-License-Identifier: Apache-2.0
// The roles a hash can have in a Merkle tree (RFC 6962 section 2.1); different types, no conversion.
#pragma once

#include "crypto/digest.h"

namespace tally::merkle {

/// H(0x00 || entry).
using LeafHash = crypto::Digest<struct LeafHashTag>;
/// Any node of the tree: H(0x01 || left || right), or a leaf's hash seen as a node of height 0.
using NodeHash = crypto::Digest<struct NodeHashTag>;
/// Hash of a whole tree of some size.
using RootHash = crypto::Digest<struct RootHashTag>;

/// A leaf is the node of height 0; the only way from one role to the other.
inline NodeHash as_node(const LeafHash& leaf) { return NodeHash::from_bytes(leaf.bytes()); }

}  // namespace tally::merkle
