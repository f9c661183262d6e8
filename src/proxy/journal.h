// SPDX-License-Identifier: Apache-2.0
// The way of records from a loop to the log and of their completion back: no call waits for the
// log.
#pragma once

#include "capture/audit_log.h"
#include "net/loop.h"
#include "proxy/backlog.h"
#include "record/http_facts.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace tally::proxy {

/// Who waits for records to be durable. Told on the loop's thread, once.
class DurableHandler {
 public:
  virtual void on_durable(bool durable) = 0;

 protected:
  ~DurableHandler() = default;
};

/// One for each loop; calls on its thread, except stop(), which comes when the loop runs no more.
/// Records go from the loop into the log's queue, and the log's writer tells when they are durable:
/// nothing else is woken. Only when the queue takes no more, or the log could not be written, they
/// go through the backlog, whose thread may wait (one of its own takes back what waits too long).
/// Order is kept, also between journals as far as their calls have one: those inside the turns of
/// one upstream (shared_recorder.h). When the backlog is full too, records that nobody waits
/// for are counted as missing, and the others fail at once.
class Journal {
 public:
  /// Both must outlive it.
  Journal(Backlog& backlog, net::Loop& loop);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  void write(record::Events events);
  /// Tells `handler` when they are durable, or that they will not be: at the latest when
  /// `deadline` has passed and their commit is over. Never inside this call. Gives the number for
  /// forget().
  [[nodiscard]] std::uint64_t write_durable(record::Events events,
                                            std::chrono::milliseconds deadline,
                                            DurableHandler& handler);
  /// The handler is not told any more; the records stay.
  void forget(std::uint64_t number);

  /// Stops the backlog, waits until all of its own are told, ends its thread.
  void stop();

 private:
  friend class Backlog;
  /// Handed over, not yet known to be durable.
  struct Waiting {
    capture::AuditLog::Tickets tickets;
    MonoTime begin{};
    MonoTime deadline{};
    bool late = false;  // was taken back, or will be as soon as it was handed over
  };
  struct Completion {
    std::uint64_t waiter = 0;
    bool durable = false;
  };

  bool submit_now(const record::Events& events, std::uint64_t number, MonoTime deadline);
  void run_watch();
  void hand_over(const Backlog::Item& item);
  void begin_waiting(std::uint64_t number, MonoTime deadline);
  void keep_tickets(std::uint64_t number, capture::AuditLog::Tickets tickets);
  void end_waiting(std::uint64_t number, bool durable);
  std::vector<Waiting> take_late();
  void take_back(const Waiting& waiting);
  void complete(std::uint64_t waiter, bool durable);
  void tell();

  Backlog& backlog_;
  capture::AuditLog& log_;
  net::Loop& loop_;
  std::unordered_map<std::uint64_t, DurableHandler*> handlers_;  // loop's thread only
  std::uint64_t last_waiter_ = 0;
  std::vector<log::EntryText> spent_;  // as AuditLog::try_enqueue() says; loop's thread only

  std::mutex waiting_mutex_;
  std::condition_variable waiting_changed_;
  std::unordered_map<std::uint64_t, Waiting> waiting_;  // by number
  MonoTime watch_wakes_ = MonoTime::max();              // by itself
  bool no_more_waiting_ = false;

  std::mutex done_mutex_;
  std::vector<Completion> done_;

  std::thread watch_thread_;
};

}  // namespace tally::proxy
