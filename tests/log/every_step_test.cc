// SPDX-License-Identifier: Apache-2.0
// Every I/O step of a process that writes fails once, in every way a step can fail, and after each
// the log must have kept what it promised.
#include "log/writing_process.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

using storage::FaultKind;
using storage::SimulatedFileSystem;
using storage::SimulatedOptions;

class EveryStepTest : public ::testing::TestWithParam<FaultKind> {};

/// A log shortly before its first tile is full, in several segments, signed.
struct Grown {
  SimulatedFileSystem machine;
  Ledger ledger{"/log"};
  Grown() {
    EXPECT_TRUE(run_actions(machine, ledger, {{120, {}}, {120, {}}, {0, PublishReason::close}}));
  }
};

std::string step_name(FaultKind kind, std::uint64_t step) {
  return std::string(fault_kind_name(kind)) + " at step " + std::to_string(step);
}

TEST_P(EveryStepTest, OfCreatingALogAndItsFirstEntries) {
  const std::vector<Action> actions = {{1, {}}, {2, {}}, {0, PublishReason::request}, {3, {}}};
  for (std::uint64_t step = 0;; step += kStride) {
    SCOPED_TRACE(step_name(GetParam(), step));
    SimulatedFileSystem machine(SimulatedOptions{.seed = step});
    Ledger ledger("/log");
    machine.fail_at(step, GetParam());
    run_actions(machine, ledger, actions);
    if (machine.faults_hit() == 0) break;
    expect_survives(machine, ledger, step);
    if (HasFailure()) break;
  }
}

TEST_P(EveryStepTest, OfAppendingRollingAndSigning) {
  static const Grown grown;
  std::uint64_t tried = 0;
  for (std::uint64_t step = 0;; step += kStride, ++tried) {
    SCOPED_TRACE(step_name(GetParam(), step));
    const auto machine = grown.machine.after_process_crash();
    Ledger ledger = grown.ledger;
    machine->fail_at(step, GetParam());
    run_actions(*machine, ledger, usual_actions());
    if (machine->faults_hit() == 0) break;
    expect_survives(*machine, ledger, step);
    if (HasFailure()) break;
  }
  EXPECT_GT(tried * kStride, 100U);
}

INSTANTIATE_TEST_SUITE_P(All, EveryStepTest, ::testing::ValuesIn(storage::kFaultKinds),
                         [](const auto& kind) { return std::string(fault_kind_name(kind.param)); });

}  // namespace
}  // namespace tally::log
