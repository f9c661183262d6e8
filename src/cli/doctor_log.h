// SPDX-License-Identifier: Apache-2.0
// `doctor`: the log itself - head, keys, signatures, recoveries, index, spool, clock.
#pragma once

#include "base/clock.h"
#include "cli/doctor_report.h"
#include "config/serve_config.h"
#include "log/keyring.h"
#include "storage/file_system.h"

namespace tally::cli {

/// Reads only; takes no lock for longer than a reader does.
struct DoctorLogParts {
  storage::FileSystem& fs;
  const Clock& clock;
  const log::Environment& environment;
  const config::ServeConfig& config;
};

/// Checks log.directory, and if it is one log.keys, log.head, log.recovery, log.signed,
/// log.checkpoints, index, spool and clock; the disk below it in any case.
void check_log(DoctorReport& report, const DoctorLogParts& parts);

}  // namespace tally::cli
