// SPDX-License-Identifier: Apache-2.0
// One process syncs its head while the next has written its lines already: what each may rely on,
// whatever becomes of the other or of the machine.
#include "log/hooked_file_system.h"
#include "log/writing_process.h"
#include "storage/power_cut_choices.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace tally::log {
namespace {

using storage::FaultKind;
using storage::SimulatedFileSystem;

constexpr std::uint64_t kHeadLockByte = 3;

/// Two processes; `overlap` stops `first` before the sync of its head and `second` before it takes
/// the head lock, its lines being durable.
class OverlappingCommitsTest : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  OverlappingCommitsTest() {
    EXPECT_TRUE(run_actions(machine_, ledger_, {{10, {}}, {0, PublishReason::close}}));
    EXPECT_TRUE(first_.start());
    EXPECT_TRUE(second_.start());
    EXPECT_TRUE(second_.append(1));
    EXPECT_TRUE(first_.append(1));
  }

  struct Outcome {
    Result<void> first, second;
  };
  /// `meanwhile` runs when both stand there; the second goes on when the first one's commit has
  /// ended.
  Outcome overlap(const std::function<void()>& meanwhile) {
    std::promise<void> second_waits;
    std::promise<void> first_ended;
    bool stopped = false;
    second_view_.hooks().before_try_lock = [&](std::uint64_t offset) {
      if (offset != kHeadLockByte || std::exchange(stopped, true)) return;
      second_waits.set_value();
      first_ended.get_future().wait();
    };
    Outcome outcome;
    const auto entries = ledger_.new_entries(2);
    Result<std::vector<Appended>> appended;
    std::thread second;
    bool overlapped = false;
    first_view_.hooks().before_sync = [&](const std::string& path) {
      if (path != layout_.head() || std::exchange(overlapped, true)) return;
      second = std::thread([&] { appended = commit(second_.committer(), entries); });
      second_waits.get_future().wait();
      meanwhile();
    };
    outcome.first = first_.append(1);
    first_ended.set_value();
    EXPECT_TRUE(overlapped);
    if (overlapped) second.join();
    first_view_.hooks() = {};
    second_view_.hooks() = {};
    if (appended) {
      ledger_.acknowledge(entries, *appended);
    } else {
      outcome.second = tl::unexpected(appended.error());
    }
    return outcome;
  }

  static Result<std::vector<Appended>> commit(Committer& committer,
                                              const std::vector<EntryText>& entries) {
    TALLY_TRY(const bool locked, committer.try_lock());
    if (!locked) return fail(Errc::timeout, "the commit lock is held");
    auto done = committer.commit(entries);
    committer.unlock();
    return done;
  }

  SimulatedFileSystem machine_;
  Ledger ledger_{"/log"};
  Layout layout_{"/log"};
  HookedFileSystem first_view_{machine_};
  HookedFileSystem second_view_{machine_};
  /// The parameter: after how many bytes a segment is full. With 1 every commit rolls.
  WritingProcess first_{first_view_, machine_, ledger_, GetParam()};
  WritingProcess second_{second_view_, machine_, ledger_, GetParam()};
};

TEST_P(OverlappingCommitsTest, BothAreDurable) {
  const auto outcome = overlap([] {});
  ASSERT_TRUE(outcome.first) << outcome.first.error().detail;
  ASSERT_TRUE(outcome.second) << outcome.second.error().detail;
  expect_survives(machine_, ledger_, 3);
}

TEST_P(OverlappingCommitsTest, APowerCutInBetweenKeepsWhatWasAcknowledged) {
  const auto outcome = overlap([&] {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      SCOPED_TRACE("power cut with seed " + std::to_string(seed));
      expect_lives_on(*machine_.after_power_cut(seed), ledger_);
    }
    expect_lives_on(*machine_.after_process_crash(), ledger_);
  });
  EXPECT_TRUE(outcome.first && outcome.second);
}

TEST_P(OverlappingCommitsTest, TheFirstOneDiesBeforeItsHeadIsSynced) {
  const auto outcome = overlap([&] { first_view_.kill(); });
  EXPECT_FALSE(outcome.first);
  ASSERT_TRUE(outcome.second) << outcome.second.error().detail;
  for (std::uint64_t seed = 0; seed < 20; ++seed) expect_survives(machine_, ledger_, seed);
}

TEST_P(OverlappingCommitsTest, TheFirstOnesSyncFailsAndTheSecondMendsIt) {
  const auto outcome = overlap([&] { machine_.fail_at(machine_.steps(), FaultKind::failed_sync); });
  ASSERT_FALSE(outcome.first);
  EXPECT_EQ(outcome.first.error().code, Errc::sync_failed);
  EXPECT_EQ(machine_.faults_hit(), 1U);
  // It learns of the failure from the mark; its own open file may tell it once more.
  if (!outcome.second) {
    EXPECT_EQ(outcome.second.error().code, Errc::sync_failed);
  }
  for (std::uint64_t seed = 0; seed < 20; ++seed) expect_survives(machine_, ledger_, seed);
}

TEST_P(OverlappingCommitsTest, TheSecondOneDiesInItsTurn) {
  const auto outcome = overlap([&] { second_view_.kill(); });
  ASSERT_TRUE(outcome.first) << outcome.first.error().detail;
  EXPECT_FALSE(outcome.second);
  EXPECT_TRUE(first_.append(2)) << "it cuts what the other one left";
  expect_survives(machine_, ledger_, 5);
}

INSTANTIATE_TEST_SUITE_P(Segments, OverlappingCommitsTest, ::testing::Values(1U, 700U, 1U << 20));

}  // namespace
}  // namespace tally::log
