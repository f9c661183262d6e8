// SPDX-License-Identifier: Apache-2.0
#include "proxy/journal.h"

#include <algorithm>
#include <utility>

namespace tally::proxy {
namespace {

MonoTime now() { return std::chrono::steady_clock::now(); }

std::chrono::milliseconds left_until(MonoTime deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - now());
  return std::max(left, std::chrono::milliseconds(0));
}

}  // namespace

Journal::Journal(Backlog& backlog, net::Loop& loop)
    : backlog_(backlog), log_(backlog.log()), loop_(loop), watch_thread_([this] { run_watch(); }) {}

Journal::~Journal() { stop(); }

void Journal::write(record::Events events) {
  if (events.empty() || !backlog_.enabled()) return;
  backlog_.counters().records += events.size();
  if (backlog_.empty() && log_.try_enqueue(events, spent_)) return;
  Backlog::Item item{std::move(events), nullptr, 0, {}};
  if (!backlog_.push(item)) log_.count_missing(item.events);
}

std::uint64_t Journal::write_durable(record::Events events, std::chrono::milliseconds deadline,
                                     DurableHandler& handler) {
  const std::uint64_t number = ++last_waiter_;
  handlers_.emplace(number, &handler);
  if (!backlog_.enabled()) {
    complete(number, true);
    return number;
  }
  backlog_.counters().records += events.size();
  const MonoTime end = now() + deadline;
  if (backlog_.empty() && submit_now(events, number, end)) return number;
  Backlog::Item item{std::move(events), this, number, end};
  if (!backlog_.push(item)) {
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

/// On the thread of the backlog.
void Journal::hand_over(const Backlog::Item& item) {
  const std::uint64_t number = item.number;
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
    if (!completion.durable) ++backlog_.counters().refused;
    const auto found = handlers_.find(completion.waiter);
    if (found == handlers_.end()) continue;
    DurableHandler& handler = *found->second;
    handlers_.erase(found);
    handler.on_durable(completion.durable);
  }
}

void Journal::stop() {
  backlog_.stop();
  {
    const std::lock_guard lock(waiting_mutex_);
    no_more_waiting_ = true;
    waiting_changed_.notify_one();
  }
  if (watch_thread_.joinable()) watch_thread_.join();
}

}  // namespace tally::proxy
