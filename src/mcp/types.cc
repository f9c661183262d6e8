// SPDX-License-Identifier: Apache-2.0
#include "mcp/types.h"

#include "base/check.h"

#include <array>
#include <utility>

namespace tally::mcp {
namespace {

constexpr std::array<std::pair<Version, std::string_view>, 5> kVersions{{
    {Version::v2024_11_05, "2024-11-05"},
    {Version::v2025_03_26, "2025-03-26"},
    {Version::v2025_06_18, "2025-06-18"},
    {Version::v2025_11_25, "2025-11-25"},
    {Version::v2026_07_28, "2026-07-28"},
}};

}  // namespace

std::string_view direction_name(Direction direction) {
  switch (direction) {
    case Direction::c2s: return "c2s";
    case Direction::s2c: return "s2c";
  }
  TALLY_CHECK(false && "Direction out of range");
  return {};
}

std::string_view version_text(Version version) {
  for (const auto& [known, text] : kVersions) {
    if (known == version) return text;
  }
  return {};
}

Version parse_version(std::string_view text) {
  for (const auto& [version, known] : kVersions) {
    if (known == text) return version;
  }
  return Version::unknown;
}

}  // namespace tally::mcp
