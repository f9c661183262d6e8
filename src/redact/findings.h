// SPDX-License-Identifier: Apache-2.0
// Taking note of what was removed, within bounds.
#pragma once

#include "redact/redact.h"

#include <string>
#include <string_view>

namespace tally::redact {

/// Adds a finding. The list of one event is bounded (kRedactionsMax): the last entry then has the
/// rule "more".
void note(Sink sink, std::string_view path, std::string rule, std::string_view action);

/// Whether a value is a stand-in already (the mask, a digest): it stays, so that redacting twice
/// changes nothing.
[[nodiscard]] bool is_stand_in(std::string_view value);

}  // namespace tally::redact
