// SPDX-License-Identifier: Apache-2.0
// Text as a 64-bit number under a secret key: nobody can choose two that collide.
#pragma once

#include "base/random.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace tally {

/// Made at random for each table.
using SipKey = std::array<std::uint64_t, 2>;

[[nodiscard]] SipKey random_sip_key(Random& random);

/// SipHash-2-4 (Aumasson and Bernstein, 2012) over `bytes`.
[[nodiscard]] std::uint64_t siphash(const SipKey& key, std::string_view bytes);

}  // namespace tally
