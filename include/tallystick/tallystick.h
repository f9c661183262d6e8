// SPDX-License-Identifier: Apache-2.0
// All of the library: write, read, verify and prove a tamper-evident audit log.
#pragma once

#include "tallystick/event.h"
#include "tallystick/proof.h"
#include "tallystick/reader.h"
#include "tallystick/result.h"
#include "tallystick/verifier.h"
#include "tallystick/writer.h"

#include <string_view>

namespace tallystick {

/// Version of the library that is linked: "0.1.0".
[[nodiscard]] std::string_view version();

}  // namespace tallystick
