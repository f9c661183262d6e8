// SPDX-License-Identifier: Apache-2.0
#include "log/writing_process.h"

#include "base/clock.h"
#include "log/checkpoint_files.h"
#include "log/log_fixture.h"
#include "storage/power_cut_choices.h"

namespace tally::log {

WritingProcess::WritingProcess(storage::FileSystem& fs, const storage::SimulatedFileSystem& machine,
                               Ledger& ledger, std::uint64_t segment_bytes)
    : fs_(fs), machine_(machine), ledger_(ledger), segment_bytes_(segment_bytes) {}

Result<void> WritingProcess::start() {
  RepeatableRandom random(machine_.steps());
  TALLY_TRY(auto opened, open_or_create(fs_, ledger_.layout().directory(), {}, false,
                                        test_environment(), random));
  keys_ = std::make_unique<Keys>(std::move(opened.keys));
  // Pieces of a few lines, so that steps fail between them as well, and room for a few commits.
  constexpr std::size_t kPieceBytes = 500;
  constexpr std::size_t kRoom = 400;
  TALLY_TRY(committer_, Committer::open(fs_, ledger_.layout(), *keys_,
                                        {.segment_bytes = segment_bytes_,
                                         .piece_bytes = kPieceBytes,
                                         .room_bytes = kRoom,
                                         .room_commits = 1,
                                         .room_after = 1}));
  TALLY_TRY(auto publisher, Publisher::open(fs_, ledger_.layout(), *keys_, system_clock()));
  publisher_ = std::make_unique<Publisher>(std::move(publisher));
  TALLY_TRY(const bool locked, committer_->try_lock());
  if (!locked) return fail(Errc::timeout, "the commit lock is held");
  committer_->unlock();
  return {};
}

Result<void> WritingProcess::append(std::size_t count) {
  const auto entries = ledger_.new_entries(count);
  // Never the blocking kind: a lock that somebody forgot to release must fail the test, not hang
  // it.
  auto locked = committer_->try_lock();
  if (!locked) {
    finished_ = committer_->poisoned();
    return tl::unexpected(std::move(locked).error());
  }
  if (!*locked) return fail(Errc::timeout, "the commit lock is held");
  auto done = committer_->commit(entries);
  committer_->unlock();
  finished_ = committer_->poisoned();
  TALLY_TRY(const auto appended, std::move(done));
  ledger_.acknowledge(entries, appended);
  return {};
}

Result<void> WritingProcess::publish(PublishReason reason) {
  auto published = publisher_->publish(reason, std::chrono::milliseconds(0));
  ledger_.look(machine_, keys_->signer.verifier());
  if (published)
    return *published ? Result<void>() : fail(Errc::timeout, "the publisher lock is held");
  const Errc code = published.error().code;
  if (code == Errc::sync_failed || code == Errc::corrupt || code == Errc::mismatch)
    finished_ = true;
  return tl::unexpected(std::move(published).error());
}

const std::vector<Action>& usual_actions() {
  static const std::vector<Action> actions = {{1, {}},
                                              {3, {}},
                                              {0, PublishReason::interval},
                                              {1, {}},
                                              {6, {}},
                                              {0, PublishReason::request},
                                              {12, {}},
                                              {2, {}},
                                              {1, {}},
                                              {0, PublishReason::interval},
                                              {4, {}},
                                              {0, PublishReason::close}};
  return actions;
}

bool run_actions(storage::SimulatedFileSystem& machine, Ledger& ledger,
                 const std::vector<Action>& actions) {
  bool all_well = true;
  std::unique_ptr<WritingProcess> process;
  for (const Action& action : actions) {
    if (process && process->finished()) process.reset();
    if (!process) {
      process = std::make_unique<WritingProcess>(machine, machine, ledger);
      if (!process->start()) {
        process.reset();
        all_well = false;
        continue;
      }
    }
    const auto done =
        action.append > 0 ? process->append(action.append) : process->publish(action.publish);
    if (!done) all_well = false;
    if (machine.crashed()) break;
  }
  return all_well;
}

void expect_lives_on(storage::SimulatedFileSystem& machine, Ledger ledger) {
  WritingProcess first(machine, machine, ledger);
  const auto started = first.start();
  ASSERT_TRUE(started) << started.error().detail;
  ledger.look(machine, first.keys().signer.verifier());
  ledger.expect_kept(machine, first.keys());

  const auto before = contents_of(machine, ledger.layout());
  {
    WritingProcess second(machine, machine, ledger);
    const auto again = second.start();
    ASSERT_TRUE(again) << again.error().detail;
    const auto report = second.committer().take_recovery_report();
    EXPECT_FALSE(report.has_value()) << "the second recovery found something to do";
  }
  EXPECT_EQ(before == contents_of(machine, ledger.layout()), true)
      << "the second recovery changed something";

  for (const std::size_t count : {1U, 9U, 2U}) {
    const auto appended = first.append(count);
    ASSERT_TRUE(appended) << appended.error().detail;
  }
  const auto closed = first.publish(PublishReason::close);
  ASSERT_TRUE(closed) << closed.error().detail;
  ledger.expect_kept(machine, first.keys());
  const auto latest = read_checkpoint(machine, ledger.layout(), first.keys().signer.verifier());
  ASSERT_TRUE(latest) << latest.error().detail;
  EXPECT_GE(latest->size().value(), ledger.acknowledged()) << "closed, but not all signed";
}

void expect_survives(const storage::SimulatedFileSystem& machine, const Ledger& ledger,
                     std::uint64_t seed) {
  using storage::PowerCutChoices;
  const auto all_cuts = [&](const storage::SimulatedFileSystem& before, const Ledger& promised,
                            std::string_view when) {
    for (const std::uint64_t cut :
         {PowerCutChoices::kNothing, PowerCutChoices::kEverything, seed + 2}) {
      if (::testing::Test::HasFailure()) return;
      SCOPED_TRACE(std::string(when) + " power cut with seed " + std::to_string(cut));
      expect_lives_on(*before.after_power_cut(cut), promised);
    }
  };
  {
    SCOPED_TRACE("in the same boot");
    expect_lives_on(*machine.after_process_crash(), ledger);
  }
  all_cuts(machine, ledger, "after a");
  // A second life in the same boot, then the power cut: what the first left unsynced must not hurt
  // the second.
  const auto went_on = machine.after_process_crash();
  Ledger second_life = ledger;
  run_actions(*went_on, second_life, {{2, {}}, {5, {}}});
  all_cuts(*went_on, second_life, "after more entries in the same boot and a");
}

}  // namespace tally::log
