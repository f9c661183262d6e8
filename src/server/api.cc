// SPDX-License-Identifier: Apache-2.0
#include "server/api.h"

#include "access/token.h"
#include "base/limits.h"
#include "base/own_log.h"
#include "server/entry_reads.h"
#include "server/export.h"
#include "server/integrity_watch.h"
#include "server/kept_index.h"
#include "server/metrics.h"
#include "server/openapi.h"
#include "server/search.h"
#include "server/session_api.h"
#include "server/settings_watch.h"
#include "server/stats.h"
#include "server/stream.h"

#include <sys/resource.h>
#include <utility>

namespace tally::server {
namespace {

/// How often what time does is looked after: folded records, commits that wait too long.
constexpr std::chrono::milliseconds kTick{1'000};

/// Entries that are read in a moment.
constexpr std::uint64_t kShortLog = 100'000;

constexpr int kNiceness = 5;
/// Recording goes before sending: of the calling thread (sched(7)).
void step_back() { static_cast<void>(::setpriority(PRIO_PROCESS, 0, kNiceness)); }

void place(std::array<Handler, kOperationCount>& handlers, OperationId id, Handler handler) {
  handlers[static_cast<std::size_t>(id)] = std::move(handler);
}

Answer text_answer(int status, std::string text) {
  Answer out;
  out.status = status;
  out.type = "text/plain; charset=utf-8";
  out.body = std::move(text) + "\n";
  return out;
}

std::uint64_t random_number() {
  std::array<std::byte, 8> bytes{};
  system_random().fill(bytes);
  return load_be64(bytes.data());
}

}  // namespace

/// Everything that needs the log.
struct Api::Running final : net::DeadlineHandler {
  static std::shared_ptr<const Oidc> make_oidc(
      std::shared_ptr<const identity::TokenVerifier> verifier, const config::OidcRoles& roles,
      std::uint64_t settings) {
    if (verifier == nullptr) return nullptr;
    return std::make_shared<const Oidc>(
        std::move(verifier),
        access::RoleRules{roles.role_claim, roles.admin, roles.auditor, roles.writer,
                          roles.scope_claim},
        roles.name_claim, settings);
  }

  Running(Api& api, Parts parts_in, std::unique_ptr<KeptIndex> kept_index)
      : parts(std::move(parts_in)),
        kept(std::move(kept_index)),
        events(parts.clock, parts.uuids, parts.instance, "serve", parts.info.origin),
        // One more, because no lane has all: events may still use every core.
        workers(WorkPool::usual_threads() + 1, kApiQueueMax),
        audit(parts.log, workers, events, parts.clock, parts.config.log.enabled),
        tokens(access::TokenFile(parts.fs, parts.keys_folder), parts.clock),
        sessions(parts.config.session_lifetime),
        admissions(tokens, parts.clock, make_oidc(parts.oidc, parts.config.oidc_roles, 0),
                   parts.config.session_lifetime.count() > 0 ? &sessions : nullptr),
        session_api{sessions, audit, parts.clock, parts.config.api_tls.enabled(),
                    parts.config.session_lifetime.count() > 0},
        gate(admissions, audit, parts.clock, parts.config.api_tls.enabled()),
        readers(parts.fs, parts.config.log.directory),
        reading{readers,   audit,         parts.clock,     parts.digest,
                parts.key, kept->index(), kept->waiting(), workers},
        exports(reading, admissions),
        ingest({api.loop_, workers, parts.writer, parts.log, readers, parts.clock, parts.uuids,
                parts.digest, parts.instance, random_number(), parts.config.write_timeout}),
        integrity({reading, workers, parts.uuids,
                   CheckedLog{parts.fs, parts.config.log.directory, parts.keys_folder, parts.key,
                              parts.clock},
                   parts.integrity_wait,
                   [this](const Result<log::VerifyReport>& report, bool requested) {
                     tell_of_check(parts.log, audit, parts.config.log.directory, report, requested);
                   }}),
        watch(integrity, parts.clock,
              parts.config.log.enabled ? parts.config.log.integrity_checks
                                       : std::chrono::milliseconds(0)),
        settings({kept->index(), parts.log, workers, events,
                  parts.config.log.enabled ? parts.settings_digest : std::string(),
                  parts.settings_marks}),
        moved(api.moved_),
        live(1, kApiQueueMax, 1),
        catch_up(1, kApiQueueMax, 1),
        tail(std::make_shared<LiveTail>(LiveTail::Parts{parts.fs, readers, parts.clock, admissions,
                                                        parts.trouble, parts.committed})),
        tick(api.loop_.deadlines(), *this) {
    for (WorkPool* const pool : {&live, &catch_up}) pool->resume(step_back);
  }

  void on_deadline() override {
    tick.set(kTick);
    moved = parts.clock.mono();
    settings.tick();
    ingest.tick();
    kept->waiting().expire(parts.clock.mono());
    integrity.tick();
    watch.tick();
    workers.resume(WorkPool::Lane::write, [this] { audit.flush(); });
    tell_of_tokens();
  }

  /// Trouble with the file of tokens keeps nobody out who was in, so nobody else would tell.
  void tell_of_tokens() {
    static_cast<void>(tokens.size());  // reads it when that is due
    std::string trouble = tokens.trouble();
    if (trouble == tokens_trouble) return;
    if (trouble.empty()) {
      say(LogLevel::info, "tokens", "the API tokens can be read again");
    } else {
      say(LogLevel::error, "tokens", "the API tokens cannot be read, those known stay: " + trouble);
    }
    tokens_trouble = std::move(trouble);
  }

  Parts parts;
  std::string tokens_trouble;  // as it was told
  std::unique_ptr<KeptIndex> kept;
  SelfEvents events;
  WorkPool workers;
  SelfAudit audit;
  access::TokenStore tokens;
  access::SessionTable sessions;
  Admissions admissions;
  std::atomic<std::uint64_t> oidc_settings{0};  // how often they were changed
  Sessions session_api;
  Gate gate;
  LogReaders readers;
  Reading reading;
  Exports exports;
  Ingest ingest;
  IntegrityChecks integrity;
  IntegrityWatch watch;
  SettingsWatch settings;
  std::atomic<MonoTime>& moved;
  WorkPool live;  // these two, of one thread each, for streams
  WorkPool catch_up;
  std::shared_ptr<LiveTail> tail;
  net::Deadline tick;
};

namespace {

/// The end of the patience when draining.
struct Patience final : net::DeadlineHandler {
  Patience(net::Loop& loop, Service& service_in)
      : service(service_in), deadline(loop.deadlines(), *this) {}
  void on_deadline() override { service.cut(); }
  Service& service;
  net::Deadline deadline;
};

}  // namespace

Api::Api(const config::ServeConfig& config, const Clock& clock)
    : config_(config),
      drain_timeout_(config.drain_timeout),
      service_(std::make_unique<Service>(loop_, clock)) {}

Api::~Api() {
  finish();
  service_.reset();
}

Result<std::unique_ptr<Api>> Api::open(const config::ServeConfig& config, const Clock& clock) {
  std::unique_ptr<Api> api(new Api(config, clock));
  std::shared_ptr<const net::TlsContext> tls;
  if (config.api_tls.enabled()) {
    TALLY_TRY(tls, net::TlsContext::server(config.api_tls.certificate, config.api_tls.key));
  }
  TALLY_TRY_VOID(with_context(api->service_->listen(config.listen, std::move(tls)), "--listen"));
  return api;
}

/// Contract 6: into a file that only its owner can read. Its record goes first.
Result<void> Api::make_first_token(const Parts& parts) {
  const access::TokenFile file(parts.fs, parts.keys_folder);
  TALLY_TRY(const bool there, file.exists());
  if (there) return {};
  const access::NewToken token = access::make_token(
      {"first", access::Role::admin, {}, std::nullopt}, parts.clock.now(), system_random());
  if (parts.config.log.enabled &&
      !parts.log.append_durable({running_->events.token_created(token.record, "")}, kLockWait)) {
    return fail(Errc::io, "the first token could not be recorded; see above");
  }
  const std::string path = storage::join(parts.keys_folder, "admin-token");
  TALLY_TRY_VOID(storage::replace_file(parts.fs, path, token.secret + "\n"));
  TALLY_TRY_VOID(file.add(token.record, parts.clock.now()));
  if (parts.first_token) parts.first_token(token.secret, path);
  return {};
}

/// Those that need no token and say nothing about entries.
void Api::place_open_handlers(std::array<Handler, kOperationCount>& handlers) {
  const Parts& with = running_->parts;
  using Id = OperationId;
  place(handlers, Id::health,
        [](const auto&, const Reply& reply) { reply.send(text_answer(200, "ok")); });
  place(handlers, Id::ready, [this, &with](const auto&, const Reply& reply) {
    const std::string trouble = draining_ ? "stopping" : with.trouble();
    reply.send(trouble.empty() ? text_answer(200, "ok") : text_answer(503, trouble));
  });
  Answer document = json_answer(openapi_document(with.version));
  document.etag = to_hex(crypto::sha256(as_bytes(document.body)).bytes().first(8));
  place(handlers, Id::openapi,
        [document](const auto&, const Reply& reply) { reply.send(document); });
}

std::array<Handler, kOperationCount> Api::make_handlers() {
  Running& running = *running_;
  std::array<Handler, kOperationCount> handlers;
  using Id = OperationId;
  place_open_handlers(handlers);
  for (const OperationId id : {Id::post_events, Id::post_backstage, Id::post_otlp}) {
    place(handlers, id, [&running](std::shared_ptr<Request> request, Reply reply) {
      if (!running.parts.config.log.enabled) {
        reply.send(busy("auditing is switched off (AUDIT_LOG_ENABLED)", 60));
        return;
      }
      running.ingest.handle(std::move(request), std::move(reply));
    });
  }
  const auto read = [&](OperationId id, auto answer) {
    place(handlers, id, [&running, answer](const auto& request, const Reply& reply) {
      answer(running.reading, *request, reply);
    });
  };
  const auto wait = [&](OperationId id, auto answer) {
    place(handlers, id, [&running, answer](const auto& request, const Reply& reply) {
      answer(running.reading, request, reply);
    });
  };
  place(handlers, Id::stream, [&running](const auto& request, const Reply& reply) {
    answer_stream(running.reading, running.tail, *request, reply);
  });
  wait(Id::list, answer_list);
  wait(Id::stats, answer_stats);
  read(Id::entry, answer_entry);
  place(handlers, Id::export_entries, [&running](const auto& request, const Reply& reply) {
    running.exports.answer(*request, reply);
  });
  read(Id::proof, answer_proof);
  read(Id::checkpoint, answer_checkpoint);
  read(Id::tile, answer_tile);
  place(handlers, Id::integrity, [&running](const auto& request, const Reply& reply) {
    running.integrity.begin(request, reply);
  });
  place(handlers, Id::integrity_result, [&running](const auto& request, const Reply& reply) {
    running.integrity.answer_result(*request, reply);
  });
  const auto session = [&](OperationId id, auto act) {
    place(handlers, id, [&running, act](const auto& request, const Reply& reply) {
      (running.session_api.*act)(*request, reply);
    });
  };
  session(Id::session_open, &Sessions::open);
  session(Id::session_show, &Sessions::show);
  session(Id::session_close, &Sessions::close);
  const WallTime started = running.parts.clock.now();
  place(handlers, Id::metrics, [this, &running, started](const auto&, const Reply& reply) {
    const Parts& p = running.parts;
    Answer answer;
    answer.type = "text/plain; version=0.0.4; charset=utf-8";
    answer.body = metrics_page(
        {service_->counters(), running.ingest.counters(), p.log, running.workers, running.readers,
         p.clock, p.version, started, p.trouble().empty(), running.integrity.counters(),
         running.tokens.trouble().empty(), p.key, p.proxies, p.config.spool.directory,
         p.key_sets ? p.key_sets() : KeySetFigures{}, running.tail.get()});
    reply.send(std::move(answer));
  });
  return handlers;
}

Result<void> Api::start(Parts parts) {
  TALLY_TRY(auto kept,
            KeptIndex::open(parts.fs, parts.config.log.directory, [](const std::string& what) {
              say(LogLevel::warning, "index", what);
            }));
  running_ = std::make_unique<Running>(*this, std::move(parts), std::move(kept));
  Running& running = *running_;
  const Parts& with = running.parts;
  TALLY_TRY_VOID(make_first_token(with));
  TALLY_TRY_VOID(running.tokens.open());
  const auto reader = running.readers.take();
  const auto head =
      reader ? (*reader)->lines.head() : Result<log::Head>(tl::unexpected(reader.error()));
  if (head) running.settings.begin(head->size.value());
  if (with.config.log.enabled) {
    with.log.enqueue(
        {running.events.started(with.version, with.settings_digest, with.settings_marks)});
  }

  service_->set_limits(with.limits);
  service_->use_for_streams(running.live, running.catch_up);
  service_->start(running.gate, running.workers, make_handlers());
  moved_ = with.clock.mono();
  running.tick.set(kTick);
  const auto rebuild = [&running] { running.ingest.rebuild_window(); };
  // A long log takes a second, in which nobody has to wait for the proxies.
  if (head && head->size.value() < kShortLog) {
    rebuild();
  } else {
    running.workers.resume(WorkPool::Lane::write, rebuild);
  }
  thread_ = std::thread([this] { loop_.run(); });
  return {};
}

void Api::use_oidc(std::shared_ptr<const identity::TokenVerifier> verifier,
                   const config::OidcRoles& roles) {
  if (running_ == nullptr) return;
  running_->admissions.use_oidc(
      Running::make_oidc(std::move(verifier), roles, ++running_->oidc_settings));
}

void Api::use_tls(std::shared_ptr<const net::TlsContext> tls) {
  loop_.post([this, tls = std::move(tls)] { service_->use_tls(tls); });
}

void Api::drain() {
  if (running_ == nullptr || draining_.exchange(true)) return;
  running_->integrity.wind_up();
  loop_.post([this] {
    auto patience = std::make_shared<Patience>(loop_, *service_);
    patience->deadline.set(drain_timeout_.load());
    service_->drain([this, patience] { loop_.stop(); });
  });
}

bool Api::alive() const {
  // Several ticks: what the loop does in one is bounded, and a busy machine is not a dead one.
  return draining_ || running_ == nullptr ||
         running_->parts.clock.mono() - moved_.load() < 10 * kTick;
}

void Api::cut() {
  if (running_ == nullptr) return;
  loop_.post([this] { service_->cut(); });
}

void Api::finish() {
  if (!thread_.joinable()) return;
  drain();
  thread_.join();
  Running& running = *running_;
  running.tick.clear();
  running.kept->waiting().close();
  running.workers.stop();
  running.integrity.stop();
  running.tail->stop();
  running.live.stop();
  running.catch_up.stop();
  running.audit.flush(true);
  if (config_.log.enabled) {
    running.parts.log.enqueue({running.events.stopped(running.parts.version, "signal")});
  }
}

}  // namespace tally::server
