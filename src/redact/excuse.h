// SPDX-License-Identifier: Apache-2.0
// Which values under a sensitive name are no secrets: counts, dates, addresses, registered names.
#pragma once

#include "redact/keys.h"

#include <string_view>

namespace tally::redact {

/// Whether a JSON number stays visible.
[[nodiscard]] bool excuses_number(Excuse excuse);
/// Whether a string of JSON, unescaped, stays visible.
[[nodiscard]] bool excuses_string(Excuse excuse, std::string_view value);
/// The same where text does not tell strings, numbers and literals apart: --tokens=5, auth-url=...
[[nodiscard]] bool excuses_text(Excuse excuse, std::string_view value);

}  // namespace tally::redact
