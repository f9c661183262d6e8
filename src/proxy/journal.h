// SPDX-License-Identifier: Apache-2.0
// The way of records from a loop to the log and of their completion back: the loop never waits.
#pragma once

#include "capture/audit_log.h"
#include "net/loop.h"
#include "record/http_facts.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
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
/// Two threads of its own: one encodes and hands over (and waits where the log's queue is full),
/// one waits for what must be durable. Order is kept. When its own queue is full, records that
/// nobody waits for are counted as missing, and the others fail at once.
class Journal {
 public:
  /// Both must outlive it. When not `enabled` records go nowhere, and whoever waits is told at once
  /// (AUDIT_LOG_ENABLED=false: relay only).
  Journal(capture::AuditLog& log, net::Loop& loop, bool enabled = true);
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
  /// Counts records that were not written in another way.
  void count_missing(const record::Events& events) { log_.count_missing(events); }

  /// Hands over everything and ends the threads.
  void stop();

 private:
  struct Item {
    record::Events events;
    std::uint64_t waiter = 0;  // 0: nobody
    MonoTime deadline{};
  };
  struct Waiting {
    capture::AuditLog::Tickets tickets;
    record::Events events;  // for the count of what is missing
    std::uint64_t waiter = 0;
    MonoTime deadline{};
  };
  struct Completion {
    std::uint64_t waiter = 0;
    bool durable = false;
  };

  bool push(Item& item);
  void run_encoder();
  void run_waiter();
  std::vector<Item> next_items();
  void hand_over(Item item);
  void complete(std::uint64_t waiter, bool durable);
  void tell();

  capture::AuditLog& log_;
  net::Loop& loop_;
  const bool enabled_;
  std::unordered_map<std::uint64_t, DurableHandler*> handlers_;  // loop's thread only
  std::uint64_t last_waiter_ = 0;

  std::mutex mutex_;  // guards what follows
  std::condition_variable work_;
  std::vector<Item> items_;
  std::size_t bytes_ = 0;
  std::size_t awaited_ = 0;
  bool stopping_ = false;

  std::mutex waiting_mutex_;
  std::condition_variable waiting_work_;
  std::deque<Waiting> waiting_;
  bool no_more_waiting_ = false;

  std::mutex done_mutex_;
  std::vector<Completion> done_;

  std::thread encoder_;
  std::thread waiter_;
};

}  // namespace tally::proxy
