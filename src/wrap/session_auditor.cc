// SPDX-License-Identifier: Apache-2.0
#include "wrap/session_auditor.h"

#include "base/limits.h"

#include <algorithm>
#include <utility>

namespace tally::wrap {
namespace {

constexpr std::chrono::seconds kTickInterval{5};
/// A session that is ending does not wait the whole write timeout: its client may be killed within
/// a second.
constexpr std::chrono::milliseconds kLastWait{500};

record::StartInfo start_info(const ProcessInfo& info) {
  record::StartInfo out;
  out.arguments = info.arguments;
  out.environment_names = info.environment_names;
  out.working_directory = info.working_directory;
  out.program = info.program;
  out.pid = info.pid;
  out.wrapper_pid = info.wrapper_pid;
  out.wrapper_parent_pid = info.wrapper_parent_pid;
  out.user_name = info.user_name;
  out.uid = static_cast<std::int64_t>(info.uid);
  out.wrapper_start_ticks = info.wrapper.start_ticks;
  out.boot_id = info.wrapper.boot_id;
  out.pid_namespace = info.wrapper.pid_namespace;
  out.host = info.wrapper.host;
  return out;
}

}  // namespace

void SessionAuditor::process_started(const ProcessInfo& info) {
  const std::lock_guard lock(mutex_);
  log_.enqueue({recorder_.on_process_start(start_info(info), std::nullopt, info.started)});
}

void SessionAuditor::start_failed(const ProcessInfo& info, const Error& error, int exit_status) {
  const std::lock_guard lock(mutex_);
  log_.enqueue({recorder_.on_start_failed(start_info(info), error.detail, exit_status,
                                          mcp::moment_of(clock_))});
}

void SessionAuditor::program_hashed(const ProgramDigest& digest) {
  const std::lock_guard lock(mutex_);
  recorder_.on_program_hashed({digest.bytes, digest.sha256, digest.error});
}

Decision SessionAuditor::client_frame(const mcp::Frame& frame, mcp::Moment seen) {
  record::Observation observation;
  {
    const std::lock_guard lock(mutex_);
    tick(seen);
    observation = recorder_.on_frame(mcp::Direction::c2s, frame, seen);
  }
  return decide(std::move(observation));
}

/// Holds the frame, by not returning, until what must be durable is; without the lock, so that the
/// server's direction goes on.
Decision SessionAuditor::decide(record::Observation observation) {
  if (!observation.before.empty()) {
    if (!observation.must_wait) {
      log_.enqueue(observation.before);
    } else if (!log_.append_durable(observation.before, stopping_
                                                            ? std::min(kLastWait, write_timeout_)
                                                            : write_timeout_)) {
      std::string refusal = std::move(observation.refusal);
      log_.count_missing(observation.before);
      const std::lock_guard lock(mutex_);
      log_.enqueue(recorder_.not_forwarded(std::move(observation), mcp::moment_of(clock_)));
      return Decision::refuse(std::move(refusal));
    }
  }
  passing_ = std::move(observation);
  return Decision::pass();
}

void SessionAuditor::client_frame_forwarded() {
  if (passing_) log_.enqueue(passing_->after);
  passing_.reset();
}

void SessionAuditor::client_frame_lost(const mcp::Frame&, LostReason reason) {
  if (!passing_) return;
  if (reason == LostReason::server_gone && !passing_->opened.empty()) {
    // A part of it may have been sent, so nobody knows; the end of the server closes it as that.
    passing_.reset();
    return;
  }
  const std::lock_guard lock(mutex_);
  log_.enqueue(
      recorder_.not_forwarded(*std::exchange(passing_, std::nullopt), mcp::moment_of(clock_)));
}

Decision SessionAuditor::client_oversize(const OversizeStart& start) {
  record::Observation observation;
  {
    const std::lock_guard lock(mutex_);
    observation = recorder_.on_oversize_start(mcp::Direction::c2s, start.head, start.seen);
  }
  const Decision decision = decide(std::move(observation));
  passing_.reset();  // what comes of it is said at its end
  return decision;
}

void SessionAuditor::stop_holding() { stopping_ = true; }

void SessionAuditor::client_closed(ClientEnd end) {
  if (end != ClientEnd::vanished && end != ClientEnd::read_error) return;
  const std::lock_guard lock(mutex_);
  log_.enqueue(recorder_.on_client_gone(mcp::moment_of(clock_)));
}

void SessionAuditor::server_frame(const mcp::Frame& frame, mcp::Moment seen, bool /*delivered*/) {
  const std::lock_guard lock(mutex_);
  const record::Observation observation = recorder_.on_frame(mcp::Direction::s2c, frame, seen);
  log_.enqueue(observation.before);
  log_.enqueue(observation.after);
  look_back();
}

/// With the lock held. What is found comes on another thread, which takes its turn.
void SessionAuditor::look_back() {
  auto lookup = history_ == nullptr ? std::nullopt : recorder_.take_lookup();
  if (!lookup) return;
  history_->look(std::move(*lookup), [this](const record::EarlierDefinitions& earlier) {
    const std::lock_guard lock(mutex_);
    log_.enqueue(recorder_.on_earlier_definitions(earlier, mcp::moment_of(clock_)));
  });
}

void SessionAuditor::server_oversize(const OversizeStart& start) {
  const std::lock_guard lock(mutex_);
  const record::Observation observation =
      recorder_.on_oversize_start(mcp::Direction::s2c, start.head, start.seen);
  log_.enqueue(observation.before);
}

void SessionAuditor::server_closed(ServerEnd) {
  const std::lock_guard lock(mutex_);
  log_.enqueue(recorder_.on_server_gone(mcp::moment_of(clock_)));
}

void SessionAuditor::oversize_bytes(mcp::Direction direction, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  recorder_.on_oversize_bytes(direction, bytes);
}

void SessionAuditor::oversize_end(mcp::Direction direction, const OversizeEnd& end) {
  const bool maybe_forwarded = !end.forwarded && end.lost == LostReason::server_gone;
  const std::lock_guard lock(mutex_);
  log_.enqueue(recorder_.on_oversize_end(
      direction, {end.bytes, "sha256:" + end.sha256, end.ended, end.forwarded, maybe_forwarded},
      mcp::moment_of(clock_)));
}

void SessionAuditor::process_exited(const ExitInfo& info) {
  const std::lock_guard lock(mutex_);
  record::ExitInfo exit;
  exit.code = info.code;
  exit.signal = info.signal;
  exit.core_dumped = info.core_dumped;
  exit.killed_by_wrap = info.killed_by_wrap;
  exit.exit_status = info.exit_status;
  log_.enqueue(recorder_.on_process_exit(exit, info.ended));
}

/// What grew too old, now and then; a session without traffic has nothing that a tick would change
/// but at its end.
void SessionAuditor::tick(mcp::Moment now) {
  if (now.mono - last_tick_ < kTickInterval) return;
  last_tick_ = now.mono;
  log_.enqueue(recorder_.on_tick(now));
}

event::Event SessionAuditor::gap_event(record::Gap& gap) {
  const std::lock_guard lock(mutex_);
  return recorder_.gap_event(gap, mcp::moment_of(clock_));
}

}  // namespace tally::wrap
