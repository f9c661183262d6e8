// SPDX-License-Identifier: Apache-2.0
// The position of an entry is not the size of a tree that contains it.
#include "merkle/proof.h"

namespace tally {

std::vector<merkle::Subtree> path(LeafIndex index) {
#ifdef TALLY_CONTROL
  return merkle::inclusion_nodes(index, size_after(index));
#else
  return merkle::inclusion_nodes(index, index);
#endif
}

}  // namespace tally
