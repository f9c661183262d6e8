// SPDX-License-Identifier: Apache-2.0
// Between the typed event and its line in the log.
#pragma once

#include "base/result.h"
#include "event/event.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tally::event {

/// The JSON object of an event without `seq`, on one line, `timestamp` first and then the order of
/// the design table; absent fields omitted. Raw members (details, old_values, new_values, unknown)
/// are copied: they must be valid one-line JSON, which is the promise of whoever filled them. Good
/// for log::EntryText::from_object.
[[nodiscard]] std::string encode(const Event& event);
/// The same, appended to `out`.
void encode_to(std::string& out, const Event& event);
/// Memory that encode() keeps on this thread for its next event; what a large one took is given
/// back after it.
[[nodiscard]] std::size_t encode_room_bytes();

/// An event as it came out of a log.
struct Decoded {
  std::optional<std::uint64_t> seq;  ///< absent in a line that has none
  Event event;
};

/// Reads one line (with or without seq). Strict JSON; known fields must have their type. A known
/// field that is null is absent; missing required fields keep their defaults, so that old and
/// foreign lines stay readable. encode(decode(x).event) gives back x without its seq for every x
/// that encode() or Ingest made. Errors: malformed (names the field), too_large.
[[nodiscard]] Result<Decoded> decode(std::string_view line);

/// Makes an event fit: encode(result).size() <= bytes_max. Gives up, in this order: long previews
/// inside `details` and then other long strings there (cut at a character, "…" appended), then
/// error_message, old_values and new_values, details as a whole, redactions and unknown members
/// beyond the first few, and at last the longest texts. What was cut is named in the member
/// `truncated`, an array of field names. The default leaves room for `seq`. bytes_max must be at
/// least 4,096.
[[nodiscard]] Event shrink_to_fit(Event event);
[[nodiscard]] Event shrink_to_fit(Event event, std::size_t bytes_max);

}  // namespace tally::event
