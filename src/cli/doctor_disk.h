// SPDX-License-Identifier: Apache-2.0
// `doctor`: what the log stands on - file system, space, how long a sync takes.
#pragma once

#include "base/clock.h"
#include "cli/doctor_report.h"
#include "storage/file_system.h"

#include <string>

namespace tally::cli {

/// Checks log.filesystem, log.space and log.sync of an existing folder. Leaves nothing behind: the
/// file that is synced has no name. `single_writer`: the operator vouches for the file system.
void check_disk(DoctorReport& report, storage::FileSystem& fs, const Clock& clock,
                const std::string& directory, bool single_writer);

}  // namespace tally::cli
