// SPDX-License-Identifier: Apache-2.0
// Only verify_checkpoint() makes a VerifiedCheckpoint.
#include "merkle/checkpoint.h"

namespace tally {

merkle::VerifiedCheckpoint trust(const merkle::Checkpoint& checkpoint,
                                 const merkle::VerifiedCheckpoint& verified) {
#ifdef TALLY_CONTROL
  (void)checkpoint;
  return verified;
#else
  (void)verified;
  return merkle::VerifiedCheckpoint(checkpoint, "note", {});
#endif
}

}  // namespace tally
