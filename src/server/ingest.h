// SPDX-License-Identifier: Apache-2.0
// POST /api/audit/events, and the same in other systems' forms: from a body to entries that are
// durable.
#pragma once

#include "access/principal.h"
#include "base/clock.h"
#include "base/random.h"
#include "capture/audit_log.h"
#include "event/ingest.h"
#include "log/writer.h"
#include "net/loop.h"
#include "redact/redact.h"
#include "server/id_window.h"
#include "server/ingest_batch.h"
#include "server/log_readers.h"
#include "server/request.h"
#include "server/spare_texts.h"
#include "server/work_pool.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tally::server {

struct IngestCounters {
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> duplicates{0};
  std::atomic<std::uint64_t> rejected{0};
  std::atomic<std::uint64_t> unwritten{0};
  std::atomic<std::uint64_t> ignored{0};  ///< lines of another log that were no events
};

/// A small event is checked on the loop and goes with the others of the same moment into one
/// commit; everything else is checked by workers. handle() and tick() on the loop's thread. Must be
/// destroyed after workers and writer were stopped.
class Ingest {
 public:
  /// All must outlive it.
  struct Parts {
    net::Loop& loop;
    WorkPool& workers;
    log::Writer& writer;
    capture::AuditLog& log;  ///< the same writer's; hears what becomes of the entries
    LogReaders& readers;
    const Clock& clock;
    UuidSource& uuids;
    const redact::KeyedDigest& digest;
    std::string instance;
    std::uint64_t window_key;            ///< random
    std::chrono::milliseconds patience;  ///< with a log that others hold, then 503
  };
  explicit Ingest(Parts parts);
  ~Ingest();
  Ingest(const Ingest&) = delete;
  Ingest& operator=(const Ingest&) = delete;

  /// Fills the window of known ids from the log; until it has returned, handle() answers 503. May
  /// take a second. When the log cannot be read that is told once, and tick() tries again.
  void rebuild_window();
  void handle(std::shared_ptr<Request> request, Reply reply);
  /// Takes back what waits too long for the log's lock; goes on with what could not be begun. Every
  /// second or so.
  void tick();
  [[nodiscard]] const IngestCounters& counters() const { return counters_; }

 private:
  struct Checker;
  [[nodiscard]] Result<void> read_window();
  using BatchPtr = std::shared_ptr<IngestBatch>;
  /// What was handed to the writer together.
  struct Commit {
    struct Part {
      BatchPtr batch;
      std::size_t item;  // the first of `count` that follow each other
      std::size_t count = 1;
    };
    std::vector<Part> parts;  // in the order of the entries
    void add(const BatchPtr& batch, std::size_t item);
    bool over = false;  // guarded by mutex_
  };

  [[nodiscard]] std::unique_ptr<Checker> take_checker();
  void give_back(std::unique_ptr<Checker> checker);
  void check(Checker& checker, IngestBatch& batch, const RawEvent& raw, std::string_view key = {});
  void claim(IngestBatch& batch);
  void check_all(IngestBatch& batch, const std::vector<RawEvent>& events);
  [[nodiscard]] Result<void> check_converted(IngestBatch& batch, std::string_view body);
  void process(const BatchPtr& batch);
  void look_up(IngestBatch& batch);
  void look_into_log(const IngestBatch& batch, IngestItem& item, std::string_view sent);
  void write(const BatchPtr& batch);
  void write_small();
  void placed(const std::shared_ptr<Commit>& commit, const Result<void>& done,
              std::span<log::EntryText> entries, std::span<const log::Appended> appended);
  void finish(IngestBatch& batch);
  void watch(const std::shared_ptr<Commit>& commit, log::Writer::Ticket ticket);

  Parts parts_;
  redact::IngestFilter filter_;
  IdWindow window_;
  SpareTexts spares_;
  IngestCounters counters_;
  std::atomic<bool> ready_{false};
  std::atomic<bool> rebuild_due_{false};  ///< it failed and is to be tried again
  bool rebuild_told_ = false;             ///< of the thread that rebuilds
  std::unique_ptr<Checker> own_;          // of the loop's thread
  std::vector<BatchPtr> small_;           // checked, for the next commit
  bool small_due_ = false;
  std::mutex mutex_;  // guards what follows
  std::vector<std::unique_ptr<Checker>> checkers_;
  struct Watched {
    log::Writer::Ticket ticket;
    MonoTime since;
  };
  std::unordered_map<const Commit*, Watched> watched_;  // commits that are not over
};

}  // namespace tally::server
