// SPDX-License-Identifier: Apache-2.0
// Looks for any of a few characters, 16 at a time: for texts that are long, many, and nearly always
// without them. GCC's and Clang's vector types become what the machine has.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tally {

/// Whether `text` holds at least one of the characters `wanted`.
template <char... wanted>
[[nodiscard]] bool contains_any(std::string_view text) {
  using Block [[gnu::vector_size(16)]] = char;
  if (text.size() < sizeof(Block)) {
    bool found = false;
    for (const char c : text) found = found || ((c == wanted) || ...);
    return found;
  }
  Block found{};
  const auto look = [&](const char* at) {
    Block b{};
    std::memcpy(&b, at, sizeof b);
    found |= ((b == wanted) | ...);
  };
  const char* const last = text.data() + text.size() - sizeof(Block);
  const char* at = text.data();
  for (; last - at >= static_cast<std::ptrdiff_t>(4 * sizeof(Block)); at += 4 * sizeof(Block)) {
    look(at);
    look(at + sizeof(Block));
    look(at + 2 * sizeof(Block));
    look(at + 3 * sizeof(Block));
  }
  for (; at < last; at += sizeof(Block)) look(at);
  look(last);  // may overlap the one before
  std::array<std::uint64_t, 2> any{};
  std::memcpy(any.data(), &found, sizeof found);
  return (any[0] | any[1]) != 0;
}

}  // namespace tally
