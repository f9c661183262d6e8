// SPDX-License-Identifier: Apache-2.0
// Events as CSV (RFC 4180) that no spreadsheet takes for a formula.
#pragma once

#include "event/view.h"

#include <string>
#include <string_view>

namespace tally::index {

/// Names of all fields in their order, then `other`; ends with CRLF.
void append_csv_header(std::string& out);

/// One row. Strings as their characters, numbers as written, objects and arrays as JSON; unknown
/// members together as one object in `other`. A cell that a spreadsheet would calculate (= + - @,
/// tab, CR first) gets a ' in front. One that `dangles` (dangling.h) has the event_result unknown
/// and says in `other`, as as_dangling() does, that a reader judged so.
void append_csv_row(std::string& out, const event::EventView& view, bool dangles = false);

/// One cell: quoted where it must be, with a ' in front of what a spreadsheet would calculate.
void append_csv_cell(std::string& out, std::string_view text);

/// Members that are no known fields as one JSON object; empty when there are none. `dangles` as for
/// append_csv_row().
[[nodiscard]] std::string other_members(const event::EventView& view, bool dangles = false);

/// A row for a line that is no event: the line stands in `other`.
void append_csv_unreadable(std::string& out, std::string_view line);

}  // namespace tally::index
