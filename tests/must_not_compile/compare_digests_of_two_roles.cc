// SPDX-License-Identifier: Apache-2.0
// A leaf hash and a root are not even comparable.
#include "merkle/hash_types.h"

namespace tally {

bool same(const merkle::LeafHash& leaf, const merkle::RootHash& root) {
#ifdef TALLY_CONTROL
  return as_root(as_node(leaf)) == root;
#else
  return leaf == root;
#endif
}

}  // namespace tally
