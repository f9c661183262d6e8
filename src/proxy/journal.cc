// SPDX-License-Identifier: Apache-2.0
#include "proxy/journal.h"

#include "base/limits.h"

#include <algorithm>
#include <utility>

namespace tally::proxy {
namespace {

/// Records that nobody waits for are collected for this long: waking a thread for each costs more
/// than writing it.
constexpr std::chrono::milliseconds kGather{5};
constexpr std::size_t kGatherItems = 64;

std::size_t bytes_of(const record::Events& events) {
  std::size_t bytes = 0;
  for (const event::Event& event : events) {
    bytes += sizeof(event::Event) + event.details.size() + event.old_values.size() +
             event.new_values.size();
  }
  return bytes;
}

std::chrono::milliseconds left_until(MonoTime deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  return std::max(left, std::chrono::milliseconds(0));
}

}  // namespace

Journal::Journal(capture::AuditLog& log, net::Loop& loop, bool enabled)
    : log_(log),
      loop_(loop),
      enabled_(enabled),
      encoder_([this] { run_encoder(); }),
      waiter_([this] { run_waiter(); }) {}

Journal::~Journal() { stop(); }

bool Journal::push(Item& item) {
  const std::size_t bytes = bytes_of(item.events);
  std::unique_lock lock(mutex_);
  if (stopping_ || bytes_ + bytes > kJournalBytesMax || items_.size() >= kJournalItemsMax) {
    return false;
  }
  bytes_ += bytes;
  const bool awaited = item.waiter != 0;
  awaited_ += awaited ? 1 : 0;
  items_.push_back(std::move(item));
  const bool wake = awaited || items_.size() == 1 || items_.size() == kGatherItems;
  lock.unlock();
  if (wake) work_.notify_one();
  return true;
}

void Journal::write(record::Events events) {
  if (events.empty() || !enabled_) return;
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
  Item item{std::move(events), number, std::chrono::steady_clock::now() + deadline};
  if (!push(item)) {
    log_.count_missing(item.events);
    complete(number, false);
  }
  return number;
}

void Journal::forget(std::uint64_t number) { handlers_.erase(number); }

std::vector<Journal::Item> Journal::next_items() {
  std::unique_lock lock(mutex_);
  work_.wait(lock, [&] { return stopping_ || !items_.empty(); });
  work_.wait_for(lock, kGather,
                 [&] { return stopping_ || awaited_ > 0 || items_.size() >= kGatherItems; });
  bytes_ = awaited_ = 0;
  return std::exchange(items_, {});
}

void Journal::run_encoder() {
  for (;;) {
    std::vector<Item> items = next_items();
    if (items.empty()) break;  // stopping
    for (Item& item : items) hand_over(std::move(item));
  }
  const std::lock_guard lock(waiting_mutex_);
  no_more_waiting_ = true;
  waiting_work_.notify_one();
}

void Journal::hand_over(Item item) {
  if (item.waiter == 0) {
    log_.enqueue(item.events);
    return;
  }
  auto tickets = log_.submit(item.events, left_until(item.deadline));
  if (!tickets) {
    log_.count_missing(item.events);
    complete(item.waiter, false);
    return;
  }
  const std::lock_guard lock(waiting_mutex_);
  waiting_.push_back({std::move(*tickets), std::move(item.events), item.waiter, item.deadline});
  waiting_work_.notify_one();
}

/// In the order of handing over, which is that of the commits.
void Journal::run_waiter() {
  for (;;) {
    Waiting next;
    {
      std::unique_lock lock(waiting_mutex_);
      waiting_work_.wait(lock, [&] { return no_more_waiting_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    const bool durable = log_.wait(std::move(next.tickets), left_until(next.deadline));
    if (!durable) log_.count_missing(next.events);
    complete(next.waiter, durable);
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
  if (encoder_.joinable()) encoder_.join();
  if (waiter_.joinable()) waiter_.join();
}

}  // namespace tally::proxy
