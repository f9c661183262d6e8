// SPDX-License-Identifier: Apache-2.0
#include "wrap/audit_session.h"

#include "log/writer.h"
#include "record/log_events.h"
#include "record/recorder.h"
#include "redact/keyed_digest.h"
#include "wrap/session_auditor.h"
#include "wrap/wrap.h"

#include <cstdio>
#include <pwd.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace tally::wrap {
namespace {

constexpr int kExitNoLog = 2;

/// Relays and records nothing: AUDIT_LOG_ENABLED=false.
class SilentAuditor final : public Auditor {
 public:
  void process_started(const ProcessInfo&) override {}
  void start_failed(const ProcessInfo&, const Error&, int) override {}
  void program_hashed(const ProgramDigest&) override {}
  [[nodiscard]] Decision client_frame(const mcp::Frame&, mcp::Moment) override {
    return Decision::pass();
  }
  void client_frame_lost(const mcp::Frame&, LostReason) override {}
  [[nodiscard]] Decision client_oversize(const OversizeStart&) override { return Decision::pass(); }
  void stop_holding() override {}
  void client_closed(ClientEnd) override {}
  void server_frame(const mcp::Frame&, mcp::Moment, bool) override {}
  void server_oversize(const OversizeStart&) override {}
  void server_closed(ServerEnd) override {}
  void oversize_bytes(mcp::Direction, std::string_view) override {}
  void oversize_end(mcp::Direction, const OversizeEnd&) override {}
  void process_exited(const ExitInfo&) override {}
};

/// The user who runs us, as the operating system knows them: verified, because the kernel says so.
record::Actor operating_system_user() {
  const ::uid_t uid = ::geteuid();
  std::vector<char> buffer(4096);
  struct passwd entry {};
  struct passwd* found = nullptr;
  const int error = ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  const bool named = error == 0 && found != nullptr;
  return {named ? std::string(entry.pw_name) : "uid:" + std::to_string(uid), event::ActorType::user,
          event::ActorVerified::yes};
}

record::RecoveryFacts facts_of(const log::RecoveryReport& report) {
  return {report.bytes_cut,        report.lines_cut,       report.cut_sha256,
          report.segments_removed, report.lines_rewritten, report.tree_rebuilt};
}

}  // namespace

int run_audited_wrap(const AuditedWrapOptions& options, SignalGate& signals) {
  storage::FileSystem& fs = storage::posix_file_system();
  const Clock& clock = system_clock();
  const auto refuse = [](const Error& error) {
    std::fprintf(stderr,
                 "tallystick: the server was not started, because its log cannot be written: %s\n",
                 error.detail.c_str());
    return kExitNoLog;
  };
  auto opened = log::open_or_create(fs, options.log_directory, options.create, options.hash_given,
                                    options.environment, system_random());
  if (!opened) return refuse(opened.error());
  auto keys = std::make_shared<const log::Keys>(std::move(opened->keys));

  UuidSource uuids(clock, system_random());
  const redact::KeyedDigest digest{Bytes(keys->digest_key)};
  record::RecorderOptions recorder_options;
  recorder_options.instance = uuids.next();
  recorder_options.server_name = options.name;
  recorder_options.command = options.command;
  recorder_options.policy = options.policy;
  recorder_options.actor = operating_system_user();
  recorder_options.session_id = digest(uuids.next());
  recorder_options.looks_back = true;
  const std::string instance = recorder_options.instance;
  record::Recorder recorder(std::move(recorder_options), uuids, digest);

  capture::AuditLog log;
  SessionAuditor auditor(log, recorder, clock, options.write_timeout);
  log::WriterOptions writer_options = log.writer_options();
  writer_options.batch_entries = options.writer.batch_entries;
  writer_options.flush_interval = options.writer.flush_interval;
  writer_options.segment_bytes = options.writer.segment_bytes;
  auto writer =
      log::Writer::open(fs, options.log_directory, keys, clock, std::move(writer_options));
  if (!writer) return refuse(writer.error());
  auto spooler = spool::Spooler::open(fs, options.spool_directory,
                                      {options.spool_bytes, opened->info.id, instance},
                                      {fs, options.log_directory}, clock);
  if (!spooler) return refuse(spooler.error());
  const auto recovery = (*writer)->take_recovery_report();
  log.start(
      std::move(*writer), [&auditor](record::Gap& gap) { return auditor.gap_event(gap); },
      std::move(*spooler));
  if (recovery) {
    log.enqueue(
        {record::recovery_event(facts_of(*recovery), instance, "wrap", uuids, clock.now())});
  }

  capture::DefinitionHistory history(fs, options.log_directory, clock);
  auditor.set_history(&history);
  int status = 0;
  const WrapOptions wrap_options{options.command, &clock};
  if (options.enabled) {
    status = run_wrap(wrap_options, signals, auditor);
  } else {
    std::fprintf(stderr,
                 "tallystick: AUDIT_LOG_ENABLED is false: nothing of this session is recorded\n");
    log.enqueue({record::disabled_event(instance, "wrap", uuids, clock.now())});
    SilentAuditor silent;
    status = run_wrap(wrap_options, signals, silent);
  }
  history.finish();
  // The server's exit status stands: what could not be recorded was said on standard error and in
  // the log.
  static_cast<void>(log.close());
  return status;
}

}  // namespace tally::wrap
