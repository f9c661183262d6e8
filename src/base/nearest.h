// SPDX-License-Identifier: Apache-2.0
// "Did you mean ...?" for mistyped commands, flags, keys and values.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tally {

/// The name closest to `word` by insertions, deletions, replacements and swaps of neighbours; empty
/// when none is close enough to be what was meant. Of equally close ones the first.
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string> names);

}  // namespace tally
