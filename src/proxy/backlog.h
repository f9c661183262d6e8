// SPDX-License-Identifier: Apache-2.0
// Records that could not go straight into the log's queue, and those that waited too long in it:
// handed over, and taken back, by threads that may wait.
#pragma once

#include "capture/audit_log.h"
#include "record/http_facts.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace tally::proxy {

struct JournalWaiter;

/// What became of records of all proxies; any thread may read.
struct JournalCounters {
  std::atomic<std::uint64_t> records{0};  ///< handed over
  std::atomic<std::uint64_t> refused{0};  ///< messages that waited for records in vain
};

/// One for all journals of a process, so that the order between loops, which is that of the turns
/// of one upstream, is kept here too: while something is in it, everything has to follow it.
/// Thread-safe.
class Backlog {
 public:
  struct Item {
    record::Events events;
    JournalWaiter* waiter = nullptr;  // null: nobody waits
    MonoTime deadline{};
  };

  /// `log` must outlive it. When not `enabled` records go nowhere, and whoever waits is told at
  /// once (AUDIT_LOG_ENABLED=false: relay only).
  explicit Backlog(capture::AuditLog& log, bool enabled = true);
  ~Backlog();
  Backlog(const Backlog&) = delete;
  Backlog& operator=(const Backlog&) = delete;

  /// Whether records may go past it.
  [[nodiscard]] bool empty() const { return !busy_.load(std::memory_order_acquire); }
  /// Takes `item`, unless there is no room.
  [[nodiscard]] bool push(Item& item);
  /// Takes back what has waited since `begin`, on a thread of its own: it asks who is in the way of
  /// the log, which may take as long as the file system takes.
  struct Late {
    capture::AuditLog::Tickets tickets;
    MonoTime begin{};
  };
  void take_back(std::vector<Late> late);
  /// The same on this thread.
  void withdraw(const Late& late);
  /// Hands over everything, takes back what is to be taken back, and ends the threads. When no loop
  /// runs any more.
  void stop();

  [[nodiscard]] capture::AuditLog& log() { return log_; }
  [[nodiscard]] bool enabled() const { return enabled_; }
  [[nodiscard]] JournalCounters& counters() { return counters_; }

 private:
  void run();
  void run_taking_back();

  capture::AuditLog& log_;
  const bool enabled_;
  JournalCounters counters_;
  std::atomic<bool> busy_ = false;  // set with each item, cleared once all were handed over
  std::mutex mutex_;                // guards what follows
  std::condition_variable work_;
  std::vector<Item> items_;
  std::size_t bytes_ = 0;
  bool stopping_ = false;
  std::condition_variable late_work_;
  std::vector<Late> late_;
  bool no_more_late_ = false;
  std::thread thread_;
  std::thread late_thread_;
};

}  // namespace tally::proxy
