// SPDX-License-Identifier: Apache-2.0
#include "storage/fault_plan.h"

#include "base/check.h"

#include <algorithm>

namespace tally::storage {

std::string_view fault_kind_name(FaultKind kind) {
  switch (kind) {
    case FaultKind::io_error: return "io_error";
    case FaultKind::disk_full: return "disk_full";
    case FaultKind::disk_full_part_written: return "disk_full_part_written";
    case FaultKind::short_write: return "short_write";
    case FaultKind::failed_sync: return "failed_sync";
    case FaultKind::crash_inside: return "crash_inside";
    case FaultKind::crash_after: return "crash_after";
  }
  TALLY_CHECK(!"FaultKind out of range");
  return {};
}

void FaultPlan::clear() {
  faults_.clear();
  read_faults_.clear();
}

std::optional<FaultKind> FaultPlan::next(Step step) {
  const std::uint64_t number = steps_++;
  const auto due = std::find_if(faults_.begin(), faults_.end(), [&](const Fault& fault) {
    if (fault.kind == FaultKind::failed_sync) return step == Step::sync && fault.step <= number;
    return fault.step == number;
  });
  if (due == faults_.end()) return std::nullopt;
  const FaultKind kind = due->kind;
  faults_.erase(due);
  ++hits_;
  return kind;
}

bool FaultPlan::next_read() {
  const std::uint64_t number = read_steps_++;
  const auto due = std::find(read_faults_.begin(), read_faults_.end(), number);
  if (due == read_faults_.end()) return false;
  read_faults_.erase(due);
  ++hits_;
  return true;
}

}  // namespace tally::storage
