// SPDX-License-Identifier: Apache-2.0
// `duration_ms`: milliseconds as a JSON number with at most three decimals, microseconds inside.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tally::event {

/// 100 years: a longer duration is a mistake of whoever sent it.
inline constexpr std::chrono::microseconds kDurationMax = std::chrono::hours{24 * 36'525};

/// Appends 3.412, 12, 0.5. Negative durations (a clock that was set back) are written as 0.
void append_milliseconds(std::string& out, std::chrono::microseconds duration);

/// Reads a JSON number of milliseconds (checked before), rounded to microseconds; nullopt when it
/// is negative, above kDurationMax, or no number.
std::optional<std::chrono::microseconds> parse_milliseconds(std::string_view json);

/// Whether a JSON number (checked before) is certainly as append_milliseconds() writes it, which
/// saves reading and writing it; false for anything unusual.
bool is_canonical_milliseconds(std::string_view json);

}  // namespace tally::event
