// SPDX-License-Identifier: Apache-2.0
// An entry as JSON, as the API and the exports show it.
#pragma once

#include "event/view.h"
#include "sink/exporter.h"

#include <string>
#include <string_view>

namespace tally::sink {

/// A line with the fields that clients of audit APIs expect: those the entry lacks stand there as
/// null. `checksum` and `previous`: leaf hashes in hex; without the first both are left out. A line
/// that is no event is null.
void append_entry(std::string& out, std::string_view line, std::string_view checksum = {},
                  std::string_view previous = {});

/// The same with both hashes; `view` is used for reading. A line that is no event becomes an object
/// with seq, the text as `unreadable`, and the hashes.
void append_entry(std::string& out, const Entry& entry, event::EventView& view);

/// `,"checksum":"…","previous_checksum":…`
void append_checksums(std::string& out, std::string_view checksum, std::string_view previous);

}  // namespace tally::sink
