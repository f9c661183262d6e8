// SPDX-License-Identifier: Apache-2.0
#include "base/own_log.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/json_writer.h"

#include <atomic>
#include <cstdio>

namespace tally {
namespace {

std::atomic<LogFormat> present_format{LogFormat::text};

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: return "error";
  }
  check_failed("LogLevel out of range", __FILE__, __LINE__);
}

}  // namespace

std::string_view format_name(LogFormat format) {
  switch (format) {
    case LogFormat::text: return "text";
    case LogFormat::json: return "json";
  }
  check_failed("LogFormat out of range", __FILE__, __LINE__);
}

std::optional<LogFormat> parse_log_format(std::string_view name) {
  if (name == "text") return LogFormat::text;
  if (name == "json") return LogFormat::json;
  return std::nullopt;
}

void set_log_format(LogFormat format) { present_format = format; }

std::string log_line(LogFormat format, std::string_view time, LogLevel level,
                     std::string_view component, std::string_view message) {
  std::string out;
  switch (format) {
    case LogFormat::text: out.append("tallystick: ").append(message); break;
    case LogFormat::json: {
      json::ObjectWriter line(out);
      line.string("time", time);
      line.string("level", level_name(level));
      line.string("component", component);
      line.string("message", message);
      line.end();
      break;
    }
  }
  return out + '\n';
}

void say(LogLevel level, std::string_view component, std::string_view message) {
  const std::string line =
      log_line(present_format, format_time(system_clock().now()), level, component, message);
  // In one call: lines of several threads do not mix.
  static_cast<void>(std::fwrite(line.data(), 1, line.size(), stderr));
}

}  // namespace tally
