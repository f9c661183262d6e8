// SPDX-License-Identifier: Apache-2.0
// The audit of the audit service: its own events on their way into its own log.
#pragma once

#include "capture/audit_log.h"
#include "server/fold.h"
#include "server/self_events.h"
#include "server/work_pool.h"

#include <mutex>
#include <string>
#include <vector>

namespace tally::server {

/// Thread-safe. Everything referred to must outlive it.
class SelfAudit {
 public:
  SelfAudit(capture::AuditLog& log, WorkPool& workers, const SelfEvents& events, const Clock& clock,
            bool enabled)
      : log_(log), workers_(workers), events_(events), clock_(clock), enabled_(enabled) {}

  [[nodiscard]] const SelfEvents& events() const { return events_; }

  /// Durable when it is true; may wait for a commit. What is the same by `key` within a minute is
  /// counted instead. False: what it is about must not happen (contract 6: durable before the
  /// answer).
  [[nodiscard]] bool record(const std::string& key, const event::Event& event);
  /// The same for what is never counted in another one.
  [[nodiscard]] bool record(const event::Event& event);
  /// Never waits; nobody waits for it.
  void note(const std::string& key, event::Event event);
  /// The same for what is never counted in another one; written by flush() at the latest, also
  /// after the workers were stopped.
  void note(event::Event event);
  /// Writes what was counted and is over, and notes that no worker wrote; `all`: everything, at
  /// the end. May wait.
  void flush(bool all = false);

 private:
  void write_notes();

  capture::AuditLog& log_;
  WorkPool& workers_;
  const SelfEvents& events_;
  const Clock& clock_;
  const bool enabled_;
  Fold fold_;
  std::mutex mutex_;  // guards notes_
  std::vector<event::Event> notes_;
};

}  // namespace tally::server
