// SPDX-License-Identifier: Apache-2.0
// Strict reading of line-based texts (checkpoints, proofs): every line ends in LF, the last one
// too.
#pragma once

#include <optional>
#include <string_view>

namespace tally::merkle {

/// Takes the first line off `rest`, without its LF; nullopt when no LF is left.
inline std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

/// What follows `prefix` on this line; nullopt when the line starts otherwise.
inline std::optional<std::string_view> after_prefix(std::string_view line,
                                                    std::string_view prefix) {
  if (!line.starts_with(prefix)) return std::nullopt;
  return line.substr(prefix.size());
}

}  // namespace tally::merkle
