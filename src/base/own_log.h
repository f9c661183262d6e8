// SPDX-License-Identifier: Apache-2.0
// What a process that runs for long tells its operator, on standard error: for people, or one JSON
// object a line for programs. Nothing secret, no path of a request, no token.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tally {

enum class LogFormat : std::uint8_t {
  text,  ///< "tallystick: MESSAGE"
  json,  ///< {"time","level","component","message"}
};
[[nodiscard]] std::string_view format_name(LogFormat format);
[[nodiscard]] std::optional<LogFormat> parse_log_format(std::string_view name);

enum class LogLevel : std::uint8_t { info, warning, error };

/// Of the whole process, from now on. Any thread.
void set_log_format(LogFormat format);

/// One line, written at once. Any thread; never fails.
void say(LogLevel level, std::string_view component, std::string_view message);

/// The line that say() writes, with its LF.
[[nodiscard]] std::string log_line(LogFormat format, std::string_view time, LogLevel level,
                                   std::string_view component, std::string_view message);

}  // namespace tally
