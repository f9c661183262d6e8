// SPDX-License-Identifier: Apache-2.0
// The few words that everything about an MCP connection is said with: direction, protocol version,
// moment.
#pragma once

#include "base/clock.h"

#include <cstdint>
#include <string_view>

namespace tally::mcp {

/// Who sent a message: c2s = the client to the server. Of an exchange: who sent the request.
enum class Direction : std::uint8_t { c2s, s2c };

/// "c2s" or "s2c", as in details.direction.
std::string_view direction_name(Direction direction);
constexpr Direction opposite(Direction direction) {
  return direction == Direction::c2s ? Direction::s2c : Direction::c2s;
}

/// Protocol versions that have rules of their own. `unknown` = not yet negotiated, or one we do not
/// know.
enum class Version : std::uint8_t {
  unknown,
  v2024_11_05,
  v2025_03_26,
  v2025_06_18,
  v2025_11_25,
  v2026_07_28,
};

/// The date as it stands on the wire; empty for unknown.
std::string_view version_text(Version version);
Version parse_version(std::string_view text);

/// Set of versions as bits, for tables.
using VersionSet = std::uint8_t;
constexpr VersionSet version_bit(Version version) {
  return version == Version::unknown
             ? VersionSet{0}
             : static_cast<VersionSet>(1U << (static_cast<unsigned>(version) - 1U));
}

/// When something was seen, on both clocks: wall for the record, monotonic for durations.
struct Moment {
  WallTime wall;
  MonoTime mono;
};

inline Moment moment_of(const Clock& clock) { return {clock.now(), clock.mono()}; }

}  // namespace tally::mcp
