// SPDX-License-Identifier: Apache-2.0
// The way of records from a loop to the log and of their completion back: no call waits for the
// log.
#pragma once

#include "capture/audit_log.h"
#include "net/loop.h"
#include "proxy/backlog.h"
#include "record/http_facts.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

namespace tally::proxy {

/// Who waits for records to be durable. Told on the loop's thread, once.
class DurableHandler {
 public:
  virtual void on_durable(bool durable) = 0;

 protected:
  ~DurableHandler() = default;
};

class Journal;

/// One call of write_durable(), until its handler was told; then its place is for another one.
struct JournalWaiter {
  Journal* journal = nullptr;
  DurableHandler* handler = nullptr;  // null: forgotten
  std::uint64_t number = 0;           // 0: the place is free
  std::uint64_t place = 0;
  MonoTime begin{};
  MonoTime deadline{};
  capture::AuditLog::Tickets tickets;
  bool handed_over = true;  // so that there are tickets
  bool late = false;        // was taken back, or will be as soon as it was handed over

  // Any thread.
  std::atomic<int> left{0};         // that have to end: the log, and who hands over
  std::atomic<bool> durable{true};  // as far as is known
  JournalWaiter* next_done = nullptr;

  /// One of `left` did.
  void end_one();
};

/// One for each loop; calls on its thread, except stop(), which comes when the loop runs no more.
/// Records go from the loop into the log's queue, and the log's writer tells when they are durable:
/// nothing else is woken. Only when the queue takes no more, or the log could not be written, they
/// go through the backlog, whose thread may wait; another one takes back what waits too long.
/// Order is kept, also between journals as far as their calls have one: those inside the turns of
/// one upstream (shared_recorder.h). When the backlog is full too, records that nobody waits
/// for are counted as missing, and the others fail at once.
class Journal final : net::DeadlineHandler {
 public:
  /// Both must outlive it.
  Journal(Backlog& backlog, net::Loop& loop);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  void write(record::Events events);
  /// Tells `handler` when they are durable, or that they will not be: at the latest when
  /// `deadline` has passed and their commit is over. Never inside this call. Gives the number for
  /// forget(), which is not 0.
  [[nodiscard]] std::uint64_t write_durable(record::Events events,
                                            std::chrono::milliseconds deadline,
                                            DurableHandler& handler);
  /// The handler is not told any more; the records stay.
  void forget(std::uint64_t number);

  /// Stops the backlog, waits until all of its own are told.
  void stop();

  /// Calls of write_durable() that there is room for without asking for memory; no fewer than ever
  /// waited at once.
  [[nodiscard]] std::size_t places() const { return waiters_.size(); }

 private:
  friend class Backlog;
  friend struct JournalWaiter;
  JournalWaiter& new_waiter(DurableHandler& handler);
  bool submit_now(const record::Events& events, JournalWaiter& waiter);
  void hand_over(const Backlog::Item& item);
  void watch(MonoTime deadline);
  void on_deadline() override;
  MonoTime take_late(MonoTime at, std::vector<Backlog::Late>& late);
  void complete(JournalWaiter& waiter);
  void tell();

  Backlog& backlog_;
  capture::AuditLog& log_;
  net::Loop& loop_;

  // The loop's thread only, as what is in a waiter, but for what is said there.
  std::deque<JournalWaiter> waiters_;  // they stay where they are
  std::vector<JournalWaiter*> free_;
  std::uint64_t generation_ = 0;
  std::vector<log::EntryText> spent_;  // as AuditLog::try_enqueue() says
  net::Deadline watch_;
  MonoTime watch_wakes_ = MonoTime::max();

  std::mutex handing_over_;                    // guards tickets of waiters in the backlog
  std::atomic<JournalWaiter*> done_{nullptr};  // the last one first
  std::atomic<std::size_t> under_way_{0};      // handed over and not yet in done_
};

}  // namespace tally::proxy
