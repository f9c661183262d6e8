// SPDX-License-Identifier: Apache-2.0
#include "log/submission.h"

#include <algorithm>

namespace tally::log {

using Stage = Writer::Ticket::State::Stage;

std::size_t bytes_of(const std::vector<EntryText>& entries) {
  std::size_t bytes = 0;
  for (const EntryText& entry : entries) bytes += entry.object().size();
  return bytes;
}

bool SubmissionQueue::has_room(const Item& item) const {
  // An item always fits an empty queue: its own size is bounded by one commit.
  return items_.empty() || (entries_ + item->entries.size() <= kQueueEntriesMax &&
                            bytes_ + item->bytes <= kQueueBytesMax);
}

Result<void> SubmissionQueue::push(Item item, std::chrono::milliseconds room) {
  std::unique_lock lock(mutex_);
  const bool fits = room_.wait_for(lock, room, [&] { return closed_ || has_room(item); });
  if (closed_) return fail(Errc::closed, "the log was closed");
  if (!fits)
    return fail(Errc::overloaded,
                "the queue to the log is full; the disk is too slow or the lock is held");
  add(std::move(item), std::move(lock));
  return {};
}

bool SubmissionQueue::try_push(const Item& item) {
  std::unique_lock lock(mutex_);
  if (closed_ || !has_room(item)) return false;
  add(item, std::move(lock));
  return true;
}

bool SubmissionQueue::try_push_unawaited(std::vector<EntryText>& entries) {
  std::unique_lock lock(mutex_);
  if (closed_) return false;
  Item item = spare_item();
  item->awaited = false;
  item->stage = Stage::queued;
  item->entries.swap(entries);
  item->bytes = bytes_of(item->entries);
  if (has_room(item)) {
    add(std::move(item), std::move(lock));
    return true;
  }
  item->entries.swap(entries);
  return false;
}

/// Memory of its texts.
std::size_t SubmissionQueue::room_in(const Item& item) {
  std::size_t room = 0;
  for (const EntryText& entry : item->entries) room += entry.object().capacity();
  return room;
}

/// With the mutex held. What its entries were is still in it.
SubmissionQueue::Item SubmissionQueue::spare_item() {
  if (spares_.empty()) return std::make_shared<Writer::Ticket::State>();
  Item item = std::move(spares_.back());
  spares_.pop_back();
  spare_bytes_ -= room_in(item);
  return item;
}

/// With the mutex held; of one that is done with and that nobody waited for: no ticket refers to
/// it.
void SubmissionQueue::keep_spare(const Item& item) {
  if (spares_.size() >= kSpareItemsMax) return;
  const std::size_t room = room_in(item);
  if (room > kSpareItemBytesMax || spare_bytes_ + room > kSpareBytesMax) return;
  spare_bytes_ += room;
  spares_.push_back(item);
}

void SubmissionQueue::add(Item item, std::unique_lock<std::mutex> lock) {
  const bool awaited = item->awaited;
  if (items_.empty()) oldest_ = std::chrono::steady_clock::now();
  entries_ += item->entries.size();
  bytes_ += item->bytes;
  awaited_ += awaited ? 1 : 0;
  const bool first = items_.empty();
  items_.push_back(std::move(item));
  lock.unlock();
  // An entry nobody waits for wakes the writer only to start its clock.
  if (awaited || first) work_.notify_one();
}

bool SubmissionQueue::withdraw(const Item& item) {
  const std::lock_guard lock(mutex_);
  item->unwanted = true;
  if (item->stage != Stage::queued) return false;
  take_back(item);
  item->stage = Stage::done;
  return true;
}

bool SubmissionQueue::in_a_hurry(const std::vector<Item>& items) {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(items, [](const Item& item) { return item->unwanted; });
}

/// With the mutex held.
void SubmissionQueue::take_back(const Item& item) {
  const auto at = std::ranges::find(items_, item);
  if (at == items_.end()) return;
  entries_ -= item->entries.size();
  bytes_ -= item->bytes;
  awaited_ -= item->awaited ? 1 : 0;
  items_.erase(at);
  room_.notify_all();
  if (taken_ == 0) idle_.notify_all();
}

std::optional<Result<std::vector<Appended>>> SubmissionQueue::wait(
    const Item& item, std::chrono::milliseconds deadline) {
  std::unique_lock lock(mutex_);
  const auto end = std::chrono::steady_clock::now() + deadline;
  const auto done = [&] { return item->stage == Stage::done; };
  while (!item->finished.wait_until(lock, end, done)) {
    if (item->stage == Stage::queued) {
      take_back(item);
      return std::nullopt;
    }
    // Once its commit has begun the outcome is known within that commit: waiting is right, guessing
    // is not. But a commit that cannot go on need not take all of its time.
    item->unwanted = true;
    item->finished.wait(lock, [&] { return item->stage != Stage::taken; });
  }
  return std::move(item->result);
}

bool SubmissionQueue::wait_for_work(std::chrono::milliseconds flush_interval) {
  std::unique_lock lock(mutex_);
  const auto due = [&] {
    return closed_ ||
           (!items_.empty() &&
            (flush_ || awaited_ > 0 || entries_ >= kCommitEntriesMax || bytes_ >= kCommitBytesMax));
  };
  for (;;) {
    if (due()) return !items_.empty();
    if (items_.empty()) {
      work_.wait(lock);
    } else if (work_.wait_until(lock, oldest_ + flush_interval) == std::cv_status::timeout &&
               !items_.empty()) {
      return true;
    }
  }
}

std::vector<SubmissionQueue::Item> SubmissionQueue::take(std::size_t entries_max) {
  const std::lock_guard lock(mutex_);
  std::vector<Item> out;
  std::size_t entries = 0;
  std::size_t bytes = 0;
  while (!items_.empty()) {
    const Item& item = items_.front();
    const bool fits =
        entries + item->entries.size() <= entries_max && bytes + item->bytes <= kCommitBytesMax;
    if (!out.empty() && !fits) break;
    entries += item->entries.size();
    bytes += item->bytes;
    awaited_ -= item->awaited ? 1 : 0;
    item->stage = Stage::taken;
    out.push_back(std::move(items_.front()));
    items_.pop_front();
  }
  entries_ -= entries;
  bytes_ -= bytes;
  taken_ += out.size();
  // What is left has waited as long: oldest_ stays, so that it goes into the next commit at once.
  if (items_.empty()) flush_ = false;
  room_.notify_all();
  return out;
}

bool SubmissionQueue::put_back(const std::vector<Item>& items, const Error& why) {
  std::vector<Item> unwanted;
  {
    const std::lock_guard lock(mutex_);
    if (drained_) return false;
    if (items_.empty()) oldest_ = std::chrono::steady_clock::now();
    for (auto item = items.rbegin(); item != items.rend(); ++item) {
      if ((*item)->unwanted) {
        unwanted.push_back(*item);
        continue;
      }
      (*item)->stage = Stage::queued;
      entries_ += (*item)->entries.size();
      bytes_ += (*item)->bytes;
      awaited_ += (*item)->awaited ? 1 : 0;
      items_.push_front(*item);
      (*item)->finished.notify_all();
    }
    taken_ -= items.size() - unwanted.size();
  }
  for (const Item& item : unwanted) finish(item, tl::unexpected(why));
  return true;
}

void SubmissionQueue::finish(const Item& item, Result<std::vector<Appended>> result) {
  if (item->told) {
    item->told(result ? Result<void>() : tl::unexpected(result.error()), item->entries,
               result ? std::span<const Appended>(*result) : std::span<const Appended>());
  }
  const std::lock_guard lock(mutex_);
  item->result = std::move(result);
  item->stage = Stage::done;
  item->finished.notify_all();
  --taken_;
  if (items_.empty() && taken_ == 0) idle_.notify_all();
}

void SubmissionQueue::finish_committed(const std::vector<Item>& items,
                                       const std::vector<Appended>& appended) {
  std::span<const Appended> rest = appended;
  for (const Item& item : items) {
    const std::size_t count = item->entries.size();
    if (item->told) item->told({}, item->entries, rest.first(count));
    rest = rest.subspan(count);
  }
  const std::lock_guard lock(mutex_);
  auto next = appended.begin();
  for (const Item& item : items) {
    const auto end = next + static_cast<std::ptrdiff_t>(item->entries.size());
    if (item->awaited && !item->told) {
      item->result = std::vector<Appended>(next, end);
      item->finished.notify_all();
    }
    item->stage = Stage::done;
    if (!item->awaited) keep_spare(item);
    next = end;
  }
  taken_ -= items.size();
  if (items_.empty() && taken_ == 0) idle_.notify_all();
}

void SubmissionQueue::flush() {
  const std::lock_guard lock(mutex_);
  if (!items_.empty()) flush_ = true;
  work_.notify_one();
}

void SubmissionQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  work_.notify_all();
  room_.notify_all();
}

bool SubmissionQueue::idle() {
  const std::lock_guard lock(mutex_);
  return !closed_ && items_.empty() && taken_ == 0;
}

bool SubmissionQueue::wait_idle(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return idle_.wait_for(lock, limit, [&] { return items_.empty() && taken_ == 0; });
}

std::vector<SubmissionQueue::Item> SubmissionQueue::drain() {
  const std::lock_guard lock(mutex_);
  drained_ = true;
  std::vector<Item> out(items_.begin(), items_.end());
  for (const Item& item : out) item->stage = Stage::taken;
  taken_ += out.size();
  items_.clear();
  entries_ = bytes_ = awaited_ = 0;
  room_.notify_all();
  return out;
}

}  // namespace tally::log
