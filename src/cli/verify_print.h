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
  bool of_range = false;         ///< only report.span was asked for
  bool named_by_server = false;  ///< which entries are of the time, the server said
};

/// Nothing is wrong, and of a range something was checked: an empty one proves nothing, because
/// that it is empty nobody signed.
[[nodiscard]] bool passed(const VerifySummary& summary);

/// Several lines; says what was checked, with which key, what was found and what cannot be found
/// without a checkpoint from elsewhere. File names in it are made visible.
[[nodiscard]] std::string verify_text(const VerifySummary& summary);

/// One line, "ok" is passed(): {"ok","size","signed_size","range":{"start_seq","end_seq"} if asked
/// for,"root","origin","trust","key","head_authenticated",
/// "checkpoints","outside","bytes","seconds","problems":[{"kind","seq","end","detail"}],
/// "problems_left_out","notes":[]}. seq and end are absent where a problem is of no entry.
[[nodiscard]] std::string verify_json(const VerifySummary& summary);

}  // namespace tally::cli
