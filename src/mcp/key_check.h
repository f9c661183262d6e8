// SPDX-License-Identifier: Apache-2.0
// Finds keys that two JSON parsers could read differently, so that what we recorded is what the
// other side ran.
#pragma once

#include "base/json.h"
#include "mcp/violation.h"

#include <array>
#include <cstddef>
#include <cstdint>
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

/// Names that a receiver decides by. Refers to what it is made from; a constant of constants costs
/// nothing.
class KnownKeys {
 public:
  constexpr KnownKeys() = default;
  template <std::size_t N>
  // NOLINTNEXTLINE(google-explicit-constructor): the list is what is meant
  constexpr KnownKeys(const std::array<std::string_view, N>& names) : names_(names) {
    for (const std::string_view name : names) forms_ |= form_of(name);
  }
  [[nodiscard]] constexpr std::span<const std::string_view> names() const { return names_; }
  /// False when no name equals the key, whatever the case of letters: most keys need no other look.
  [[nodiscard]] constexpr bool may_hold(std::string_view key) const {
    return (forms_ & form_of(key)) != 0;
  }

 private:
  /// One bit for length and first letter.
  static constexpr std::uint64_t form_of(std::string_view name) {
    if (name.empty()) return 1;
    const auto first = static_cast<unsigned>(static_cast<unsigned char>(name.front()) | 0x20U);
    return std::uint64_t{1} << ((name.size() * 7 + first) % 64);
  }
  std::span<const std::string_view> names_;
  std::uint64_t forms_ = 0;
};

/// Looks at the direct members of `object` (nothing to do for other kinds) and adds what it finds,
/// `path` in front of the key. Names are compared after unescaping. No allocation for clean objects
/// of up to 32 members.
void check_keys(json::Value object, const KnownKeys& known, KeyRule rule, std::string_view path,
                std::vector<Violation>& found);

}  // namespace tally::mcp
