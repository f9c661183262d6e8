// SPDX-License-Identifier: Apache-2.0
// The API as `serve` runs it: a loop and a thread of its own, so that nothing it does slows the
// proxies down.
#pragma once

#include "access/token_store.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/random.h"
#include "base/result.h"
#include "capture/audit_log.h"
#include "config/serve_config.h"
#include "crypto/note_key.h"
#include "follow/bell.h"
#include "identity/token_verifier.h"
#include "log/keyring.h"
#include "log/log_info.h"
#include "log/writer.h"
#include "proxy/journal.h"
#include "redact/keyed_digest.h"
#include "server/ingest.h"
#include "server/key_watch.h"
#include "server/log_readers.h"
#include "server/self_audit.h"
#include "server/service.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace tally::server {

/// Made in two steps, as proxy::Server: the address is taken before there is a log.
class Api {
 public:
  /// What it works with. All must outlive it.
  struct Parts {
    const config::ServeConfig& config;
    storage::FileSystem& fs;
    const Clock& clock;
    UuidSource& uuids;
    const redact::KeyedDigest& digest;
    capture::AuditLog& log;
    log::Writer& writer;
    log::LogInfo info;
    crypto::NoteVerifier key;  ///< with which the log is signed
    std::string keys_folder;
    std::string instance;
    std::string version;
    /// Rung at each commit of `writer` (WriterOptions::on_committed).
    std::shared_ptr<follow::Bell> committed;
    /// Why records cannot be written; empty: they can. Any thread.
    std::function<std::string()> trouble;
    /// Told of the token that was made because there was none, and where it stands.
    std::function<void(const std::string& secret, const std::string& path)> first_token;
    /// How long a request waits for a check of the log.
    std::chrono::milliseconds integrity_wait = kIntegrityWait;
    Service::Limits limits{};
    std::string settings_digest{};                    ///< of what is in force; empty: not recorded
    const proxy::JournalCounters* proxies = nullptr;  ///< for metrics; null: none
    /// Of tokens of an issuer, with an expiry; null: none are accepted.
    std::shared_ptr<const identity::TokenVerifier> oidc{};
    std::string settings_marks{};  ///< config::settings_facts()
    /// For metrics; any thread. Empty: there are none.
    std::function<KeySetFigures()> key_sets{};
  };

  /// Takes the address, reads the certificate. Errors: as Listener::open() and TlsContext.
  [[nodiscard]] static Result<std::unique_ptr<Api>> open(const config::ServeConfig& config,
                                                         const Clock& clock);
  ~Api();  // as finish()
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  /// Reads tokens (makes the first one), writes the start event, runs. Errors: tokens that cannot
  /// be read, a log that cannot be written.
  [[nodiscard]] Result<void> start(Parts parts);
  [[nodiscard]] std::string url() const { return service_->url(); }

  /// From any thread: connections that come from now on have this certificate. Only where there was
  /// one before.
  void use_tls(std::shared_ptr<const net::TlsContext> tls);
  /// Any thread.
  void use_drain_timeout(std::chrono::milliseconds timeout) { drain_timeout_ = timeout; }

  /// From any thread, after start(): tokens of an issuer are judged by this from now on; null: none
  /// are accepted. What the settings before let in ends.
  void use_oidc(std::shared_ptr<const identity::TokenVerifier> verifier,
                const config::OidcRoles& roles);

  /// From any thread: no new requests; what is under way may end within drain_timeout.
  void drain();
  /// From any thread: ends what is under way.
  void cut();
  /// Whether its loop has moved lately; any thread.
  [[nodiscard]] bool alive() const;
  /// Waits for drain(), writes what is left and the stop event. The writer must still be open.
  void finish();

 private:
  struct Running;
  Api(const config::ServeConfig& config, const Clock& clock);
  [[nodiscard]] Result<void> make_first_token(const Parts& parts);
  void place_open_handlers(std::array<Handler, kOperationCount>& handlers);
  [[nodiscard]] std::array<Handler, kOperationCount> make_handlers();

  const config::ServeConfig& config_;
  std::atomic<std::chrono::milliseconds> drain_timeout_;
  net::Loop loop_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<Running> running_;  // null until start()
  std::thread thread_;
  std::atomic<bool> draining_{false};
  std::atomic<MonoTime> moved_{};
};

}  // namespace tally::server
