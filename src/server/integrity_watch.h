// SPDX-License-Identifier: Apache-2.0
// Periodic checks of the whole log, and the events that tell of them.
#pragma once

#include "server/integrity.h"

#include <atomic>
#include <chrono>

namespace tally::server {

/// tick() on one thread. Knows nothing of earlier processes: after a start it begins anew.
class IntegrityWatch {
 public:
  /// `checks` must outlive it. `interval`: from the end of one check to the next one; 0: none.
  IntegrityWatch(IntegrityChecks& checks, const Clock& clock, std::chrono::milliseconds interval);

  /// Begins a check that is due. Every second or so.
  void tick();
  /// When the next one is due; nothing while one runs, or when there are none.
  [[nodiscard]] std::optional<MonoTime> due() const;

 private:
  IntegrityChecks& checks_;
  const Clock& clock_;
  const std::chrono::milliseconds interval_;
  MonoTime due_;
  std::atomic<bool> running_{false};
  std::atomic<MonoTime> ended_{};
};

/// Writes what a check found into the log: every periodic check, and those asked for by a request
/// that found something. Also on standard error when it is bad. On the check's thread; may wait for
/// a commit.
void tell_of_check(capture::AuditLog& log, SelfAudit& audit, std::string_view directory,
                   const Result<log::VerifyReport>& report, bool requested);

}  // namespace tally::server
