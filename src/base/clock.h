// SPDX-License-Identifier: Apache-2.0
// Time is passed in: a Clock for wall and monotonic time, and RFC 3339 text as the log writes it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tally {

/// Microseconds since 1970-01-01T00:00:00Z.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;
/// Monotonic time, for durations and deadlines only.
using MonoTime = std::chrono::steady_clock::time_point;

/// Thread-safe source of time.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual WallTime now() const = 0;
  [[nodiscard]] virtual MonoTime mono() const = 0;
};

/// The machine's clocks. Lives for the whole process.
const Clock& system_clock();

/// "2026-11-21T19:00:00.123456Z": always UTC, always six digits, so that text order is time order.
/// Years 0 to 9999.
std::string format_time(WallTime time);
/// Appends the same 27 characters.
void append_time(std::string& out, WallTime time);

/// RFC 3339 with any offset and 0 to 9 fraction digits (more than six are cut); nullopt when it is
/// not one. 1970 to 9999 in UTC; a leap second (":60") counts as the last microsecond of its
/// minute.
std::optional<WallTime> parse_time(std::string_view text);

}  // namespace tally
