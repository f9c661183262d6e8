// SPDX-License-Identifier: Apache-2.0
// What verification found, for people and for programs.
#pragma once

#include "log/verify_report.h"

#include <chrono>
#include <string>

namespace tally::cli {

struct VerifySummary {
  std::string directory;
  log::VerifyReport report;
  std::chrono::microseconds took;
};

/// Several lines; says what was checked, with which key, what was found and what cannot be found
/// without a checkpoint from elsewhere. File names in it are made visible.
[[nodiscard]] std::string verify_text(const VerifySummary& summary);

/// One line: {"ok","size","signed_size","root","origin","trust","key","head_authenticated",
/// "checkpoints","outside","bytes","seconds","problems":[{"kind","seq","end","detail"}],
/// "problems_left_out","notes":[]}. seq and end are absent where a problem is of no entry.
[[nodiscard]] std::string verify_json(const VerifySummary& summary);

}  // namespace tally::cli
