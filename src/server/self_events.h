// SPDX-License-Identifier: Apache-2.0
// Events about the audit service itself: who read the log, who was refused, tokens, start and stop.
#pragma once

#include "access/token.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "config/facts.h"
#include "event/event.h"
#include "log/verify_report.h"
#include "redact/keyed_digest.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tally::server {

/// Who asked for what, as far as it is known.
struct Caller {
  std::optional<access::Principal> principal;
  std::string address;
  std::string user_agent;
  std::string method;
  std::string path;  ///< without query
};

/// Makes events; records nothing. Thread-safe.
class SelfEvents {
 public:
  /// Both must outlive it. `origin` names the log.
  SelfEvents(const Clock& clock, UuidSource& uuids, std::string instance, std::string source,
             std::string origin)
      : clock_(clock),
        uuids_(uuids),
        instance_(std::move(instance)),
        source_(std::move(source)),
        origin_(std::move(origin)) {}

  /// audit-service-start, audit-service-stop.
  /// `settings_digest`, `settings_marks`: of config::settings_facts(), empty to leave out.
  [[nodiscard]] event::Event started(std::string_view version,
                                     std::string_view settings_digest = {},
                                     std::string_view settings_marks = {}) const;
  [[nodiscard]] event::Event stopped(std::string_view version, std::string_view reason) const;

  /// audit-settings-changed at a start: digests of the settings that held last and now, and which
  /// differ, where that is known.
  [[nodiscard]] event::Event settings_changed(std::string_view before, std::string_view now,
                                              const std::vector<std::string>& changed = {}) const;
  struct Reloaded {
    config::SettingsFacts before{};
    config::SettingsFacts now{};
    std::vector<std::string> changed{};        ///< names of settings, in force from now on
    std::vector<std::string> needs_restart{};  ///< changed too, and not in force
  };
  /// audit-settings-changed: they were read again while the service runs.
  [[nodiscard]] event::Event reloaded(const Reloaded& what) const;
  /// The same, but something was wrong, and nothing changed.
  [[nodiscard]] event::Event not_reloaded(const config::SettingsFacts& in_force,
                                          std::string_view why) const;

  /// audit-log-access. `query`: JSON object of the parameters, already without secrets.
  [[nodiscard]] event::Event accessed(const Caller& caller, std::string_view operation,
                                      std::string_view query, std::uint64_t count) const;
  /// audit-log-export, twice. Before the first byte, pending; `size`: entries of the log that are
  /// looked at. And when it is over.
  [[nodiscard]] event::Event export_begun(const Caller& caller, std::string_view format,
                                          std::string_view query, std::uint64_t size) const;
  struct ExportEnd {
    std::uint64_t count = 0;  ///< entries
    std::uint64_t bytes = 0;  ///< of the body, before compression
    std::chrono::microseconds duration{0};
    std::string sha256{};  ///< of the whole body, in hex; empty: not all of it was sent
    /// Then: disconnected, token-revoked, session-ended, key-withdrawn, settings-changed, log-error
    std::string_view reason{};
    bool refused = false;          ///< who asked was no longer to have it
    std::string_view error{};      ///< of log-error
    std::string_view directory{};  ///< of the log, which readers of the event need not know
  };
  [[nodiscard]] event::Event export_ended(const event::Event& begun, const ExportEnd& end) const;
  /// auth-failure: no token, or none that is accepted. `reason`: missing, unknown, expired,
  /// no-keys (of the issuer, yet), too-many, of what was good before access::standing_text(), and
  /// of an issuer's token identity::doubt_text().
  [[nodiscard]] event::Event not_admitted(const Caller& caller, int status,
                                          std::string_view reason) const;
  /// auth-login, auth-logout: a browser's session that `caller` made from a token, and ended.
  [[nodiscard]] event::Event session_begun(const Caller& caller) const;
  [[nodiscard]] event::Event session_ended(const Caller& caller) const;
  /// access-denied: a known token that may not do this.
  [[nodiscard]] event::Event forbidden(const Caller& caller, std::string_view reason) const;

  /// audit-token-created, audit-token-revoked; `actor` did it on this machine.
  [[nodiscard]] event::Event token_created(const access::TokenRecord& token,
                                           std::string_view actor) const;
  [[nodiscard]] event::Event token_revoked(const access::TokenRecord& token,
                                           std::string_view actor) const;

  /// audit-log-integrity-check, or audit-log-integrity-failure when it found something or could not
  /// be made. `directory`: of the log, left out of what is told. `requested`: by a client.
  [[nodiscard]] event::Event checked(const Result<log::VerifyReport>& report,
                                     std::string_view directory, bool requested) const;

  /// An id for an event that has none yet (Fold).
  void stamp(event::Event& event) const;

 private:
  [[nodiscard]] event::Event begin(std::string_view name) const;
  [[nodiscard]] event::Event begin(std::string_view name, const Caller& caller) const;
  [[nodiscard]] event::Event about_token(std::string_view name, const access::TokenRecord& token,
                                         std::string_view actor) const;

  const Clock& clock_;
  UuidSource& uuids_;
  std::string instance_;
  std::string source_;
  std::string origin_;
};

/// Name of the user this process runs as, for records of what was done on the command line.
[[nodiscard]] std::string operating_system_user();

}  // namespace tally::server
