// SPDX-License-Identifier: Apache-2.0
#include "config/value.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "base/nearest.h"

#include <algorithm>
#include <array>

namespace tally::config {
namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr Milliseconds kDurationMax = std::chrono::hours(24 * 366);

struct Unit {
  std::string_view name;
  std::uint64_t size;
};
/// Longer names first: "ms" ends in "s".
constexpr std::array kTimes{Unit{"ms", 1}, Unit{"h", 3'600'000}, Unit{"m", 60'000},
                            Unit{"s", 1000}};
constexpr std::array kSizes{Unit{"GiB", std::uint64_t{1} << 30}, Unit{"MiB", kMiB},
                            Unit{"KiB", kKiB}};

tl::unexpected<Error> must_be(const std::string& allowed, std::string_view text) {
  return fail(Errc::invalid_argument, "must be " + allowed + ", not \"" + std::string(text) + '"');
}

/// The three digits behind a decimal point, as thousandths.
std::optional<std::uint64_t> thousandths(std::string_view digits) {
  if (digits.empty() || digits.size() > 3) return std::nullopt;
  std::uint64_t out = 0;
  std::uint64_t scale = 100;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    out += scale * static_cast<std::uint64_t>(c - '0');
    scale /= 10;
  }
  return out;
}

std::optional<std::uint64_t> times(std::uint64_t number, std::uint64_t unit) {
  if (number > UINT64_MAX / unit) return std::nullopt;
  return number * unit;
}

}  // namespace

std::optional<bool> parse_switch(std::string_view text) {
  std::string word(text);
  std::ranges::transform(word, word.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  for (const auto* yes : {"true", "1", "yes", "on"}) {
    if (word == yes) return true;
  }
  for (const auto* no : {"false", "0", "no", "off"}) {
    if (word == no) return false;
  }
  return std::nullopt;
}

std::optional<Milliseconds> parse_duration(std::string_view text) {
  std::uint64_t unit = 1000;
  for (const Unit& u : kTimes) {
    if (!text.ends_with(u.name)) continue;
    unit = u.size;
    text.remove_suffix(u.name.size());
    break;
  }
  const std::size_t dot = std::min(text.find('.'), text.size());
  const auto whole = parse_decimal(text.substr(0, dot));
  const auto product = whole ? times(*whole, unit) : std::nullopt;
  const auto most = static_cast<std::uint64_t>(kDurationMax.count());
  if (!product || *product > most) return std::nullopt;
  std::uint64_t total = *product;
  if (dot != text.size()) {
    const auto part = thousandths(text.substr(dot + 1));
    if (!part || unit == 1) return std::nullopt;
    total += *part * unit / 1000;
  }
  if (total > most) return std::nullopt;
  return Milliseconds(total);
}

std::string format_duration(Milliseconds value) {
  const auto count = static_cast<std::uint64_t>(value.count());
  std::string out = std::to_string(count) + "ms";
  std::uint64_t best = 1;
  for (const Unit& unit : kTimes) {
    if (count == 0 || count % unit.size != 0 || unit.size <= best) continue;
    best = unit.size;
    out = std::to_string(count / unit.size) + std::string(unit.name);
  }
  return out;
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  for (const Unit& unit : kSizes) {
    if (!text.ends_with(unit.name)) continue;
    const auto number = parse_decimal(text.substr(0, text.size() - unit.name.size()));
    return number ? times(*number, unit.size) : std::nullopt;
  }
  return parse_decimal(text);
}

std::string format_bytes(std::uint64_t value) {
  for (const Unit& unit : kSizes) {
    if (value == 0 || value % unit.size != 0) continue;
    return std::to_string(value / unit.size) + std::string(unit.name);
  }
  return std::to_string(value);
}

Result<void> set_switch(bool& out, std::string_view text) {
  const auto value = parse_switch(text);
  if (!value) return must_be("true or false", text);
  out = *value;
  return {};
}

Result<void> set_duration(Milliseconds& out, std::string_view text, Milliseconds least,
                          Milliseconds most) {
  const auto value = parse_duration(text);
  if (!value || *value < least || *value > most) {
    return must_be("a time from " + format_duration(least) + " to " + format_duration(most) +
                       ", such as 250ms or 5s",
                   text);
  }
  out = *value;
  return {};
}

Result<std::uint64_t> bounded_bytes(std::string_view text, std::uint64_t least,
                                    std::uint64_t most) {
  const auto value = parse_bytes(text);
  if (!value || *value < least || *value > most) {
    return must_be("a size from " + format_bytes(least) + " to " + format_bytes(most) +
                       ", such as 65536 or 16MiB",
                   text);
  }
  return *value;
}

Result<std::uint64_t> bounded_count(std::string_view text, std::uint64_t least,
                                    std::uint64_t most) {
  const auto value = parse_decimal(text);
  if (!value || *value < least || *value > most) {
    return must_be("a number from " + std::to_string(least) + " to " + std::to_string(most), text);
  }
  return *value;
}

Result<std::size_t> choice(std::string_view text, std::span<const std::string> names) {
  std::string allowed;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) return i;
    allowed += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  }
  auto refused = must_be(allowed, text);
  const std::string meant = nearest(text, names);
  if (!meant.empty()) refused.value().detail += "; did you mean " + meant + '?';
  return refused;
}

std::string format_list(std::span<const std::string> values) {
  std::string out = "[";
  for (const std::string& value : values) out += (out.size() == 1 ? "" : ", ") + value;
  return out + ']';
}

std::vector<std::string> split_list(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    part.remove_prefix(std::min(part.find_first_not_of(kBlanks), part.size()));
    part = part.substr(0, part.find_last_not_of(kBlanks) + 1);
    if (!part.empty()) out.emplace_back(part);
  }
  return out;
}

}  // namespace tally::config
