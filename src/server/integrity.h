// SPDX-License-Identifier: Apache-2.0
// GET /api/audit/integrity and what it leads to: checks that run beside the service's other work,
// some longer than a request.
#pragma once

#include "base/random.h"
#include "server/integrity_check.h"
#include "server/reading.h"
#include "server/work_pool.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace tally::server {

/// For /metrics; written by checks, read by anybody.
struct IntegrityCounters {
  std::atomic<std::uint64_t> intact{0};   ///< checks that found nothing
  std::atomic<std::uint64_t> damaged{0};  ///< checks that found something
  std::atomic<std::uint64_t> failed{0};   ///< checks that could not be made
  std::atomic<std::uint64_t> stopped{0};  ///< checks that nobody wanted any more
  std::atomic<std::uint64_t> running{0};
  std::atomic<std::int64_t> last_success_s{0};  ///< Unix time of the last whole check that found
                                                ///< nothing; 0: none yet
};

/// Thread-safe. At most kIntegrityChecksMax checks at a time, on threads of their own.
class IntegrityChecks {
 public:
  /// All must outlive it. `found` hears, on a check's thread, of each check that was made or could
  /// not be made, and whether it was asked for by a request.
  struct Parts {
    const Reading& reading;
    WorkPool& workers;
    UuidSource& uuids;
    CheckedLog log;
    std::chrono::milliseconds wait = kIntegrityWait;
    std::function<void(const Result<log::VerifyReport>& report, bool requested)> found;
  };
  explicit IntegrityChecks(Parts parts);
  ~IntegrityChecks();  // as stop()
  IntegrityChecks(const IntegrityChecks&) = delete;
  IntegrityChecks& operator=(const IntegrityChecks&) = delete;

  /// GET /api/audit/integrity. On a worker; answers when the check is over, or with 202 when it has
  /// taken Parts::wait.
  void begin(const std::shared_ptr<Request>& request, const Reply& reply);
  /// GET /api/audit/integrity/{check}. On a worker.
  void answer_result(const Request& request, const Reply& reply);
  /// Begins a check of everything that nobody waits for, at kIntegrityBytesPerSecond; false when
  /// too many are under way. `over` is called on the check's thread.
  [[nodiscard]] bool begin_own(std::function<void()> over);
  /// Answers what took too long, stops what nobody waits for. Every second or so.
  void tick();
  /// Asks every check to end, and takes no new ones. Does not wait.
  void wind_up();
  /// wind_up(), and waits.
  void stop();
  [[nodiscard]] const IntegrityCounters& counters() const { return counters_; }

 private:
  struct Job;
  using JobPtr = std::shared_ptr<Job>;
  [[nodiscard]] bool launch(const JobPtr& job);
  void run(const JobPtr& job);
  void finish(const JobPtr& job, const Result<log::VerifyReport>& report);
  void count(const Result<log::VerifyReport>& report, bool whole);
  [[nodiscard]] std::optional<log::EntrySpan> span_of(const Request& request,
                                                      const CheckProgress& progress) const;
  [[nodiscard]] bool refused(const Request& request, const Reply& reply) const;
  void forget_old_results();

  Parts parts_;
  IntegrityCounters counters_;
  std::mutex mutex_;  // guards what follows, and what Job says
  bool ended_ = false;
  unsigned running_ = 0;
  std::map<std::string, JobPtr> jobs_;  // by id
  WorkPool pool_;                       // the last member: it ends before what it uses
};

}  // namespace tally::server
