// SPDX-License-Identifier: Apache-2.0
// Sizes and roots of a consistency check cannot change places.
#include "merkle/proof.h"

namespace tally {

merkle::Verdict check(merkle::TreeHasher& hasher, TreeSize size, const merkle::RootHash& root) {
#ifdef TALLY_CONTROL
  return merkle::verify_consistency(hasher, size, root, size, root, {});
#else
  return merkle::verify_consistency(hasher, root, size, root, size, {});
#endif
}

}  // namespace tally
