// SPDX-License-Identifier: Apache-2.0
// Sizes have no arithmetic but what has a name.
#include "base/ordinal.h"

namespace tally {

TreeSize larger(TreeSize size) {
#ifdef TALLY_CONTROL
  return size.next();
#else
  return size + 1;
#endif
}

}  // namespace tally
