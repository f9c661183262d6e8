// SPDX-License-Identifier: Apache-2.0
// Single values of an event from outside: checked, and brought into the form in which encode()
// would write them.
#pragma once

#include "base/result.h"
#include "event/event.h"
#include "event/fields.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tally::event {

/// A string field. Returns `raw` itself where it is canonical already, else the new text in
/// `storage`. Identifying fields hold no NUL and at most kFieldBytesMax bytes; event_id must be a
/// UUID and becomes lower case.
[[nodiscard]] Result<std::string_view> canonical_text(Field field, std::string_view raw,
                                                      bool escaped, std::string& storage);

/// actor_verified, on_behalf_of, redactions, duration_ms: type-checked; empty for an empty list.
[[nodiscard]] Result<std::string_view> canonical_value(Field field, std::string_view raw,
                                                       std::string& storage);

/// Valid JSON without the white space between its tokens.
[[nodiscard]] std::string compact(std::string_view json);

/// Whether a JSON string (with quotes) is a usable event name or action.
[[nodiscard]] bool is_name(std::string_view raw, std::size_t bytes_max);

/// The array `existing` (may be empty) with `added` behind its elements.
[[nodiscard]] std::string merge_redactions(std::string_view existing,
                                           const std::vector<Redaction>& added);

}  // namespace tally::event
