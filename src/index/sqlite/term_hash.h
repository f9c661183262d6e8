// SPDX-License-Identifier: Apache-2.0
// Values as 64-bit numbers under a secret seed: nobody can choose two that collide.
#pragma once

#include "base/siphash.h"

#include <cstdint>
#include <string_view>

namespace tally::index::sqlite {

/// Made at random for each index.
using Seed = SipKey;

/// No value has this hash.
inline constexpr std::uint64_t kNoHash = 0;

/// Hash of one value of one key; ASCII letters count as lower case when `folded`.
[[nodiscard]] std::uint64_t term_hash(const Seed& seed, std::uint8_t key, std::string_view text,
                                      bool fold_case = true);

}  // namespace tally::index::sqlite
