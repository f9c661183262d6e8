// SPDX-License-Identifier: Apache-2.0
// Matching text without ASCII case: exact, with wildcards, and anywhere.
#pragma once

#include "index/expression.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace tally::index {

/// ASCII letters in lower case; other bytes unchanged.
[[nodiscard]] std::string fold(std::string_view text);

/// Where `folded` (lower case) first occurs in `text` from `from` on, ASCII case ignored; npos when
/// it does not. An empty one occurs everywhere.
[[nodiscard]] std::size_t find_folded(std::string_view text, std::string_view folded,
                                      std::size_t from = 0);

/// Whether the whole text is the pattern.
[[nodiscard]] bool matches_whole(const Pattern& pattern, std::string_view text);

/// Whether the pieces occur in the text one behind the other.
[[nodiscard]] bool occurs_in(const Pattern& pattern, std::string_view text);

}  // namespace tally::index
