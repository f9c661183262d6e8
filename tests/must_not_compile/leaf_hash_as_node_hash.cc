// SPDX-License-Identifier: Apache-2.0
// A leaf becomes a node by name, never by accident.
#include "merkle/tree_hasher.h"

namespace tally {

merkle::NodeHash parent(merkle::TreeHasher& hasher, const merkle::LeafHash& leaf) {
#ifdef TALLY_CONTROL
  return hasher.node(as_node(leaf), as_node(leaf));
#else
  return hasher.node(leaf, leaf);
#endif
}

}  // namespace tally
