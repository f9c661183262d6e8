// SPDX-License-Identifier: Apache-2.0
// Finds keys that two JSON parsers could read differently, so that what we recorded is what the
// other side ran.
#pragma once

#include "base/json.h"
#include "mcp/violation.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tally::mcp {

/// The key as a reader that ignores case sees it: ASCII letters lowered, and U+017F and U+212A,
/// which Go's encoding/json folds to 's' and 'k'.
std::string folded_key(std::string_view key);

enum class KeyRule : std::uint8_t {
  exact,    ///< report repeated keys only: the object is the user's, "A" and "a" may both be meant
  protocol  ///< also report keys equal but for case, and a lone variant of one of `known`
};

/// Looks at the direct members of `object` (nothing to do for other kinds) and adds what it finds,
/// `path` in front of the key. Names are compared after unescaping. No allocation for clean objects
/// of up to 32 members.
void check_keys(json::Value object, std::span<const std::string_view> known, KeyRule rule,
                std::string_view path, std::vector<Violation>& found);

}  // namespace tally::mcp
