// SPDX-License-Identifier: Apache-2.0
#include "proxy/journal.h"

#include "base/limits.h"

#include <algorithm>
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

MonoTime now() { return std::chrono::steady_clock::now(); }

std::chrono::milliseconds left_until(MonoTime deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - now());
  return std::max(left, std::chrono::milliseconds(0));
}

}  // namespace

Journal::Journal(capture::AuditLog& log, net::Loop& loop, bool enabled)
    : log_(log),
      loop_(loop),
      enabled_(enabled),
      slow_thread_([this] { run_slow(); }),
      watch_thread_([this] { run_watch(); }) {}

Journal::~Journal() { stop(); }

void Journal::write(record::Events events) {
  if (events.empty() || !enabled_) return;
  counters_.records += events.size();
  if (!slow_.load(std::memory_order_acquire) && log_.try_enqueue(events)) return;
  Item item{std::move(events), 0, {}};
  if (!push(item)) log_.count_missing(item.events);
}

std::uint64_t Journal::write_durable(record::Events events, std::chrono::milliseconds deadline,
                                     DurableHandler& handler) {
  const std::uint64_t number = ++last_waiter_;
  handlers_.emplace(number, &handler);
  if (!enabled_) {
    complete(number, true);
    return number;
  }
  counters_.records += events.size();
  const MonoTime end = now() + deadline;
  if (!slow_.load(std::memory_order_acquire) && submit_now(events, number, end)) return number;
  Item item{std::move(events), number, end};
  if (!push(item)) {
    log_.count_missing(item.events);
    complete(number, false);
  }
  return number;
}

void Journal::forget(std::uint64_t number) { handlers_.erase(number); }

bool Journal::submit_now(const record::Events& events, std::uint64_t number, MonoTime deadline) {
  begin_waiting(number, deadline);
  auto tickets =
      log_.try_submit(events, [this, number](bool durable) { end_waiting(number, durable); });
  if (tickets) {
    keep_tickets(number, std::move(*tickets));
    return true;
  }
  const std::lock_guard lock(waiting_mutex_);
  waiting_.erase(number);
  return false;
}

bool Journal::push(Item& item) {
  const std::size_t bytes = bytes_of(item.events);
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || bytes_ + bytes > kJournalBytesMax || items_.size() >= kJournalItemsMax) {
      return false;
    }
    bytes_ += bytes;
    items_.push_back(std::move(item));
    slow_.store(true, std::memory_order_release);
  }
  work_.notify_one();
  return true;
}

void Journal::run_slow() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (items_.empty()) slow_.store(false, std::memory_order_release);
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
    for (const Item& item : items) hand_over(item);
    lock.lock();
  }
}

void Journal::hand_over(const Item& item) {
  if (item.waiter == 0) {
    log_.enqueue(item.events);
    return;
  }
  const std::uint64_t number = item.waiter;
  begin_waiting(number, item.deadline);
  keep_tickets(number, log_.submit(item.events, left_until(item.deadline),
                                   [this, number](bool durable) { end_waiting(number, durable); }));
}

void Journal::begin_waiting(std::uint64_t number, MonoTime deadline) {
  const std::lock_guard lock(waiting_mutex_);
  waiting_.emplace(number, Waiting{{}, now(), deadline});
  if (deadline < watch_wakes_) waiting_changed_.notify_one();
}

/// Unless it is over already.
void Journal::keep_tickets(std::uint64_t number, capture::AuditLog::Tickets tickets) {
  Waiting late;
  {
    const std::lock_guard lock(waiting_mutex_);
    const auto found = waiting_.find(number);
    if (found == waiting_.end()) return;
    found->second.tickets = std::move(tickets);
    if (!found->second.late) return;
    late = found->second;
  }
  take_back(late);
}

void Journal::take_back(const Waiting& waiting) {
  log_.withdraw(waiting.tickets,
                std::chrono::duration_cast<std::chrono::milliseconds>(now() - waiting.begin));
}

/// On the writer's thread, or where something was taken back. Last of all the lock is given back:
/// then this object may end.
void Journal::end_waiting(std::uint64_t number, bool durable) {
  complete(number, durable);
  Waiting over;  // freed without the lock
  const std::lock_guard lock(waiting_mutex_);
  const auto found = waiting_.find(number);
  if (found == waiting_.end()) return;
  over = std::move(found->second);
  waiting_.erase(found);
  if (no_more_waiting_ && waiting_.empty()) waiting_changed_.notify_one();
}

/// What is being committed is not taken back: it stays until the writer tells.
std::vector<Journal::Waiting> Journal::take_late() {
  std::vector<Waiting> late;
  watch_wakes_ = MonoTime::max();
  for (auto& [number, waiting] : waiting_) {
    if (waiting.late) continue;
    waiting.late = waiting.deadline <= now();
    if (waiting.late) {
      late.push_back(waiting);
    } else {
      watch_wakes_ = std::min(watch_wakes_, waiting.deadline);
    }
  }
  return late;
}

/// Wakes when the first of those that wait now has waited too long, even if it is over by then:
/// once in a while instead of with each.
void Journal::run_watch() {
  std::unique_lock lock(waiting_mutex_);
  for (;;) {
    if (const auto late = take_late(); !late.empty()) {
      lock.unlock();
      for (const Waiting& each : late) take_back(each);
      lock.lock();
      continue;
    }
    if (no_more_waiting_ && waiting_.empty()) return;
    if (watch_wakes_ == MonoTime::max()) {
      waiting_changed_.wait(lock);
    } else {
      waiting_changed_.wait_until(lock, watch_wakes_);
    }
  }
}

void Journal::complete(std::uint64_t waiter, bool durable) {
  bool first = false;
  {
    const std::lock_guard lock(done_mutex_);
    first = done_.empty();
    done_.push_back({waiter, durable});
  }
  if (first) loop_.post([this] { tell(); });
}

void Journal::tell() {
  std::vector<Completion> done;
  {
    const std::lock_guard lock(done_mutex_);
    done = std::exchange(done_, {});
  }
  for (const Completion& completion : done) {
    if (!completion.durable) ++counters_.refused;
    const auto found = handlers_.find(completion.waiter);
    if (found == handlers_.end()) continue;
    DurableHandler& handler = *found->second;
    handlers_.erase(found);
    handler.on_durable(completion.durable);
  }
}

void Journal::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  if (slow_thread_.joinable()) slow_thread_.join();
  {
    const std::lock_guard lock(waiting_mutex_);
    no_more_waiting_ = true;
    waiting_changed_.notify_one();
  }
  if (watch_thread_.joinable()) watch_thread_.join();
}

}  // namespace tally::proxy
