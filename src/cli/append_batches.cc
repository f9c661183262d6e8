// SPDX-License-Identifier: Apache-2.0
#include "cli/append_batches.h"

#include "base/check.h"

#include <utility>

namespace tally::cli {

AppendBatches::AppendBatches(log::Writer& writer, std::size_t entries_max)
    : writer_(writer), entries_max_(entries_max) {
  TALLY_CHECK(entries_max > 0 && entries_max <= kCommitEntriesMax);
  next_.entries.reserve(entries_max_);
}

bool AppendBatches::add(log::EntryText entry, std::uint64_t line) {
  const std::size_t bytes = entry.object().size();
  const bool full = next_.entries.size() == entries_max_ ||
                    (!next_.entries.empty() && next_.bytes + bytes > kCommitBytesMax);
  if (full) submit();
  if (next_.entries.empty()) next_.first = line;
  next_.last = line;
  next_.bytes += bytes;
  next_.entries.push_back(std::move(entry));
  return lost_.empty();
}

void AppendBatches::submit() {
  while (on_their_way_.size() >= kBatchesInFlight) wait_for_oldest();
  Batch batch = std::exchange(next_, Batch{});
  next_.entries.reserve(entries_max_);
  if (batch.entries.empty()) return;
  if (!lost_.empty()) {
    lose(batch.first, batch.last, lost_.front().why);
    return;
  }
  const std::size_t entries = batch.entries.size();
  auto ticket = writer_.submit(std::move(batch.entries), kLockWait);
  if (!ticket) {
    while (!on_their_way_.empty()) wait_for_oldest();  // in the order of the lines
    lose(batch.first, batch.last, ticket.error());
    return;
  }
  on_their_way_.push_back({std::move(*ticket), entries, batch.first, batch.last});
}

void AppendBatches::wait_for_oldest() {
  OnItsWay oldest = std::move(on_their_way_.front());
  on_their_way_.pop_front();
  // After a failure later batches are withdrawn if they have not begun: a hole in the middle would
  // be harder to make good than a missing end.
  const auto deadline = lost_.empty() ? kLockWait : std::chrono::milliseconds(0);
  const auto done = writer_.wait(std::move(oldest.ticket), deadline, &spent_);
  if (done) {
    appended_ += oldest.entries;
    losing_ = false;
  } else {
    lose(oldest.first, oldest.last, lost_.empty() ? done.error() : lost_.front().why);
  }
}

void AppendBatches::lose(std::uint64_t first, std::uint64_t last, const Error& why) {
  if (std::exchange(losing_, true)) {
    lost_.back().last = last;
  } else {
    lost_.push_back({first, last, why});
  }
}

std::string AppendBatches::spare() {
  if (spent_.empty()) return {};
  std::string text = std::move(spent_.back()).release();
  spent_.pop_back();
  return text;
}

bool AppendBatches::idle() {
  if (!on_their_way_.empty()) {
    wait_for_oldest();
    return true;
  }
  if (next_.entries.empty() || !lost_.empty()) return false;
  submit();
  return true;
}

void AppendBatches::finish() {
  submit();
  while (!on_their_way_.empty()) wait_for_oldest();
}

}  // namespace tally::cli
