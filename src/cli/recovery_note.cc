// SPDX-License-Identifier: Apache-2.0
#include "cli/recovery_note.h"

#include "cli/console.h"

namespace tally::cli {

record::RecoveryFacts recovery_facts(const log::RecoveryReport& report) {
  return {.bytes_cut = report.bytes_cut,
          .lines_cut = report.lines_cut,
          .cut_sha256 = report.cut_sha256,
          .segments_removed = report.segments_removed,
          .lines_rewritten = report.lines_rewritten,
          .tree_rebuilt = report.tree_rebuilt};
}

std::string describe_recovery(const log::RecoveryReport& report) {
  std::string out = "recovered after a writer had ended early";
  const char* separator = ": ";
  const auto add = [&](const std::string& text) {
    out += separator + text;
    separator = ", ";
  };
  if (report.bytes_cut != 0) {
    add(counted(report.bytes_cut, "byte", "bytes") + " behind the last commit cut off (" +
        counted(report.lines_cut, "entry", "entries") + " that nobody was told were recorded)");
  }
  if (report.segments_removed != 0) {
    add(counted(report.segments_removed, "empty segment", "empty segments") + " removed");
  }
  if (report.tree_rebuilt) add("tree files derived again");
  if (report.lines_rewritten != 0) {
    add(counted(report.lines_rewritten, "entry", "entries") + " written again after a failed sync");
  }
  return out + "; the event audit-log-recovered says so in the log";
}

}  // namespace tally::cli
