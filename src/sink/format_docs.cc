// SPDX-License-Identifier: Apache-2.0
// docs/export-formats.md, from the tables by which entries are exported.
#include "sink/backstage_format.h"
#include "sink/csv_format.h"
#include "sink/formats.h"

#include <algorithm>

namespace tally::sink {
namespace {

std::string code(std::string_view text) { return '`' + std::string(text) + '`'; }

std::string formats_table() {
  std::string out = "| format | media type | file | what it is |\n|---|---|---|---|\n";
  for (const Format& format : kFormats) {
    out += "| " + code(format.name) + " | " + code(format.media_type) + " | `." +
           std::string(format.extension) + "` | " + std::string(format.summary) + " |\n";
  }
  return out;
}

std::string columns_text() {
  std::string out;
  for (const CsvColumn& column : kCsvColumns) {
    if (!out.empty()) out += ", ";
    out += code(column.name);
  }
  return out;
}

std::string backstage_table() {
  std::string out = "| Backstage | Tallystick |\n|---|---|\n";
  out += "| `plugin` | `details.plugin`, else the server of the entry, else `tallystick` |\n";
  for (const BackstagePlace& place : kBackstagePlaces) {
    const std::string object =
        place.object.empty() ? std::string() : std::string(place.object) + '.';
    out += "| " + code(object + std::string(place.member)) + " | " +
           code(event::name_of(place.field)) + " |\n";
  }
  std::string rest;
  for (const std::string_view name : event::kFieldNames) {
    const auto placed = [&](const BackstagePlace& p) { return event::name_of(p.field) == name; };
    if (std::ranges::any_of(kBackstagePlaces, placed)) continue;
    if (!rest.empty()) rest += ", ";
    rest += code(name);
  }
  return out + "| `meta` | " + rest + "; `toolName`, `other`, `checksum`, `previous_checksum` |\n";
}

}  // namespace

std::string formats_markdown() {
  return R"(# Export formats

Printed by `tallystick export --formats` from the tables in `src/sink/`; do not edit.

`tallystick export` and `GET /api/audit/export` write the same bytes for the same entries, in the order of the log (by `seq`). Each line that
is read is compared with its leaf hash in the tree before it is exported; one that differs ends the export with an error.
`checksum` is the leaf hash of the entry, `previous_checksum` that of the entry before it in the log (whether exported or not), both in
lower-case hex; the first entry of a log has none before it.

)" + formats_table() +
         R"(
## json, ndjson

The whole entry with unknown members, as it stands in the log, then `checksum` and `previous_checksum`. Fields that clients of audit APIs
expect are there as null where the entry has none, as in `GET /api/audit/logs`. An entry that is no event (a line that was written without
this program) is `{"seq", "unreadable", "checksum", "previous_checksum"}`.

## csv

UTF-8 without a byte order mark, CRLF, a header, one row an entry, these columns in this order:

)" + columns_text() +
         R"(

Text stands as its characters, lists and objects as JSON text, absent and null fields as nothing. `other` holds members that are no known
field, as one JSON object. A cell that begins with `=`, `+`, `-`, `@`, TAB or CR gets a `'` in front, so that no spreadsheet calculates it; JSON
numbers are not text and stay as they are. An entry that is no event has its `seq`, the hashes, and its text in `details`.

## backstage

What `@backstage/backend-defaults` hands to the log function of its auditor (`AuditorEvent`):
`{plugin, eventId, severityLevel, actor, request, meta, status, error}`.

)" + backstage_table() +
         R"(
`request` is there when both of its members are, else they stand in `meta`; `error` is `{"name":"Error","message"}` of what failed, its
message `event_result` where there is no `error_message`. Absent members are left out. `meta` keeps the names of the log, so nothing is
lost; `meta.toolName` is `target_name` of tools, as Backstage's MCP plugin has it, and `meta.other` the members that are no known field.
`actor.hostname` is never there: Tallystick does not record it.
)";
}

}  // namespace tally::sink
