// SPDX-License-Identifier: Apache-2.0
// A number gets its meaning where it is written down.
#include "merkle/tiles.h"

namespace tally {

unsigned levels(std::uint64_t number) {
#ifdef TALLY_CONTROL
  return merkle::tile_levels(TreeSize{number});
#else
  return merkle::tile_levels(number);
#endif
}

}  // namespace tally
