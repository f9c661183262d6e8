// SPDX-License-Identifier: Apache-2.0
#include "server/serve.h"

#include "base/limits.h"
#include "capture/audit_log.h"
#include "config/audited_paths.h"
#include "log/create.h"
#include "log/writer.h"
#include "proxy/server.h"
#include "record/credential_table.h"
#include "record/log_events.h"
#include "record/recorder.h"
#include "record/tool_names.h"
#include "redact/keyed_digest.h"
#include "server/api.h"
#include "server/recorder_settings.h"
#include "server/reload_parts.h"
#include "server/service_manager.h"
#include "server/token_checks.h"
#include "storage/file_system.h"

#include <csignal>
#include <malloc.h>
#include <optional>
#include <sys/resource.h>
#include <thread>
#include <utility>

namespace tally::server {
namespace {

/// Each connection of a client may need one to its upstream.
void allow_many_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// glibc raises its threshold for separate mappings whenever a large block is freed, and then keeps
/// what the index needs to store a partition, and large answers, for ever. A fixed one gives it
/// back: at 10 M entries 40 MiB. A fixed one for the ends of the heaps too, or each request that
/// brings a few hundred events would fetch its memory from the system and give it back. Few heaps:
/// a block that the index keeps pins the heap of the thread that read it, and with one for each
/// thread most of what was resident under load was free and held by such blocks.
void give_back_large_blocks() {
  ::mallopt(M_MMAP_THRESHOLD, static_cast<int>(kMiB));
  ::mallopt(M_TRIM_THRESHOLD, static_cast<int>(4 * kMiB));
  ::mallopt(M_ARENA_MAX, 4);
}

record::RecoveryFacts facts_of(const log::RecoveryReport& report) {
  return {report.bytes_cut,        report.lines_cut,       report.cut_sha256,
          report.segments_removed, report.lines_rewritten, report.tree_rebuilt};
}

log::CreateOptions creation(const ServeOptions& options) {
  log::CreateOptions out;
  out.host = options.host;
  out.keys_path = options.config.log.keys;
  out.single_writer = options.config.log.single_writer;
  if (options.config.log.hash) out.hash = *options.config.log.hash;
  return out;
}

/// How the log is written; `committed` is rung at each commit.
log::WriterOptions writing(capture::AuditLog& log, const config::LogConfig& settings,
                           const std::shared_ptr<follow::Bell>& committed) {
  log::WriterOptions out = log.writer_options();
  out.batch_entries = settings.batch_size;
  out.flush_interval = settings.flush_interval;
  out.segment_bytes = settings.segment_bytes;
  out.on_committed = [committed] { committed->ring(); };
  return out;
}

/// What the recorders of all upstreams share, and the log they end in.
struct Records {
  Records(const log::Keys& keys, const Clock& clock, TokenChecks& token_checks)
      : checks(token_checks),
        uuids(clock, system_random()),
        digest(Bytes(keys.digest_key)),
        instance(uuids.next()),
        gap_recorder(gap_options(instance), uuids, digest) {}

  static record::RecorderOptions gap_options(const std::string& instance) {
    record::RecorderOptions out;
    out.instance = instance;
    out.source = "proxy";
    out.transport = "streamable-http";
    return out;
  }

  Result<std::unique_ptr<record::HttpRecorder>> make(const config::ServeConfig& settings,
                                                     const config::ProxyConfig& proxy) {
    TALLY_TRY(auto identifier, make_identifier(proxy, checks, digest));
    record::HttpRecorderOptions options;
    options.instance = instance;
    options.server_name = proxy.name;
    options.upstream_host = proxy.upstream.authority();
    options.public_host = public_host(proxy);
    options.policy = *settings.policy;
    options.mcp_paths = proxy.mcp_paths;
    options.paths = config::audited_paths(proxy);
    options.forward_oversize = proxy.oversize == config::Oversize::forward;
    options.credentials = &credentials;
    if (settings.proxies.size() > 1) options.tool_names = &tool_names;
    options.looks_back = settings.log.enabled;
    return std::make_unique<record::HttpRecorder>(std::move(options), std::move(identifier), uuids,
                                                  digest);
  }

  TokenChecks& checks;
  UuidSource uuids;
  redact::KeyedDigest digest;
  std::string instance;
  record::CredentialTable credentials;
  record::ToolNames tool_names;
  record::Recorder gap_recorder;  // only for records of gaps, on the thread that writes them
};

/// Signs of life while all loops move.
struct Watchdog final : net::DeadlineHandler {
  Watchdog(net::Loop& loop, const ServiceManager& manager_in, proxy::Server& server_in,
           const Api& api_in)
      : manager(manager_in), server(server_in), api(api_in), deadline(loop.deadlines(), *this) {}
  void start() {
    if (manager.watchdog()) on_deadline();
  }
  void on_deadline() override {
    deadline.set(*manager.watchdog());
    const bool proxies_move = server.alive();
    if (proxies_move && api.alive()) manager.alive();
  }
  const ServiceManager& manager;
  proxy::Server& server;
  const Api& api;
  net::Deadline deadline;
};

/// The first signal lets requests end, the second does not.
void stop_on_signals(net::Loop& loop, proxy::Server& server, Api& api,
                     const ServiceManager& manager, Reload* reload) {
  const auto act = [&loop, &server, &api, &manager, reload, asked = false](int number) mutable {
    if (number == SIGHUP) {
      if (!asked) reload->request();
      return;
    }
    if (std::exchange(asked, true)) {
      server.cut();
      api.cut();
      return;
    }
    manager.stopping();
    api.drain();
    server.drain([&loop] { loop.stop(); });
  };
  std::vector<int> numbers{SIGTERM, SIGINT};
  if (reload != nullptr) numbers.push_back(SIGHUP);
  loop.on_signals(numbers, act);
}

/// Says that everything is there, and serves until a signal has ended it.
void serve_until_stopped(net::Loop& loop, proxy::Server& server, Api& api,
                         const ServeOptions& options, Reload* reload) {
  const ServiceManager manager(options.environment);
  stop_on_signals(loop, server, api, manager, reload);
  if (options.ready) {
    auto places = server.listening();
    places.push_back({"", api.url(), ""});
    options.ready(places);
  }
  manager.ready("API and health on " + api.url());
  Watchdog watchdog(loop, manager, server, api);
  watchdog.start();
  loop.run();
  server.finish();
  // The loop goes on, for a second signal.
  std::thread finisher([&] {
    api.finish();
    loop.stop();
  });
  loop.run();
  finisher.join();
}

/// What there is to be told of the log before anything else.
void record_opening(capture::AuditLog& log, const std::optional<log::RecoveryReport>& recovery,
                    bool enabled, Records& records, const Clock& clock) {
  if (recovery) {
    log.enqueue({record::recovery_event(facts_of(*recovery), records.instance, "proxy",
                                        records.uuids, clock.now())});
  }
  if (!enabled) {
    log.enqueue({record::disabled_event(records.instance, "proxy", records.uuids, clock.now())});
  }
}

/// Serves, with settings that can be read again meanwhile.
void serve_with_reload(net::Loop& loop, proxy::Server& server, Api& api,
                       const ServeOptions& options, Records& records, capture::AuditLog& log,
                       const std::string& origin) {
  const SelfEvents events(system_clock(), records.uuids, records.instance, "serve", origin);
  const auto record = [&log, on = options.config.log.enabled](event::Event event) {
    if (on) log.enqueue({std::move(event)});
  };
  std::optional<Reload> reload;
  if (options.reload) {
    reload.emplace(Reload::Parts{options.reload, options.settings, record, events});
    add_reload_parts(*reload, loop, server, api, options.config, records.checks, records.digest);
  }
  serve_until_stopped(loop, server, api, options, reload ? &*reload : nullptr);
}

}  // namespace

Result<void> run_serve(const ServeOptions& options) {
  allow_many_descriptors();
  give_back_large_blocks();
  const config::ServeConfig& config = options.config;
  const Clock& clock = system_clock();
  net::Loop loop;
  TALLY_TRY(const auto server, proxy::Server::open(loop, config, clock));
  TALLY_TRY(const auto api, Api::open(config, clock));

  storage::FileSystem& fs = storage::posix_file_system();
  TALLY_TRY(auto opened,
            log::open_or_create(fs, config.log.directory, creation(options),
                                config.log.hash.has_value(), options.environment, system_random()));
  const auto keys = std::make_shared<const log::Keys>(std::move(opened.keys));
  TokenChecks checks(fs);
  Records records(*keys, clock, checks);
  capture::AuditLog log;
  const auto committed = std::make_shared<follow::Bell>();
  TALLY_TRY(auto writer, log::Writer::open(fs, config.log.directory, keys, clock,
                                           writing(log, config.log, committed)));
  const auto recovery = writer->take_recovery_report();
  TALLY_TRY(auto spooler,
            spool::Spooler::open(fs, config.spool.directory,
                                 {config.spool.bytes_max, opened.info.id, records.instance},
                                 {fs, config.log.directory}, clock));
  const auto gap_record = [&records, &clock](record::Gap& gap) {
    return records.gap_recorder.gap_event(gap, mcp::moment_of(clock));
  };
  log::Writer& log_writer = *writer;
  log.start(std::move(writer), gap_record, std::move(spooler));
  record_opening(log, recovery, config.log.enabled, records, clock);

  // Loops and the backlog must not outlive the log and what makes its records.
  const std::unique_ptr<proxy::Server, void (*)(proxy::Server*)> ending(
      server.get(), [](proxy::Server* ended) { ended->finish(); });
  const auto make = [&](const config::ProxyConfig& proxy) { return records.make(config, proxy); };
  capture::DefinitionDesk desk(fs, config.log.directory, clock, system_random());
  TALLY_TRY_VOID(server->start(log, make, config.log.enabled ? &desk : nullptr));
  TALLY_TRY(const auto oidc, with_context(checks.make(config.oidc, true), "oidc"));
  TALLY_TRY(const auto folder,
            log::KeyFolder::locate(opened.info.id, config.log.keys, options.environment));
  TALLY_TRY_VOID(api->start({config,
                             fs,
                             clock,
                             records.uuids,
                             records.digest,
                             log,
                             log_writer,
                             opened.info,
                             keys->signer.verifier(),
                             folder.path(),
                             records.instance,
                             options.version,
                             committed,
                             [&log] { return log.trouble(); },
                             options.first_token,
                             kIntegrityWait,
                             {},
                             options.settings.digest,
                             &server->counters(),
                             oidc,
                             options.settings.marks,
                             [&checks] { return checks.figures(); }}));
  serve_with_reload(loop, *server, *api, options, records, log, opened.info.origin);
  // What could not be recorded was said on standard error and in the log.
  static_cast<void>(log.close());
  return {};
}

}  // namespace tally::server
