// SPDX-License-Identifier: Apache-2.0
// Between relay, recorder and log: gives each its turn, and holds a message until its record is
// durable.
#pragma once

#include "base/clock.h"
#include "base/limits.h"
#include "capture/audit_log.h"
#include "capture/definition_history.h"
#include "record/recorder.h"
#include "wrap/auditor.h"

#include <atomic>
#include <mutex>
#include <optional>

namespace tally::wrap {

/// As Auditor says. `log`, `recorder` and `clock` must outlive it.
class SessionAuditor final : public Auditor {
 public:
  /// `write_timeout` = how long a call may be held for its record.
  SessionAuditor(capture::AuditLog& log, record::Recorder& recorder, const Clock& clock,
                 std::chrono::milliseconds write_timeout = kWriteTimeout)
      : log_(log), recorder_(recorder), clock_(clock), write_timeout_(write_timeout) {}

  void process_started(const ProcessInfo& info) override;
  void start_failed(const ProcessInfo& info, const Error& error, int exit_status) override;
  void program_hashed(const ProgramDigest& digest) override;
  [[nodiscard]] Decision client_frame(const mcp::Frame& frame, mcp::Moment seen) override;
  void client_frame_forwarded() override;
  void client_frame_lost(const mcp::Frame& frame, LostReason reason) override;
  [[nodiscard]] Decision client_oversize(const OversizeStart& start) override;
  void stop_holding() override;
  void client_closed(ClientEnd end) override;
  void server_frame(const mcp::Frame& frame, mcp::Moment seen, bool delivered) override;
  void server_oversize(const OversizeStart& start) override;
  void server_closed(ServerEnd end) override;
  void oversize_bytes(mcp::Direction direction, std::string_view bytes) override;
  void oversize_end(mcp::Direction direction, const OversizeEnd& end) override;
  void idle() override { log_.tell_of_gap(); }
  void process_exited(const ExitInfo& info) override;

  /// Where the tools of earlier sessions are looked for; null: nowhere. Must outlive the session.
  void set_history(capture::DefinitionHistory* history) { history_ = history; }

  /// The record of a gap, for AuditLog.
  [[nodiscard]] event::Event gap_event(record::Gap& gap);

 private:
  [[nodiscard]] Decision decide(record::Observation observation);
  void tick(mcp::Moment now);
  void look_back();

  capture::AuditLog& log_;
  record::Recorder& recorder_;
  const Clock& clock_;
  capture::DefinitionHistory* history_ = nullptr;
  const std::chrono::milliseconds write_timeout_;
  // Guards the recorder; never held while a message waits. Recursive: the record of a gap is asked
  // for by the log while it is given other records.
  std::recursive_mutex mutex_;
  std::optional<record::Observation> passing_;  // client thread only: shown, not yet forwarded
  std::atomic<bool> stopping_ = false;
  MonoTime last_tick_{};
};

}  // namespace tally::wrap
