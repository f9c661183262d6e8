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

/// A number below 64 for length and first letter, whatever its case.
constexpr std::size_t key_form_number(std::string_view name) {
  if (name.empty()) return 0;
  const auto first = static_cast<unsigned>(static_cast<unsigned char>(name.front()) | 0x20U);
  return (name.size() * 7 + first) % 64;
}
/// The same as one bit of 64.
constexpr std::uint64_t key_form(std::string_view name) {
  return std::uint64_t{1} << key_form_number(name);
}
/// The forms of all members of an object, so that one that is not there need not be looked for. All
/// bits are set when a key is escaped; none for other kinds.
[[nodiscard]] std::uint64_t key_forms(json::Value object);

/// Names that a receiver decides by; at most 64. Refers to what it is made from; a constant of
/// constants costs nothing.
class KnownKeys {
 public:
  constexpr KnownKeys() = default;
  template <std::size_t N>
  // NOLINTNEXTLINE(google-explicit-constructor): the list is what is meant
  constexpr KnownKeys(const std::array<std::string_view, N>& names) : names_(names) {
    static_assert(N <= 64);
    first_.fill(static_cast<std::uint8_t>(N));
    for (std::size_t i = N; i-- > 0;) {
      first_[key_form_number(names[i])] = static_cast<std::uint8_t>(i);
    }
  }
  [[nodiscard]] constexpr std::span<const std::string_view> names() const { return names_; }
  /// False when no name equals the key, whatever the case of letters: most keys need no other look.
  [[nodiscard]] constexpr bool may_hold(std::string_view key) const {
    return first_[key_form_number(key)] < names_.size();
  }
  /// Which name the key is, byte for byte; names().size(): none.
  [[nodiscard]] constexpr std::size_t index_of(std::string_view key) const {
    std::size_t i = first_[key_form_number(key)];
    while (i < names_.size() && names_[i] != key) ++i;
    return i;
  }

 private:
  std::span<const std::string_view> names_;
  std::array<std::uint8_t, 64> first_{};  // by key_form_number(): the first name of this form
};

/// Whether every member has another one of the known names, or (KeyRule::exact) there is at most
/// one: so it is with nearly all messages, and then check_keys() finds nothing. False: it has to
/// look.
[[nodiscard]] bool has_clean_keys(json::Value object, const KnownKeys& known, KeyRule rule);

/// What check_keys() with KeyRule::protocol would have to look for, and key_forms(), in one look.
struct KeyLook {
  bool clean = true;  ///< it would find nothing; true for other kinds
  std::uint64_t forms = 0;
};
[[nodiscard]] KeyLook look_at_keys(json::Value object, const KnownKeys& known);

/// Looks at the direct members of `object` (nothing to do for other kinds) and adds what it finds,
/// `path` in front of the key. Names are compared after unescaping. No allocation for clean objects
/// of up to 32 members.
void check_keys(json::Value object, const KnownKeys& known, KeyRule rule, std::string_view path,
                std::vector<Violation>& found);

}  // namespace tally::mcp
