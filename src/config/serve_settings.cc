// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "config/setting.h"
#include "config/token_settings.h"
#include "config/value.h"

#include <array>

namespace tally::config {
namespace {

using Row = Setting<ServeConfig>;
using Values = Row::Values;
using Config = ServeConfig;

constexpr Milliseconds kMillisecond{1};
constexpr Milliseconds kMinute = std::chrono::minutes(1);
constexpr Milliseconds kHour = std::chrono::hours(1);

Result<void> store(std::string& out, Values values) {
  out = values[0];
  return {};
}

template <class Number>
Result<void> store(Number& out, Result<std::uint64_t> value) {
  TALLY_TRY(const std::uint64_t number, std::move(value));
  out = static_cast<Number>(number);
  return {};
}

Result<void> set_hash(Config& config, Values values) {
  TALLY_TRY(config.log.hash, crypto::parse_hash_name(values[0]));
  return {};
}

Result<void> set_log_format(Config& config, Values values) {
  const auto format = parse_log_format(values[0]);
  if (!format) {
    return fail(Errc::invalid_argument, "must be text or json, not \"" + values[0] + '"');
  }
  config.log_format = *format;
  return {};
}

std::string get_hash(const Config& config) {
  return config.log.hash ? std::string(crypto::hash_name(*config.log.hash)) : "";
}

/// A time, or a switch: where this setting comes from it was one.
Result<void> set_integrity_checks(Config& config, Values values) {
  bool wanted = true;
  if (values[0] == "off") {
    config.log.integrity_checks = Milliseconds(0);
  } else if (set_switch(wanted, values[0])) {
    config.log.integrity_checks = wanted ? Milliseconds(kIntegrityInterval) : Milliseconds(0);
  } else {
    return set_duration(config.log.integrity_checks, values[0], std::chrono::seconds(1),
                        720 * kHour);
  }
  return {};
}

std::string get_integrity_checks(const Config& config) {
  const Milliseconds interval = config.log.integrity_checks;
  return interval.count() == 0 ? "off" : format_duration(interval);
}

Result<void> set_proxies(Config& config, Values values) {
  config.proxies.clear();
  for (const std::string& value : values) {
    TALLY_TRY(ProxyConfig proxy, parse_proxy(value));
    config.proxies.push_back(std::move(proxy));
  }
  return {};
}

std::string shown(bool value) { return value ? "true" : "false"; }

/// A setting of a feature that this version does not have.
constexpr Row missing(std::string_view key, std::string_view environment, std::string_view help,
                      bool is_switch = false, bool secret = false) {
  Row row;
  row.key = key;
  row.environment = environment;
  row.help = help;
  row.secret = secret;
  row.missing_switch = is_switch;
  return row;
}

constexpr std::array kLogRows{
    Row{"log.directory", "--log", "TALLYSTICK_LOG", "DIR",
        "The log; made if missing. Default: $XDG_STATE_HOME/tallystick/log, else "
        "~/.local/state/tallystick/log.",
        [](Config& c, Values v) { return store(c.log.directory, v); },
        [](const Config& c) { return c.log.directory; }, Shape::one, true},
    Row{"log.keys", "--keys", "TALLYSTICK_KEYS", "DIR",
        "The log's private folder with its keys. Default: $XDG_CONFIG_HOME/tallystick/ID, else "
        "~/.config/tallystick/ID.",
        [](Config& c, Values v) { return store(c.log.keys, v); },
        [](const Config& c) { return c.log.keys; }, Shape::one, true},
    Row{"log.single_writer", "--single-writer", "TALLYSTICK_SINGLE_WRITER", "",
        "Write on a network file system, whose locks cannot be trusted: only if no other process "
        "ever writes.",
        [](Config& c, Values v) { return set_switch(c.log.single_writer, v[0]); },
        [](const Config& c) { return shown(c.log.single_writer); }, Shape::toggle},
    Row{"log.enabled", "", "AUDIT_LOG_ENABLED", "true|false",
        "false: messages are relayed and nothing is recorded but that fact.",
        [](Config& c, Values v) { return set_switch(c.log.enabled, v[0]); },
        [](const Config& c) { return shown(c.log.enabled); }},
    Row{"log.batch_size", "", "AUDIT_LOG_BATCH_SIZE", "NUMBER", "Most entries in one commit.",
        [](Config& c, Values v) {
          return store(c.log.batch_size, bounded_count(v[0], 1, kCommitEntriesMax));
        },
        [](const Config& c) { return std::to_string(c.log.batch_size); }},
    Row{"log.flush_interval", "", "AUDIT_LOG_FLUSH_INTERVAL", "TIME",
        "Longest wait of records that nobody waits for; never of those written ahead.",
        [](Config& c, Values v) {
          return set_duration(c.log.flush_interval, v[0], kMillisecond, kMinute);
        },
        [](const Config& c) { return format_duration(c.log.flush_interval); }},
    Row{"log.hash_algorithm", "--hash", "AUDIT_LOG_HASH_ALGORITHM", "NAME",
        "Hash algorithm of a new log (sha256 unless given): sha256, sha384, sha512, sha3-256, "
        "blake2b512. An error when an existing log has another.",
        set_hash, get_hash},
    Row{"log.segment_size", "", "TALLYSTICK_SEGMENT_SIZE", "SIZE",
        "A file of entries is closed and the next one begun once it has this size.",
        [](Config& c, Values v) {
          return store(c.log.segment_bytes, bounded_bytes(v[0], kMiB, 1024 * kMiB));
        },
        [](const Config& c) { return format_bytes(c.log.segment_bytes); }},
    Row{"log.integrity_checks", "", "AUDIT_LOG_INTEGRITY_CHECKS", "TIME|off",
        "How often all of the log is checked in the background, and an event tells what was found "
        "(`true`: every 24h). What is signed is always read back and hashed again before.",
        set_integrity_checks, get_integrity_checks},
    missing("log.retention_days", "AUDIT_LOG_RETENTION_DAYS", "Drop closed segments after this."),
    missing("log.archive_after_days", "AUDIT_LOG_ARCHIVE_AFTER_DAYS",
            "Compress closed segments after this."),
    missing("log.encryption", "AUDIT_LOG_ENCRYPTION", "Encrypt entries.", true),
    missing("log.encryption_key", "AUDIT_LOG_ENCRYPTION_KEY", "Master key of the encryption.",
            false, true),
    missing("alerts.enabled", "AUDIT_ALERT_ENABLED", "Detection.", true),
    missing("alerts.failed_logins", "AUDIT_ALERT_FAILED_LOGINS", "Failed logins that alert."),
    missing("alerts.privilege_escalation", "AUDIT_ALERT_PRIVILEGE_ESCALATION",
            "Alert on more rights."),
    missing("alerts.data_exfiltration", "AUDIT_ALERT_DATA_EXFILTRATION", "Alert on much data."),
    missing("alerts.config_changes", "AUDIT_ALERT_CONFIG_CHANGES", "Alert on changed settings."),
};

constexpr std::array kOtherRows{
    Row{"listen", "--listen", "TALLYSTICK_LISTEN", "ADDR:PORT",
        "tallystick's own HTTP service: API, health, metrics. Never a port of audited traffic.",
        [](Config& c, Values v) -> Result<void> {
          TALLY_TRY(c.listen, Endpoint::parse(v[0]));
          return {};
        },
        [](const Config& c) { return c.listen.text(); }},
    Row{"api.certificate", "--api-cert", "TALLYSTICK_API_CERT", "FILE",
        "Certificate chain (PEM) of that service; none: plain HTTP.",
        [](Config& c, Values v) { return store(c.api_tls.certificate, v); },
        [](const Config& c) { return c.api_tls.certificate; }, Shape::one, true},
    Row{"api.key", "--api-cert-key", "TALLYSTICK_API_CERT_KEY", "FILE", "Its private key (PEM).",
        [](Config& c, Values v) { return store(c.api_tls.key, v); },
        [](const Config& c) { return c.api_tls.key; }, Shape::one, true},
    Row{"api.plain_http", "--plain-http", "TALLYSTICK_PLAIN_HTTP", "",
        "Listen without TLS on an address that is not of this machine alone: only where nobody can "
        "read along, because tokens pass in the clear.",
        [](Config& c, Values v) { return set_switch(c.api_plain_http, v[0]); },
        [](const Config& c) { return shown(c.api_plain_http); }, Shape::toggle},
    Row{"proxies", "--proxy", "TALLYSTICK_PROXY", "[NAME@]ADDR:PORT=URL",
        "A listener in front of one MCP server; several may be given. In YAML a list of maps, with "
        "the settings of the next table. Given as flag or in the environment it replaces that "
        "list.",
        set_proxies, [](const Config& c) { return std::to_string(c.proxies.size()); }, Shape::list},
    Row{"policy_file", "--policy", "TALLYSTICK_POLICY", "FILE",
        "Rules of what is recorded, when, and what is blocked; see Policy. In YAML the rules may "
        "also stand under `policy`.",
        // Read by load.cc, which knows the file system; the row is for names and help.
        [](Config&, Values) { return Result<void>(); }, [](const Config&) { return std::string(); },
        Shape::one, true},
    Row{"log_format", "--log-format", "TALLYSTICK_LOG_FORMAT", "text|json",
        "What the process itself says on standard error: lines for people, or one JSON object a "
        "line (time, level, component, message).",
        set_log_format, [](const Config& c) { return std::string(format_name(c.log_format)); }},
    Row{"write_timeout", "", "TALLYSTICK_WRITE_TIMEOUT", "TIME",
        "How long a message is held for its record before it is refused, and an event of the API.",
        [](Config& c, Values v) {
          return set_duration(c.write_timeout, v[0], Milliseconds(10), kMinute);
        },
        [](const Config& c) { return format_duration(c.write_timeout); }},
    Row{"drain_timeout", "", "TALLYSTICK_DRAIN_TIMEOUT", "TIME",
        "From SIGTERM until open streams are cut, and recorded as cut.",
        [](Config& c, Values v) {
          return set_duration(c.drain_timeout, v[0], Milliseconds(0), kHour);
        },
        [](const Config& c) { return format_duration(c.drain_timeout); }},
    Row{"spool.directory", "--spool", "TALLYSTICK_SPOOL", "DIR",
        "Where records wait that could not be written and whose messages were let through; on "
        "another file system than the log. None: they are only counted.",
        [](Config& c, Values v) { return store(c.spool.directory, v); },
        [](const Config& c) { return c.spool.directory; }, Shape::one, true},
    Row{"spool.size_max", "", "TALLYSTICK_SPOOL_SIZE", "SIZE",
        "Of all waiting records of one log; what does not fit is counted.",
        [](Config& c, Values v) {
          return store(c.spool.bytes_max, bounded_bytes(v[0], 64 * kKiB, 1024 * 1024 * kMiB));
        },
        [](const Config& c) { return format_bytes(c.spool.bytes_max); }},
    Row{"limits.body", "", "TALLYSTICK_LIMIT_BODY", "SIZE",
        "One body that is inspected; a larger one is answered 413, or see `oversize`.",
        [](Config& c, Values v) {
          return store(c.limits.body_bytes, bounded_bytes(v[0], kKiB, kMessageBytesMax));
        },
        [](const Config& c) { return format_bytes(c.limits.body_bytes); }},
    Row{"limits.bodies", "", "TALLYSTICK_LIMIT_BODIES", "SIZE",
        "All bodies that are inspected at one time; beyond it as for one that is too large.",
        [](Config& c, Values v) {
          return store(c.limits.bodies_bytes, bounded_bytes(v[0], kMiB, 64 * 1024 * kMiB));
        },
        [](const Config& c) { return format_bytes(c.limits.bodies_bytes); }},
    Row{"limits.header", "", "TALLYSTICK_LIMIT_HEADER", "SIZE",
        "Start line and headers of one message; 431 beyond it.",
        [](Config& c, Values v) {
          return store(c.limits.header_bytes, bounded_bytes(v[0], 4 * kKiB, kMiB));
        },
        [](const Config& c) { return format_bytes(c.limits.header_bytes); }},
    Row{"limits.connections", "", "TALLYSTICK_LIMIT_CONNECTIONS", "NUMBER",
        "Clients connected to all listeners together; further ones wait to be accepted.",
        [](Config& c, Values v) {
          return store(c.limits.connections, bounded_count(v[0], 1, 1'000'000));
        },
        [](const Config& c) { return std::to_string(c.limits.connections); }},
    Row{"limits.upstream_connections", "", "TALLYSTICK_LIMIT_UPSTREAM_CONNECTIONS", "NUMBER",
        "Connections to one upstream in use at a time, open event streams not counted; further "
        "requests wait for one.",
        [](Config& c, Values v) {
          return store(c.limits.upstream_connections, bounded_count(v[0], 1, 100'000));
        },
        [](const Config& c) { return std::to_string(c.limits.upstream_connections); }},
    Row{"limits.proxy_threads", "", "TALLYSTICK_LIMIT_PROXY_THREADS", "NUMBER",
        "Threads that serve the connections of proxies, 8 at most; 0: one for each processor.",
        [](Config& c, Values v) {
          return store(c.limits.proxy_threads, bounded_count(v[0], 0, kProxyLoopsMax));
        },
        [](const Config& c) { return std::to_string(c.limits.proxy_threads); }},
};

template <std::vector<std::string> OidcRoles::*Member>
constexpr Row role_values(std::string_view key, std::string_view environment,
                          std::string_view help) {
  Row row;
  row.key = key;
  row.environment = environment;
  row.value = "TEXT";
  row.help = help;
  row.set = [](Config& c, Values v) -> Result<void> {
    (c.oidc_roles.*Member).assign(v.begin(), v.end());
    return {};
  };
  row.get = [](const Config& c) { return format_list(c.oidc_roles.*Member); };
  row.shape = Shape::list;
  return row;
}

template <std::string OidcRoles::*Member>
constexpr Row claim_name(std::string_view key, std::string_view environment,
                         std::string_view help) {
  Row row;
  row.key = key;
  row.environment = environment;
  row.value = "CLAIM";
  row.help = help;
  row.set = [](Config& c, Values v) { return store(c.oidc_roles.*Member, v); };
  row.get = [](const Config& c) { return c.oidc_roles.*Member; };
  return row;
}

constexpr std::array kAccessRows{
    jwt_text<Config, &Config::oidc, &JwtConfig::jwks_file>(
        {"oidc.jwks_file", "--oidc-jwks", "TALLYSTICK_OIDC_JWKS_FILE", "FILE",
         "Key set (JWKS) of an issuer whose tokens the API accepts beside its own."}),
    jwt_url<Config, &Config::oidc>({"oidc.jwks_url", "--oidc-jwks-url", "TALLYSTICK_OIDC_JWKS_URL",
                                    "URL",
                                    "The same from a URL, fetched in the background. Beside "
                                    "`oidc.jwks_file`: that one until the first fetch."}),
    jwt_text<Config, &Config::oidc, &JwtConfig::ca_file>(
        {"oidc.ca_file", "", "TALLYSTICK_OIDC_CA", "FILE",
         "CAs (PEM) that `oidc.jwks_url` is checked against; none: those of the system."}),
    jwt_list<Config, &Config::oidc, &JwtConfig::issuers>(
        {"oidc.issuers", "--oidc-issuer", "TALLYSTICK_OIDC_ISSUERS", "TEXT",
         "`iss` of tokens that are accepted. Needed with keys."}),
    jwt_list<Config, &Config::oidc, &JwtConfig::audiences>(
        {"oidc.audiences", "--oidc-audience", "TALLYSTICK_OIDC_AUDIENCES", "TEXT",
         "`aud` of tokens that are accepted: what the issuer calls this service. Needed with "
         "keys."}),
    jwt_algorithms<Config, &Config::oidc>(
        {"oidc.algorithms", "", "TALLYSTICK_OIDC_ALGORITHMS", "NAME",
         "Algorithms that are accepted; none: all that the keys can make."}),
    jwt_time<Config, &Config::oidc, &JwtConfig::leeway>({"oidc.leeway", "",
                                                         "TALLYSTICK_OIDC_LEEWAY", "TIME",
                                                         "How far the issuer's clock may differ."}),
    jwt_time<Config, &Config::oidc, &JwtConfig::refresh_min>(
        {"oidc.refresh_min", "", "TALLYSTICK_OIDC_REFRESH_MIN", "TIME",
         "Least time between two fetches of `oidc.jwks_url`."}),
    jwt_time<Config, &Config::oidc, &JwtConfig::refresh_max>(
        {"oidc.refresh_max", "", "TALLYSTICK_OIDC_REFRESH_MAX", "TIME", "Most time between two."}),
    claim_name<&OidcRoles::role_claim>(
        "oidc.role_claim", "TALLYSTICK_OIDC_ROLE_CLAIM",
        "Claim whose value, or one of whose values, gives a role; dots lead into objects, as in "
        "realm_access.roles."),
    role_values<&OidcRoles::admin>("oidc.admin", "TALLYSTICK_OIDC_ADMIN",
                                   "Values that give the role admin."),
    role_values<&OidcRoles::auditor>("oidc.auditor", "TALLYSTICK_OIDC_AUDITOR",
                                     "Values that give the role auditor, unless one gives admin."),
    role_values<&OidcRoles::writer>("oidc.writer", "TALLYSTICK_OIDC_WRITER",
                                    "Values that give the role writer, unless one gives more."),
    claim_name<&OidcRoles::scope_claim>(
        "oidc.scope_claim", "TALLYSTICK_OIDC_SCOPE_CLAIM",
        "Claim with the servers that a token is about, `*` for all; a token without it is refused. "
        "None: every token is about all."),
    claim_name<&OidcRoles::name_claim>("oidc.name_claim", "TALLYSTICK_OIDC_NAME_CLAIM",
                                       "Claim that names who it is in records."),
    Row{"api.session_lifetime", "", "TALLYSTICK_SESSION_LIFETIME", "TIME|off",
        "How long a browser's session lasts at most; it also ends with its token.",
        [](Config& c, Values v) -> Result<void> {
          if (v[0] == "off") {
            c.session_lifetime = Milliseconds(0);
            return {};
          }
          return set_duration(c.session_lifetime, v[0], kMinute, 24 * 7 * kHour);
        },
        [](const Config& c) {
          return c.session_lifetime == Milliseconds(0) ? "off"
                                                       : format_duration(c.session_lifetime);
        }},
};

constexpr auto kRows = [] {
  std::array<Row, kLogRows.size() + kOtherRows.size() + kAccessRows.size()> out;
  std::size_t at = 0;
  for (const Row& row : kLogRows) out[at++] = row;
  for (const Row& row : kOtherRows) out[at++] = row;
  for (const Row& row : kAccessRows) out[at++] = row;
  return out;
}();

}  // namespace

std::span<const Setting<ServeConfig>> serve_settings() { return kRows; }

}  // namespace tally::config
