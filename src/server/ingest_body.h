// SPDX-License-Identifier: Apache-2.0
// The body of POST /api/audit/events cut into events: one, an array, or lines.
#pragma once

#include "base/result.h"
#include "http/content_decoder.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tally::server {

enum class IngestForm : unsigned char { one, array, lines };

/// A byte order mark at the beginning of a body says nothing and is left out (RFC 8259, 8.1);
/// anywhere else it is an error of the event it stands in.
[[nodiscard]] std::string_view without_byte_order_mark(std::string_view body);

/// By Content-Type: JSON, or NDJSON. Errors: unsupported, saying what to send.
[[nodiscard]] Result<IngestForm> ingest_form(std::string_view media_type, std::string_view body);

struct RawEvent {
  std::size_t index;  ///< element of the array, or line
  std::string_view text;
};

/// Events of a body that is kept while they are used. Blank lines are left out. Errors: malformed
/// for an array that is no JSON (nothing can be told apart then), too_large beyond
/// kIngestEventsMax, invalid_argument when there is none.
[[nodiscard]] Result<std::vector<RawEvent>> split_events(IngestForm form, std::string_view body);

/// The body as it was before `codings`. Errors: malformed, too_large beyond kApiBodyBytesMax.
[[nodiscard]] Result<std::string> decode_body(std::string body,
                                              const std::vector<http::ContentCoding>& codings);

}  // namespace tally::server
