// SPDX-License-Identifier: Apache-2.0
// What recovery cut or repaired, for the operator and for the event that record/ makes of it.
#pragma once

#include "log/recovery.h"
#include "record/log_events.h"

#include <string>

namespace tally::cli {

/// "recovered after a writer had ended early: 512 bytes behind the last commit cut off ...".
[[nodiscard]] std::string describe_recovery(const log::RecoveryReport& report);

/// The same facts for record::recovery_event(), which must not know the log.
[[nodiscard]] record::RecoveryFacts recovery_facts(const log::RecoveryReport& report);

}  // namespace tally::cli
