// SPDX-License-Identifier: Apache-2.0
#include "log/layout.h"

#include "base/encoding.h"

#include <algorithm>

namespace tally::log {
namespace {

constexpr std::string_view kSuffix = ".jsonl";
constexpr std::size_t kDigits = 20;

}  // namespace

std::string segment_name(LeafIndex first) {
  std::string digits = std::to_string(first.value());
  return std::string(kDigits - digits.size(), '0') + digits + std::string(kSuffix);
}

std::optional<LeafIndex> parse_segment_name(std::string_view name) {
  if (name.size() != kDigits + kSuffix.size() || !name.ends_with(kSuffix)) return std::nullopt;
  std::string_view digits = name.substr(0, kDigits);
  const std::size_t first = std::min(digits.find_first_not_of('0'), kDigits - 1);
  const auto value = parse_decimal(digits.substr(first));
  if (!value) return std::nullopt;
  return LeafIndex(*value);
}

std::string Layout::segment(LeafIndex first) const {
  return storage::join(segments(), segment_name(first));
}

std::string Layout::tree_level(unsigned level) const {
  return storage::join(tree(), std::to_string(level));
}

Result<std::vector<LeafIndex>> list_segments(storage::FileSystem& fs, const Layout& layout) {
  TALLY_TRY(const auto names, fs.list(layout.segments()));
  std::vector<LeafIndex> out;
  for (const std::string& name : names) {
    if (name.ends_with(".new")) continue;
    const auto first = parse_segment_name(name);
    if (!first) {
      return fail(Errc::corrupt, storage::join(layout.segments(), name) +
                                     ": not a segment of this log; move it elsewhere");
    }
    out.push_back(*first);
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace tally::log
