// SPDX-License-Identifier: Apache-2.0
// The back half of `append`: batches on their way to the disk while the next ones are read and
// checked.
#pragma once

#include "base/limits.h"
#include "base/result.h"
#include "log/entry.h"
#include "log/writer.h"

#include <cstdint>
#include <deque>
#include <vector>

namespace tally::cli {

/// Lines of the input whose events are not in the log, and why.
struct LostLines {
  std::uint64_t first;
  std::uint64_t last;
  Error why;
};

/// Not thread-safe. Memory: kBatchesInFlight + 1 commits.
class AppendBatches {
 public:
  /// `entries_max`: of one batch, 1 to kCommitEntriesMax. `writer` must outlive it.
  AppendBatches(log::Writer& writer, std::size_t entries_max);

  /// Adds the event of line `line`; hands over a batch when it is full and waits when
  /// kBatchesInFlight are on their way. False once something was lost: add nothing more.
  [[nodiscard]] bool add(log::EntryText entry, std::uint64_t line);
  /// To be called when no input is there: hands over what there is, or waits for a commit under
  /// way so that what comes meanwhile shares the next one. False when there is nothing to do.
  [[nodiscard]] bool idle();
  /// Hands over the rest and waits for everything.
  void finish();

  /// A string that was an event once, or an empty one: memory for the next.
  [[nodiscard]] std::string spare();

  /// Durable events.
  [[nodiscard]] std::uint64_t appended() const { return appended_; }
  /// Empty while all is well. After the first failure nothing more was handed over, so these are
  /// all.
  [[nodiscard]] const std::vector<LostLines>& lost() const { return lost_; }

 private:
  struct Batch {
    std::vector<log::EntryText> entries;
    std::size_t bytes = 0;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
  };
  struct OnItsWay {
    log::Writer::Ticket ticket;
    std::size_t entries;
    std::uint64_t first;
    std::uint64_t last;
  };

  void submit();
  void wait_for_oldest();
  void lose(std::uint64_t first, std::uint64_t last, const Error& why);

  log::Writer& writer_;
  std::size_t entries_max_;
  Batch next_;
  std::deque<OnItsWay> on_their_way_;
  std::vector<log::EntryText> spent_;
  std::uint64_t appended_ = 0;
  std::vector<LostLines> lost_;
  bool losing_ = false;  // the last batch that was settled was lost
};

}  // namespace tally::cli
