// SPDX-License-Identifier: Apache-2.0
#include "tallystick/tallystick.h"

namespace tallystick {

std::string_view version() { return TALLY_VERSION; }

}  // namespace tallystick
