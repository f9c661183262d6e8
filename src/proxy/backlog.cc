// SPDX-License-Identifier: Apache-2.0
#include "proxy/backlog.h"

#include "base/limits.h"
#include "proxy/journal.h"

#include <chrono>
#include <iterator>
#include <utility>

namespace tally::proxy {
namespace {

std::size_t bytes_of(const record::Events& events) {
  std::size_t bytes = 0;
  for (const event::Event& event : events) {
    bytes += sizeof(event::Event) + event.details.size() + event.old_values.size() +
             event.new_values.size();
  }
  return bytes;
}

}  // namespace

Backlog::Backlog(capture::AuditLog& log, bool enabled)
    : log_(log),
      enabled_(enabled),
      thread_([this] { run(); }),
      late_thread_([this] { run_taking_back(); }) {}

Backlog::~Backlog() { stop(); }

bool Backlog::push(Item& item) {
  const std::size_t bytes = bytes_of(item.events);
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || bytes_ + bytes > kJournalBytesMax || items_.size() >= kJournalItemsMax) {
      return false;
    }
    bytes_ += bytes;
    items_.push_back(std::move(item));
    busy_.store(true, std::memory_order_release);
  }
  work_.notify_one();
  return true;
}

void Backlog::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (items_.empty()) busy_.store(false, std::memory_order_release);
    const auto busy = [&] { return stopping_ || !items_.empty(); };
    if (!work_.wait_for(lock, capture::AuditLog::kGapRetry, busy)) {
      lock.unlock();
      log_.tell_of_gap();  // with no record coming, nobody else would
      lock.lock();
      continue;
    }
    if (items_.empty()) return;
    const std::vector<Item> items = std::exchange(items_, {});
    bytes_ = 0;
    lock.unlock();
    for (const Item& item : items) {
      if (item.waiter == nullptr) {
        log_.enqueue(item.events);
      } else {
        item.waiter->journal->hand_over(item);
      }
    }
    lock.lock();
  }
}

void Backlog::take_back(std::vector<Late> late) {
  if (late.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    late_.insert(late_.end(), std::move_iterator(late.begin()), std::move_iterator(late.end()));
  }
  late_work_.notify_one();
}

void Backlog::withdraw(const Late& late) {
  const auto waited = std::chrono::steady_clock::now() - late.begin;
  log_.withdraw(late.tickets, std::chrono::duration_cast<std::chrono::milliseconds>(waited));
}

void Backlog::run_taking_back() {
  std::unique_lock lock(mutex_);
  for (;;) {
    late_work_.wait(lock, [&] { return no_more_late_ || !late_.empty(); });
    if (late_.empty()) return;
    const std::vector<Late> late = std::exchange(late_, {});
    lock.unlock();
    for (const Late& each : late) withdraw(each);
    lock.lock();
  }
}

void Backlog::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  if (thread_.joinable()) thread_.join();
  {
    const std::lock_guard lock(mutex_);
    no_more_late_ = true;  // what that one handed over may be late
  }
  late_work_.notify_one();
  if (late_thread_.joinable()) late_thread_.join();
}

}  // namespace tally::proxy
