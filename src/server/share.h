// SPDX-License-Identifier: Apache-2.0
// How much of what all share one token may take.
#pragma once

#include <cstddef>

namespace tally::server {

/// Of `places` for streams or exports, those that one token may hold at a time: three quarters, so
/// that a client that opens all it can leaves something for others. All of very few.
[[nodiscard]] constexpr std::size_t share_of(std::size_t places) { return places - places / 4; }

}  // namespace tally::server
