// SPDX-License-Identifier: Apache-2.0
// Values as people write them: times, sizes, numbers, switches; and as they are shown again.
#pragma once

#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tally::config {

/// true, 1, yes, on; false, 0, no, off; without case. nullopt for anything else.
[[nodiscard]] std::optional<bool> parse_switch(std::string_view text);

/// "250ms", "2s", "0.5s", "2" (seconds), "5m", "1h"; thousandths at most, and none of ms. nullopt
/// for anything else, and for more than a year.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// In the largest unit that leaves a whole number: "250ms", "5s", "10m".
[[nodiscard]] std::string format_duration(std::chrono::milliseconds value);

/// "1048576", "64KiB", "16MiB", "1GiB". nullopt for anything else, "16MB" included: whether that is
/// 10^6 or 2^20 nobody agrees.
[[nodiscard]] std::optional<std::uint64_t> parse_bytes(std::string_view text);
[[nodiscard]] std::string format_bytes(std::uint64_t value);

// The same with bounds, for settings. Errors: invalid_argument, "must be ..., not "x"".

[[nodiscard]] Result<void> set_switch(bool& out, std::string_view text);
[[nodiscard]] Result<void> set_duration(std::chrono::milliseconds& out, std::string_view text,
                                        std::chrono::milliseconds least,
                                        std::chrono::milliseconds most);
[[nodiscard]] Result<std::uint64_t> bounded_bytes(std::string_view text, std::uint64_t least,
                                                  std::uint64_t most);
[[nodiscard]] Result<std::uint64_t> bounded_count(std::string_view text, std::uint64_t least,
                                                  std::uint64_t most);
/// Index among `names`, with the nearest for a mistyped one.
[[nodiscard]] Result<std::size_t> choice(std::string_view text, std::span<const std::string> names);

/// "[a, b]"; "[]".
[[nodiscard]] std::string format_list(std::span<const std::string> values);
/// Values between commas, blanks around them cut; empty ones are left out.
[[nodiscard]] std::vector<std::string> split_list(std::string_view text);

}  // namespace tally::config
