// SPDX-License-Identifier: Apache-2.0
// One field line, as it stands in heads and in the trailers of chunked bodies.
#pragma once

#include "http/chars.h"
#include "http/fields.h"
#include "http/head_fault.h"

#include <optional>
#include <string_view>

namespace tally::http {

/// Splits `line` (without its CRLF, not empty) into name and value; views into it. Gives the fault
/// when it is none: obs-fold, white space before the colon, characters that may not stand there.
[[nodiscard]] MaybeFault split_field(std::string_view line, Field& field);

/// The fault for a character that no line may hold.
[[nodiscard]] MaybeFault fault_of(ValueChar found);

}  // namespace tally::http
