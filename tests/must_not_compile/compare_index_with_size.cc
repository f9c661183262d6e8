// SPDX-License-Identifier: Apache-2.0
// An index and a size count different things.
#include "base/ordinal.h"

namespace tally {

bool is_in(TreeSize size, LeafIndex index) {
#ifdef TALLY_CONTROL
  return contains(size, index);
#else
  return index < size;
#endif
}

}  // namespace tally
