// SPDX-License-Identifier: Apache-2.0
#include "log/entry.h"

#include "base/limits.h"

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>

namespace tally::log {
namespace {

constexpr std::string_view kSeqKey = "{\"seq\":";
/// {"seq":18446744073709551615, in place of the opening brace.
constexpr std::size_t kSeqBytesMax = kSeqKey.size() + 20;

}  // namespace

Result<EntryText> EntryText::from_object(std::string object) {
  if (object.size() < 5 || object[0] != '{' || object[1] != '"' || object.back() != '}') {
    return fail(Errc::malformed, "entry: not a JSON object with at least one member");
  }
  if (object.size() + kSeqBytesMax > kEntryBytesMax) {
    return fail(Errc::too_large, "entry: " + std::to_string(object.size()) + " bytes, at most " +
                                     std::to_string(kEntryBytesMax - kSeqBytesMax) +
                                     " are allowed; shorten its details");
  }
  // Two passes of memchr are faster than one that looks for both.
  if (object.find('\n') != std::string::npos || object.find('\r') != std::string::npos) {
    return fail(Errc::malformed, "entry: contains a line break");
  }
  if (object.starts_with(kSeqKey)) {
    return fail(Errc::malformed, "entry: has a seq of its own; the log gives the number");
  }
  return EntryText(std::move(object));
}

void append_line(std::string& out, LeafIndex seq, std::string_view object) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, seq.value());
  TALLY_CHECK(error == std::errc{});
  out += kSeqKey;
  out.append(digits, end);
  out += ',';
  out += object.substr(1);
}

std::optional<LeafIndex> seq_of_line(std::string_view line) {
  if (!line.starts_with(kSeqKey)) return std::nullopt;
  // By hand, because everything that reads the log asks this of every line.
  const char* const begin = line.data() + kSeqKey.size();
  const char* const end = line.data() + line.size();
  const char* p = begin;
  std::uint64_t value = 0;
  for (; p != end && *p >= '0' && *p <= '9'; ++p) {
    const auto digit = static_cast<std::uint64_t>(*p - '0');
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
    if (value > (kMost - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  const bool canonical = p != begin && (*begin != '0' || p == begin + 1);
  if (!canonical || p == end || (*p != ',' && *p != '}')) return std::nullopt;
  return LeafIndex(value);
}

}  // namespace tally::log
