// SPDX-License-Identifier: Apache-2.0
#include "proxy/journal.h"

#include <algorithm>
#include <condition_variable>
#include <utility>

namespace tally::proxy {
namespace {

/// A number is that of the place, from 1, and above it one that tells its users apart.
constexpr unsigned kPlaceBits = 32;
/// While stop() waits for others, how often it looks.
constexpr std::chrono::milliseconds kStopLook{5};

MonoTime now() { return std::chrono::steady_clock::now(); }

std::chrono::milliseconds left_until(MonoTime deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - now());
  return std::max(left, std::chrono::milliseconds(0));
}

/// For the log, on whatever thread. Small, so that handing it on takes no memory.
auto told_of(JournalWaiter& waiter) {
  return [&waiter](bool durable) {
    if (!durable) waiter.durable.store(false, std::memory_order_relaxed);
    waiter.end_one();
  };
}

}  // namespace

Journal::Journal(Backlog& backlog, net::Loop& loop)
    : backlog_(backlog), log_(backlog.log()), loop_(loop), watch_(loop.deadlines(), *this) {}

Journal::~Journal() { stop(); }

void Journal::write(record::Events events) {
  if (events.empty() || !backlog_.enabled()) return;
  backlog_.counters().records += events.size();
  if (backlog_.empty() && log_.try_enqueue(events, spent_)) return;
  Backlog::Item item{std::move(events), nullptr, {}};
  if (!backlog_.push(item)) log_.count_missing(item.events);
}

JournalWaiter& Journal::new_waiter(DurableHandler& handler) {
  if (free_.empty()) {
    JournalWaiter& more = waiters_.emplace_back();
    more.journal = this;
    more.place = waiters_.size();
    free_.push_back(&more);
  }
  JournalWaiter& waiter = *free_.back();
  free_.pop_back();
  waiter.handler = &handler;
  waiter.number = ++generation_ << kPlaceBits | waiter.place;
  waiter.handed_over = true;
  waiter.late = false;
  waiter.left.store(1, std::memory_order_relaxed);
  waiter.durable.store(true, std::memory_order_relaxed);
  under_way_.fetch_add(1, std::memory_order_relaxed);
  return waiter;
}

std::uint64_t Journal::write_durable(record::Events events, std::chrono::milliseconds deadline,
                                     DurableHandler& handler) {
  JournalWaiter& waiter = new_waiter(handler);
  const std::uint64_t number = waiter.number;
  if (!backlog_.enabled()) {
    waiter.end_one();
    return number;
  }
  backlog_.counters().records += events.size();
  waiter.begin = now();
  waiter.deadline = waiter.begin + deadline;
  watch(waiter.deadline);
  if (backlog_.empty() && submit_now(events, waiter)) return number;
  waiter.handed_over = false;
  waiter.left.store(2, std::memory_order_relaxed);  // the log tells; and it was handed over
  Backlog::Item item{std::move(events), &waiter, waiter.deadline};
  if (!backlog_.push(item)) {
    log_.count_missing(item.events);
    waiter.handed_over = true;
    waiter.durable.store(false, std::memory_order_relaxed);
    waiter.left.store(1, std::memory_order_relaxed);
    waiter.end_one();
  }
  return number;
}

void Journal::forget(std::uint64_t number) {
  const std::uint64_t place = number & ((std::uint64_t{1} << kPlaceBits) - 1);
  if (place == 0 || place > waiters_.size()) return;
  JournalWaiter& waiter = waiters_[place - 1];
  if (waiter.number == number) waiter.handler = nullptr;
}

/// It may be told before this is over; what is done then is done on this thread, later.
bool Journal::submit_now(const record::Events& events, JournalWaiter& waiter) {
  auto tickets = log_.try_submit(events, told_of(waiter));
  if (!tickets) return false;
  waiter.tickets = std::move(*tickets);
  return true;
}

/// On the thread of the backlog.
void Journal::hand_over(const Backlog::Item& item) {
  JournalWaiter& waiter = *item.waiter;
  auto tickets = log_.submit(item.events, left_until(item.deadline), told_of(waiter));
  std::vector<Backlog::Late> late;
  {
    const std::lock_guard lock(handing_over_);
    waiter.handed_over = true;
    if (waiter.late) late.push_back({tickets, waiter.begin});
    waiter.tickets = std::move(tickets);
  }
  backlog_.take_back(std::move(late));
  waiter.end_one();
}

/// Wakes when the first of those that wait now has waited too long, even if it is over by then:
/// once in a while instead of with each.
void Journal::watch(MonoTime deadline) {
  if (deadline >= watch_wakes_) return;
  watch_wakes_ = deadline;
  watch_.set(left_until(deadline) + std::chrono::milliseconds(1));
}

void Journal::on_deadline() {
  std::vector<Backlog::Late> late;
  watch_wakes_ = MonoTime::max();
  const MonoTime next = take_late(now(), late);
  if (next != MonoTime::max()) watch(next);
  backlog_.take_back(std::move(late));
}

/// Those that have waited too long by now; gives when the next one has. What is being committed is
/// not taken back: it stays until the writer tells.
MonoTime Journal::take_late(MonoTime at, std::vector<Backlog::Late>& late) {
  MonoTime next = MonoTime::max();
  const std::lock_guard lock(handing_over_);
  for (JournalWaiter& waiter : waiters_) {
    if (waiter.number == 0 || waiter.late) continue;
    waiter.late = waiter.deadline <= at;
    if (!waiter.late) {
      next = std::min(next, waiter.deadline);
    } else if (waiter.handed_over) {
      late.push_back({waiter.tickets, waiter.begin});
    }
  }
  return next;
}

void JournalWaiter::end_one() {
  if (left.fetch_sub(1, std::memory_order_acq_rel) == 1) journal->complete(*this);
}

/// On the writer's thread, or wherever something ends. Last of all it is no longer under way: then
/// this object may end.
void Journal::complete(JournalWaiter& waiter) {
  JournalWaiter* last = done_.load(std::memory_order_relaxed);
  do {
    waiter.next_done = last;
  } while (!done_.compare_exchange_weak(last, &waiter, std::memory_order_release,
                                        std::memory_order_relaxed));
  if (last == nullptr) loop_.post([this] { tell(); });
  under_way_.fetch_sub(1, std::memory_order_release);
}

/// In the order in which they were done.
void Journal::tell() {
  JournalWaiter* last = done_.exchange(nullptr, std::memory_order_acquire);
  JournalWaiter* next = nullptr;
  while (last != nullptr) {
    JournalWaiter* const before = std::exchange(last->next_done, next);
    next = std::exchange(last, before);
  }
  while (next != nullptr) {
    JournalWaiter& waiter = *std::exchange(next, next->next_done);
    DurableHandler* const handler = waiter.handler;
    const bool durable = waiter.durable.load(std::memory_order_relaxed);
    waiter.number = 0;
    waiter.tickets.clear();
    free_.push_back(&waiter);
    if (!durable) ++backlog_.counters().refused;
    if (handler != nullptr) handler->on_durable(durable);
  }
}

void Journal::stop() {
  backlog_.stop();
  std::mutex alone;
  std::condition_variable nobody;
  std::unique_lock lock(alone);
  while (under_way_.load(std::memory_order_acquire) > 0) {
    std::vector<Backlog::Late> late;
    static_cast<void>(take_late(now(), late));
    for (const Backlog::Late& each : late) backlog_.withdraw(each);
    nobody.wait_for(lock, kStopLook);
  }
}

}  // namespace tally::proxy
