// SPDX-License-Identifier: Apache-2.0
// Counts I/O steps and says which of them fails and how, so that a test can fail every step in
// turn.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tally::storage {

enum class FaultKind {
  /// The call fails and did nothing. A sync: some of the sectors arrived, none is dirty any more.
  io_error,
  /// No space; a write kept nothing. On a sync the same as failed_sync, on the rest as io_error.
  disk_full,
  /// No space after a write kept a part. On the rest as disk_full.
  disk_full_part_written,
  /// A write kept a part, then the device failed. On the rest as io_error.
  short_write,
  /// The first sync, of a file or a directory, at or after the step: nothing of it arrived.
  failed_sync,
  /// The process ends in the middle of the call: a write kept a part, a rename happened or not.
  /// This and
  /// every later call fails.
  crash_inside,
  /// The process ends before it hears that the call succeeded. This and every later call fails.
  crash_after,
};

/// Every kind, for tests that go through all of them.
inline constexpr FaultKind kFaultKinds[] = {
    FaultKind::io_error,    FaultKind::disk_full,   FaultKind::disk_full_part_written,
    FaultKind::short_write, FaultKind::failed_sync, FaultKind::crash_inside,
    FaultKind::crash_after};

std::string_view fault_kind_name(FaultKind kind);

/// Not thread-safe.
class FaultPlan {
 public:
  /// One more fault, at changing step `step`, counted from 0 over the life of this plan.
  void fail_at(std::uint64_t step, FaultKind kind) { faults_.push_back({step, kind}); }
  /// The call that only looks and has this number fails with an I/O error.
  void fail_read_at(std::uint64_t step) { read_faults_.push_back(step); }
  /// Drops what has not happened yet.
  void clear();

  enum class Step { change, sync };
  /// Counts a step and says what happens to it: nothing unless planned.
  std::optional<FaultKind> next(Step step);
  /// Counts a reading step; true when it fails.
  bool next_read();

  std::uint64_t steps() const { return steps_; }
  std::uint64_t read_steps() const { return read_steps_; }
  /// Faults that have happened.
  std::uint64_t hits() const { return hits_; }

 private:
  struct Fault {
    std::uint64_t step;
    FaultKind kind;
  };
  std::vector<Fault> faults_;
  std::vector<std::uint64_t> read_faults_;
  std::uint64_t steps_ = 0;
  std::uint64_t read_steps_ = 0;
  std::uint64_t hits_ = 0;
};

}  // namespace tally::storage
