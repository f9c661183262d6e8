// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include "base/time_text.h"

#include <array>

namespace tally {
namespace {

class SystemClock final : public Clock {
 public:
  [[nodiscard]] WallTime now() const override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
  }
  [[nodiscard]] MonoTime mono() const override { return std::chrono::steady_clock::now(); }
};

/// Two digits of a number below 100.
void put_pair(char* out, std::uint32_t value) {
  out[0] = static_cast<char>('0' + value / 10);
  out[1] = static_cast<char>('0' + value % 10);
}

/// Reads exactly `digits` decimal digits from the front.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// Microseconds of ".123"; nullopt when a dot is not followed by 1 to 9 digits.
std::optional<int> take_fraction(std::string_view& text) {
  if (!take(text, ".")) return 0;
  int micros = 0;
  int digits = 0;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    if (digits < 6) micros = micros * 10 + (text[0] - '0');
    ++digits;
    text.remove_prefix(1);
  }
  if (digits < 1 || digits > 9) return std::nullopt;
  for (; digits < 6; ++digits) micros *= 10;
  return micros;
}

/// Minutes east of UTC.
std::optional<int> take_offset(std::string_view& text) {
  if (take(text, "Zz")) return 0;
  const bool west = !text.empty() && text[0] == '-';
  if (!take(text, "+-")) return std::nullopt;
  const auto hours = take_digits(text, 2);
  if (!hours || !take(text, ":")) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return (west ? -1 : 1) * (*hours * 60 + *minutes);
}

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::string format_time(WallTime time) {
  std::string out;
  append_time(out, time);
  return out;
}

void append_time(std::string& out, WallTime time) {
  std::array<char, kTimeBytes> text{};
  write_time(time, text);
  out.append(text.data(), text.size());
}

void write_time(WallTime time, std::span<char, kTimeBytes> text) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const auto micros = static_cast<std::uint64_t>((time - day).count());
  const auto seconds = static_cast<std::uint32_t>(micros / 1'000'000);  // of the day
  const auto fraction = static_cast<std::uint32_t>(micros % 1'000'000);
  const auto year = static_cast<std::uint32_t>(static_cast<int>(date.year())) % 10'000;
  put_pair(&text[0], year / 100);
  put_pair(&text[2], year % 100);
  put_pair(&text[5], static_cast<unsigned>(date.month()));
  put_pair(&text[8], static_cast<unsigned>(date.day()));
  put_pair(&text[11], seconds / 3600);
  put_pair(&text[14], seconds / 60 % 60);
  put_pair(&text[17], seconds % 60);
  put_pair(&text[20], fraction / 10'000);
  put_pair(&text[22], fraction / 100 % 100);
  put_pair(&text[24], fraction % 100);
  text[4] = text[7] = '-';
  text[10] = 'T';
  text[13] = text[16] = ':';
  text[19] = '.';
  text[26] = 'Z';
}

std::optional<WallTime> parse_time(std::string_view text) {
  using namespace std::chrono;
  const auto year_number = take_digits(text, 4);
  if (!year_number || *year_number < 1970 || !take(text, "-")) return std::nullopt;
  const auto month_number = take_digits(text, 2);
  if (!month_number || !take(text, "-")) return std::nullopt;
  const auto day_number = take_digits(text, 2);
  if (!day_number || !take(text, "Tt ")) return std::nullopt;
  const auto hour = take_digits(text, 2);
  if (!hour || !take(text, ":")) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || !take(text, ":")) return std::nullopt;
  const auto second = take_digits(text, 2);
  if (!second) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;

  const year_month_day date{year{*year_number}, month{static_cast<unsigned>(*month_number)},
                            day{static_cast<unsigned>(*day_number)}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const bool leap = *second == 60;
  const WallTime time = sys_days{date} + hours{*hour} + minutes{*minute} +
                        (leap ? microseconds{59'999'999} : microseconds{seconds{*second}}) +
                        microseconds{leap ? 0 : *fraction} - minutes{*offset};
  // An offset can carry a time over either end of the years that the text form has.
  if (time < WallTime{} || time >= sys_days{year{10000} / 1 / 1}) return std::nullopt;
  return time;
}

}  // namespace tally
