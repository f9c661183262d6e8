// SPDX-License-Identifier: Apache-2.0
// to_json() for this folder, with an error of our own.
#pragma once

#include "base/result.h"
#include "tallystick/event.h"

#include <string>

namespace tally::lib {

/// As tallystick::to_json().
[[nodiscard]] Result<std::string> json_of(const tallystick::Event& event);

}  // namespace tally::lib
