// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace tally {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "tallystick: internal check failed: %s (%s:%d); please report this bug\n",
               condition, file, line);
  std::abort();
}

}  // namespace tally
