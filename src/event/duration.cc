// SPDX-License-Identifier: Apache-2.0
#include "event/duration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace tally::event {

void append_milliseconds(std::string& out, std::chrono::microseconds duration) {
  const std::int64_t micros = std::max<std::int64_t>(duration.count(), 0);
  std::array<char, 24> text;  // NOLINT: filled below
  char* at = std::to_chars(text.begin(), text.end(), micros / 1000).ptr;
  std::int64_t fraction = micros % 1000;
  if (fraction != 0) *at++ = '.';
  for (std::int64_t unit = 100; fraction != 0; unit /= 10) {
    *at++ = static_cast<char>('0' + fraction / unit);
    fraction %= unit;
  }
  out.append(text.begin(), at);
}

std::optional<std::chrono::microseconds> parse_milliseconds(std::string_view json) {
  double value = 0;
  const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), value);
  // from_chars knows "inf" and "nan", JSON does not; the range check refuses both.
  if (error != std::errc{} || end != json.data() + json.size()) return std::nullopt;
  if (!(value >= 0) || value > static_cast<double>(kDurationMax.count()) / 1000)
    return std::nullopt;
  return std::chrono::microseconds{std::llround(value * 1000)};
}

bool is_canonical_milliseconds(std::string_view json) {
  // 12 digits before the point are below kDurationMax; JSON itself forbids leading zeros.
  if (json.size() > 15 || json.front() == '"') return false;
  const std::size_t point = json.find_first_not_of("0123456789");
  if (point == std::string_view::npos) return json.size() <= 12;
  const std::string_view fraction = json.substr(point + 1);
  return json[point] == '.' && point <= 11 && !fraction.empty() && fraction.size() <= 3 &&
         fraction.back() != '0' &&
         fraction.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace tally::event
