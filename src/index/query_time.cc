// SPDX-License-Identifier: Apache-2.0
#include "index/query_time.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <string>

namespace tally::index {
namespace {

using std::chrono::microseconds;

constexpr std::int64_t kDayMicros = 86'400'000'000;
/// 10,000 years: everything beyond is a slip, and sums stay within 64 bits.
constexpr double kMicrosMax = 3.2e17;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Microseconds of one of us, ms, s, m, h, d, w at the front of `text`, which is cut off.
std::optional<double> take_unit(std::string_view& text) {
  struct Unit {
    std::string_view name;
    double micros;
  };
  // Longer names first: "ms" is not "m".
  static constexpr std::array<Unit, 7> kUnits = {{{"us", 1},
                                                  {"ms", 1e3},
                                                  {"s", 1e6},
                                                  {"m", 60e6},
                                                  {"h", 3600e6},
                                                  {"d", 86'400e6},
                                                  {"w", 7 * 86'400e6}}};
  for (const Unit& unit : kUnits) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    return unit.micros;
  }
  return std::nullopt;
}

std::optional<double> take_number(std::string_view& text) {
  if (text.empty() || !is_digit(text[0])) return std::nullopt;
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

/// "1h30m" to microseconds; `bare_micros` is the unit of a number without one, 0 = not allowed.
std::optional<std::int64_t> read_amount(std::string_view text, double bare_micros) {
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    const bool bare = text.empty() && bare_micros > 0 && total == 0;
    const auto unit = bare ? std::optional(bare_micros) : take_unit(text);
    if (!unit) return std::nullopt;
    total += *number * *unit;
    if (!(total <= kMicrosMax)) return std::nullopt;
  }
  return std::llround(total);
}

/// now, now-15m, -15m, +1h
std::optional<std::int64_t> read_relative(std::string_view text, std::int64_t now) {
  const bool named = text.starts_with("now");
  if (named) text.remove_prefix(3);
  if (text.empty()) return named ? std::optional(now) : std::nullopt;
  if (text[0] != '-' && text[0] != '+') return std::nullopt;
  const auto amount = read_amount(text.substr(1), 0);
  if (!amount) return std::nullopt;
  return text[0] == '-' ? now - *amount : now + *amount;
}

TimeSpan span_of(std::int64_t first, std::int64_t length) {
  return {{first, first + length - 1}, false};
}

std::optional<int> read_digits(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

/// 2026, 2026-11
std::optional<TimeSpan> read_year_or_month(std::string_view text) {
  using namespace std::chrono;
  if (text.size() != 4 && !(text.size() == 7 && text[4] == '-')) return std::nullopt;
  const auto y = read_digits(text.substr(0, 4));
  const auto m = text.size() == 7 ? read_digits(text.substr(5)) : std::optional(1);
  if (!y || !m || *y < 1970 || *m < 1 || *m > 12) return std::nullopt;
  const year_month first = year{*y} / month{static_cast<unsigned>(*m)};
  const year_month next = text.size() == 7 ? first + months{1} : first + years{1};
  const auto micros = [](year_month ym) {
    return microseconds(sys_days{ym / 1}.time_since_epoch()).count();
  };
  return TimeSpan{{micros(first), micros(next) - 1}, false};
}

/// Where the zone of a time starts: 'Z' or an offset behind the 'T'; npos when it has none.
std::size_t zone_of(std::string_view text) {
  if (text.size() < 11) return std::string_view::npos;
  const std::size_t zone = text.find_first_of("Zz+-", 11);
  return zone;
}

/// 2026-11-20, 2026-11-20T10:30, 2026-11-20T10:30:00.5Z; without a zone UTC.
std::optional<TimeSpan> read_date_time(std::string_view text) {
  const std::size_t zone_at = zone_of(text);
  const bool zoned = zone_at != std::string_view::npos;
  const std::string_view local = text.substr(0, zone_at);
  const std::string zone = zoned ? std::string(text.substr(zone_at)) : "Z";
  std::string whole(local);
  std::int64_t length = 0;
  if (local.size() == 10 && !zoned) {
    whole += "T00:00:00";
    length = kDayMicros;
  } else if (local.size() == 16) {
    whole += ":00";
    length = 60'000'000;
  } else if (local.size() == 19) {
    length = 1'000'000;
  } else if (local.size() > 20 && local[19] == '.') {
    length = 1;
    for (std::size_t digits = local.size() - 20; digits < 6; ++digits) length *= 10;
  } else {
    return std::nullopt;
  }
  const auto time = parse_time(whole + zone);
  if (!time) return std::nullopt;
  return span_of(time->time_since_epoch().count(), length);
}

}  // namespace

std::optional<TimeSpan> parse_time_span(std::string_view text, WallTime now) {
  const std::int64_t now_micros = now.time_since_epoch().count();
  const std::int64_t midnight =
      std::chrono::floor<std::chrono::days>(now).time_since_epoch().count() * kDayMicros;
  if (text == "today") return span_of(midnight, kDayMicros);
  if (text == "yesterday") return span_of(midnight - kDayMicros, kDayMicros);
  if (const auto instant = read_relative(text, now_micros))
    return TimeSpan{{*instant, *instant}, true};
  if (const auto span = read_year_or_month(text)) return span;
  return read_date_time(text);
}

std::optional<std::int64_t> parse_duration(std::string_view text) { return read_amount(text, 1e3); }

std::optional<WallTime> parse_time_argument(std::string_view text, WallTime now) {
  const auto span = parse_time_span(text, now);
  if (!span) return std::nullopt;
  return WallTime(microseconds(span->micros.low));
}

}  // namespace tally::index
