// SPDX-License-Identifier: Apache-2.0
// The way back of `export --format backstage` (src/sink/backstage_format.cc).
#pragma once

#include "base/json.h"

#include <optional>
#include <string>

namespace tally::dialect {

/// The event that was exported as `object`; nullopt when it is of somebody else: `meta` of ours has
/// seq, event_id, timestamp and event_type.
[[nodiscard]] std::optional<std::string> from_own_export(json::Value object);

}  // namespace tally::dialect
