// SPDX-License-Identifier: Apache-2.0
// The bounded queue between callers and the writer thread.
#pragma once

#include "base/clock.h"
#include "base/limits.h"
#include "base/result.h"
#include "log/entry.h"
#include "log/writer.h"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace tally::log {

/// One batch of a caller. Guarded by the queue's mutex, except that its entries belong to the
/// writer thread once it was taken.
struct Writer::Ticket::State {
  std::vector<EntryText> entries;
  std::size_t bytes = 0;
  bool awaited = true;
  bool unwanted = false;  ///< whoever handed it over has given up
  Writer::Placed told;    ///< instead of somebody who waits
  enum class Stage { queued, taken, done } stage = Stage::queued;
  Result<std::vector<Appended>> result = std::vector<Appended>();
  std::condition_variable finished;
};

/// Of their texts, without numbers.
[[nodiscard]] std::size_t bytes_of(const std::vector<EntryText>& entries);

/// Thread-safe. First in, first out; a batch is never split.
class SubmissionQueue {
 public:
  using Item = std::shared_ptr<Writer::Ticket::State>;

  /// Errors: overloaded after `room`, closed.
  [[nodiscard]] Result<void> push(Item item, std::chrono::milliseconds room);
  /// The same without waiting; false when there is no room now, or it is closed.
  [[nodiscard]] bool try_push(const Item& item);
  /// The same for entries that nobody waits for. On success `entries` holds what entries that are
  /// done with have left.
  [[nodiscard]] bool try_push_unawaited(std::vector<EntryText>& entries);
  /// Whether somebody has given up on one of these, so that a commit that has to wait for another
  /// process should rather fail.
  [[nodiscard]] bool in_a_hurry(const std::vector<Item>& items);
  /// Takes an item out again that nobody began to commit. False when a commit has begun; if that
  /// one cannot take it, no other will.
  [[nodiscard]] bool withdraw(const Item& item);
  /// Waits for the result; withdraws the item when `deadline` ends before it was taken (then
  /// nullopt). One that was taken by then is in a hurry.
  [[nodiscard]] std::optional<Result<std::vector<Appended>>> wait(
      const Item& item, std::chrono::milliseconds deadline);

  /// Waits until there is something that should be committed now: an awaited item, a full batch, an
  /// item that is `flush_interval` old, or the end. False at the end (closed and empty).
  [[nodiscard]] bool wait_for_work(std::chrono::milliseconds flush_interval);
  /// Takes items for one commit: at most `entries_max` entries and kCommitBytesMax bytes, at least
  /// one item.
  [[nodiscard]] std::vector<Item> take(std::size_t entries_max);
  /// Puts items back in front, in their order: they could not be committed now, and their callers
  /// may withdraw them; those that were to be withdrawn meanwhile fail with `why`. False, with
  /// nothing done, after drain().
  [[nodiscard]] bool put_back(const std::vector<Item>& items, const Error& why);
  /// Gives an item its result. Who is told is told before, on this thread.
  void finish(const Item& item, Result<std::vector<Appended>> result);
  /// The same for all items of a commit.
  void finish_committed(const std::vector<Item>& items, const std::vector<Appended>& appended);

  /// Makes everything queued due now.
  void flush();
  /// Refuses new items; wait_for_work() ends once the queue is empty.
  void close();
  /// Whether the queue is open, empty, and nothing is with the writer thread.
  [[nodiscard]] bool idle();
  /// Waits until all that was pushed is finished; false when `limit` ended first.
  [[nodiscard]] bool wait_idle(std::chrono::milliseconds limit);
  /// Takes everything out (to fail it), for good.
  [[nodiscard]] std::vector<Item> drain();

 private:
  [[nodiscard]] bool has_room(const Item& item) const;
  void add(Item item, std::unique_lock<std::mutex> lock);
  [[nodiscard]] static std::size_t room_in(const Item& item);
  [[nodiscard]] Item spare_item();
  void keep_spare(const Item& item);
  void take_back(const Item& item);
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable room_;
  std::condition_variable idle_;
  std::deque<Item> items_;
  std::size_t entries_ = 0;
  std::size_t bytes_ = 0;
  std::size_t awaited_ = 0;  // items in the queue that somebody waits for
  std::size_t taken_ = 0;    // items with the writer thread
  std::vector<Item> spares_;
  std::size_t spare_bytes_ = 0;  // of their texts
  std::chrono::steady_clock::time_point oldest_{};
  bool flush_ = false;
  bool closed_ = false;
  bool drained_ = false;
};

}  // namespace tally::log
