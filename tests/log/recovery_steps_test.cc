// SPDX-License-Identifier: Apache-2.0
// Recovery is interrupted itself, at every step and in every way, and done again; and no read that
// fails, at whatever place, may make the log worse.
#include "log/writing_process.h"
#include "storage/power_cut_choices.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

using storage::FaultKind;
using storage::SimulatedFileSystem;

/// A machine that went wrong in the middle of the usual actions.
struct Broken {
  std::unique_ptr<SimulatedFileSystem> machine;
  Ledger ledger{"/log"};
};

std::vector<Broken> broken_machines() {
  static const auto grown = [] {
    Broken out{std::make_unique<SimulatedFileSystem>()};
    EXPECT_TRUE(run_actions(*out.machine, out.ledger, {{60, {}}, {0, PublishReason::close}}));
    return out;
  }();
  std::vector<Broken> out;
  for (const FaultKind kind : {FaultKind::crash_inside, FaultKind::failed_sync}) {
    // A stride without a factor in common with the steps of a commit, so that it meets all of them.
    for (std::uint64_t step = 3;; step += 11 * kStride) {
      auto machine = grown.machine->after_process_crash();
      Ledger ledger = grown.ledger;
      machine->fail_at(step, kind);
      // Without a second start: what comes next is the recovery that the test is about.
      WritingProcess process(*machine, *machine, ledger);
      if (process.start()) {
        for (const Action& action : usual_actions()) {
          static_cast<void>(action.append > 0 ? process.append(action.append)
                                              : process.publish(action.publish));
          if (process.finished() || machine->crashed()) break;
        }
      }
      if (machine->faults_hit() == 0) break;
      out.push_back({machine->after_process_crash(), ledger});
      if (kind == FaultKind::crash_inside) out.push_back({machine->after_power_cut(step), ledger});
    }
  }
  return out;
}

class RecoveryStepsTest : public ::testing::TestWithParam<FaultKind> {};

TEST_P(RecoveryStepsTest, AreInterruptedAndDoneAgain) {
  static const std::vector<Broken> broken = broken_machines();
  std::size_t recoveries = 0;
  for (std::size_t i = 0; i < broken.size(); ++i) {
    for (std::uint64_t step = 0;; ++step) {
      SCOPED_TRACE("machine " + std::to_string(i) + ", " +
                   std::string(fault_kind_name(GetParam())) + " at step " + std::to_string(step) +
                   " of recovery");
      auto machine = broken[i].machine->after_process_crash();
      Ledger ledger = broken[i].ledger;
      machine->fail_at(step, GetParam());
      {
        WritingProcess process(*machine, *machine, ledger);
        static_cast<void>(process.start());
      }
      if (machine->faults_hit() == 0) break;
      ++recoveries;
      expect_survives(*machine, ledger, step);
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(recoveries, 100U / kStride);
}

INSTANTIATE_TEST_SUITE_P(Some, RecoveryStepsTest,
                         ::testing::Values(FaultKind::io_error, FaultKind::failed_sync,
                                           FaultKind::crash_inside, FaultKind::crash_after),
                         [](const auto& kind) { return std::string(fault_kind_name(kind.param)); });

TEST(EveryReadTest, FailsOnceAndHarmsNothing) {
  for (std::uint64_t step = 0;; step += kStride) {
    SCOPED_TRACE("read " + std::to_string(step));
    SimulatedFileSystem machine;
    Ledger ledger("/log");
    machine.fail_read_at(step);
    run_actions(machine, ledger, usual_actions());
    if (machine.faults_hit() == 0) break;
    expect_lives_on(*machine.after_process_crash(), ledger);
    expect_lives_on(*machine.after_power_cut(storage::PowerCutChoices::kNothing), ledger);
    if (::testing::Test::HasFailure()) break;
  }
}

}  // namespace
}  // namespace tally::log
