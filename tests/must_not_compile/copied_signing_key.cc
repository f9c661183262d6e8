// SPDX-License-Identifier: Apache-2.0
// A private key has one place; it moves, it is not copied.
#include "crypto/ed25519.h"

#include <utility>

namespace tally {

crypto::SigningKey take(crypto::SigningKey& key) {
#ifdef TALLY_CONTROL
  return std::move(key);
#else
  return key;
#endif
}

}  // namespace tally
