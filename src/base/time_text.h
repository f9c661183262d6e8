// SPDX-License-Identifier: Apache-2.0
// The text of a time, for those who have the room for it.
#pragma once

#include "base/clock.h"

#include <cstddef>
#include <span>

namespace tally {

/// Of "2026-11-21T19:00:00.123456Z".
inline constexpr std::size_t kTimeBytes = 27;

/// As format_time(), into `out`.
void write_time(WallTime time, std::span<char, kTimeBytes> out);

}  // namespace tally
