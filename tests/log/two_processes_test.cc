// SPDX-License-Identifier: Apache-2.0
// Two processes append to one log in turn, and one of them dies at every step, while the other,
// which knows the log as it was, goes on.
#include "log/mortal_file_system.h"
#include "log/writing_process.h"
#include "storage/power_cut_choices.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

using storage::FaultKind;
using storage::SimulatedFileSystem;

struct Shared {
  SimulatedFileSystem machine;
  Ledger ledger{"/log"};
  Shared() { EXPECT_TRUE(run_actions(machine, ledger, {{40, {}}, {0, PublishReason::close}})); }
};

/// What the process that dies does; what the survivor did before is in its memory.
void live_until_death(WritingProcess& process) {
  if (!process.start()) return;
  for (const Action& action : {Action{3, {}}, Action{0, PublishReason::interval}, Action{8, {}},
                               Action{1, {}}, Action{0, PublishReason::request}}) {
    static_cast<void>(action.append > 0 ? process.append(action.append)
                                        : process.publish(action.publish));
  }
}

/// `segment_bytes` of the survivor: it may roll later than the one that dies.
void die_at_every_step(bool inside, std::uint64_t segment_bytes) {
  static const Shared shared;
  for (std::uint64_t step = 0;; step += kStride) {
    SCOPED_TRACE((inside ? "dies inside step " : "dies after step ") + std::to_string(step));
    const auto machine = shared.machine.after_process_crash();
    Ledger ledger = shared.ledger;
    WritingProcess survivor(*machine, *machine, ledger, segment_bytes);
    ASSERT_TRUE(survivor.start());
    ASSERT_TRUE(survivor.append(2));
    bool died = false;
    {
      MortalFileSystem view(*machine, {.last = step, .inside = inside});
      WritingProcess mortal(view, *machine, ledger);
      live_until_death(mortal);
      died = view.dead();
    }
    if (!died) break;
    // Signing first: what the dead one left must not be signed before it is durable.
    const auto published = survivor.publish(PublishReason::request);
    ASSERT_TRUE(published) << published.error().detail;
    for (const std::uint64_t cut : {storage::PowerCutChoices::kNothing, step + 2}) {
      SCOPED_TRACE("after signing and a power cut with seed " + std::to_string(cut));
      expect_lives_on(*machine->after_power_cut(cut), ledger);
    }
    for (const std::size_t count : {1U, 9U, 9U, 9U}) {
      const auto appended = survivor.append(count);
      ASSERT_TRUE(appended) << appended.error().detail;
    }
    expect_survives(*machine, ledger, step);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(TwoProcessesTest, OneDiesInsideEveryStep) { die_at_every_step(true, 700); }
TEST(TwoProcessesTest, OneDiesAfterEveryStep) { die_at_every_step(false, 700); }
TEST(TwoProcessesTest, OneDiesInsideEveryStepAndTheOtherRollsLater) {
  die_at_every_step(true, 4000);
}
TEST(TwoProcessesTest, OneDiesAfterEveryStepAndTheOtherRollsLater) {
  die_at_every_step(false, 4000);
}

/// The sync of one process fails; `survivor_signs_first` decides what the other does next.
void fail_every_sync(bool survivor_signs_first) {
  static const Shared shared;
  std::uint64_t first_step = 0;
  for (std::uint64_t step = 0;; ++step) {
    SCOPED_TRACE("sync fails at step " + std::to_string(step));
    const auto machine = shared.machine.after_process_crash();
    Ledger ledger = shared.ledger;
    WritingProcess survivor(*machine, *machine, ledger);
    ASSERT_TRUE(survivor.start());
    ASSERT_TRUE(survivor.append(2));
    if (first_step == 0) first_step = machine->steps();
    {
      WritingProcess unlucky(*machine, *machine, ledger);
      machine->fail_at(first_step + step, FaultKind::failed_sync);
      live_until_death(unlucky);
    }
    if (machine->faults_hit() == 0) break;
    machine->clear_faults();
    if (survivor_signs_first) {
      // Refused while the failure is not mended, or harmless: both are fine, a promise that breaks
      // is not.
      static_cast<void>(survivor.publish(PublishReason::request));
      expect_lives_on(*machine->after_power_cut(storage::PowerCutChoices::kNothing), ledger);
    }
    // It learns of the failure through its own open files, once, or from the mark, or not at all.
    static_cast<void>(survivor.append(3));
    static_cast<void>(survivor.publish(PublishReason::request));
    expect_survives(*machine, ledger, step);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(TwoProcessesTest, ASyncOfOneFailsAndTheOtherAppends) { fail_every_sync(false); }
TEST(TwoProcessesTest, ASyncOfOneFailsAndTheOtherSigns) { fail_every_sync(true); }

}  // namespace
}  // namespace tally::log
