// SPDX-License-Identifier: Apache-2.0
// Where a page ends, as opaque text that only fits the log, filters and order it came from.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "index/filter.h"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tally::index {

/// The place of an entry in the order of pages: (timestamp, seq).
struct Position {
  std::int64_t time;  ///< microseconds; kNoTime for a line without a readable timestamp
  std::uint64_t seq;
  friend auto operator<=>(const Position&, const Position&) = default;
};
inline constexpr std::int64_t kNoTime = INT64_MIN;

/// Order of entries. "by_seq" is the order of the log; it differs where times are not in it.
enum class Order : std::uint8_t { newest_first, oldest_first, newest_by_seq, oldest_by_seq };

/// First half of the SHA-256 over log, order and filter.
using FilterDigest = std::array<std::byte, 16>;
[[nodiscard]] FilterDigest digest_of(const Filter& filter, Order order, std::string_view log_id);

struct PageCursor {
  Position position;  ///< the page holds what lies beyond it, in its direction
  bool backwards;     ///< the page before `position` instead of the one behind it
  /// The `now` with which the filters of the first page were parsed. Parse those of the following
  /// pages with it too: then -15m means the same on each of them, and the digest fits.
  WallTime now;
  FilterDigest digest;
  friend bool operator==(const PageCursor&, const PageCursor&) = default;
};

/// Opaque: base64 with - and _ and without padding, so that it needs no escaping in a URL.
[[nodiscard]] std::string format_page_cursor(const PageCursor& cursor);
/// Strict: formatting the result gives the same text. Errors: invalid_argument.
[[nodiscard]] Result<PageCursor> parse_page_cursor(std::string_view text);
/// Errors: invalid_argument when the cursor came from another log, other filters or another order.
[[nodiscard]] Result<void> check_page_cursor(const PageCursor& cursor, const FilterDigest& digest);

}  // namespace tally::index
