// SPDX-License-Identifier: Apache-2.0
// The roles a hash can have in a Merkle tree (RFC 6962 section 2.1); different types, no
// conversion.
#pragma once

#include "crypto/digest.h"

namespace tally::merkle {

struct LeafHashTag;
struct NodeHashTag;
struct RootHashTag;

/// H(0x00 || entry).
using LeafHash = crypto::Digest<LeafHashTag>;
/// Any node of the tree: H(0x01 || left || right), or a leaf's hash seen as a node of height 0.
using NodeHash = crypto::Digest<NodeHashTag>;
/// Hash of a whole tree of some size.
using RootHash = crypto::Digest<RootHashTag>;

/// A leaf is the node of height 0; the only way from one role to the other.
inline NodeHash as_node(const LeafHash& leaf) { return NodeHash::from_bytes(leaf.bytes()); }
/// The topmost node of a tree is its root; for whoever knows that it is the topmost.
inline RootHash as_root(const NodeHash& node) { return RootHash::from_bytes(node.bytes()); }

}  // namespace tally::merkle
