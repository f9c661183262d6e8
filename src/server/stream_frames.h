// SPDX-License-Identifier: Apache-2.0
// Server-sent events as the stream of the log writes them (WHATWG HTML, "Server-sent events").
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace tally::server {

/// `id: SEQ`, `event: NAME`, `data:` the whole entry. NAME is the entry's event_name, or "entry"
/// where that is absent, no plain word, or a name that the stream or browsers use themselves.
void append_entry_frame(std::string& out, std::uint64_t seq, std::string_view line);

/// Entries below `next` are done with: a client that resumes begins there. Sets the id without an
/// event that clients would see, behind a comment; for 0 the comment alone.
void append_position_frame(std::string& out, std::uint64_t next);
/// The same with how long clients wait before they connect again.
void append_retry_frame(std::string& out, std::uint64_t next, std::chrono::milliseconds retry);

/// An event of the stream itself: lagging, dropped, ended. `members` of its JSON object after
/// {"resume":NEXT, "" for none; the id stays at next - 1.
void append_notice_frame(std::string& out, std::string_view name, std::uint64_t next,
                         std::string_view members);

}  // namespace tally::server
