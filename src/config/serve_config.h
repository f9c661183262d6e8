// SPDX-License-Identifier: Apache-2.0
// Everything `tallystick serve` can be told, as plain values; defaults are here and nowhere else.
#pragma once

#include "base/endpoint.h"
#include "base/ip_address.h"
#include "base/limits.h"
#include "base/own_log.h"
#include "crypto/hash.h"
#include "policy/policy.h"
#include "rest/path_rule.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tally::config {

using Milliseconds = std::chrono::milliseconds;

/// What happens to forwarding headers (contract 4).
enum class Forwarded : std::uint8_t {
  append,  ///< X-Forwarded-For and -Proto are appended
  off,     ///< nothing is added
};

/// What happens to a body larger than is inspected (contract 3).
enum class Oversize : std::uint8_t {
  refuse,   ///< 413
  forward,  ///< passed on, recorded by size and digest
};

/// Certificate and key of a listener, PEM. Both or neither.
struct TlsFiles {
  std::string certificate;  ///< chain, own certificate first; empty: no TLS
  std::string key;
  [[nodiscard]] bool enabled() const { return !certificate.empty(); }
};

/// How an https upstream is checked. System CAs unless `ca_file` is given.
struct UpstreamTls {
  std::string ca_file;      ///< PEM; empty: those of the system
  std::string server_name;  ///< expected in the certificate and sent as SNI; empty: the URL's host
  std::string certificate;  ///< of ours, for servers that ask for one; empty: none
  std::string key;
};

/// Whom of the clients that show a certificate a listener believes, and what they are called by.
struct ClientCertificates {
  std::string ca_file;    ///< PEM; empty: none is asked for
  bool required = false;  ///< who shows none that is believed is not connected
  /// Part of the certificate that names its holder; the subject where it has no such part.
  enum class Name : std::uint8_t { subject, common_name, email, uri, dns };
  Name name = Name::subject;
  std::string crl_file{};  ///< PEM; certificates that are not believed any more; empty: none
};

/// RFC 7518, 3.2: as long as the hash at least; shorter ones are found by trying.
inline constexpr std::size_t kJwtSecretBytesMin = 32;

/// Keys that tokens are checked with, and what they must say (identity::VerifierOptions).
struct JwtConfig {
  std::string jwks_file;  ///< key set (RFC 7517); beside jwks_url: until the first fetch
  std::string jwks_url;
  std::string ca_file;  ///< CAs that jwks_url is checked against; empty: those of the system
  std::vector<std::string> issuers;     ///< empty: not looked at
  std::vector<std::string> audiences;   ///< empty: not looked at
  std::vector<std::string> algorithms;  ///< empty: what the keys can
  Milliseconds leeway{60'000};
  Milliseconds refresh_min{30'000};   ///< between two fetches, whatever happens
  Milliseconds refresh_max{300'000};  ///< when nothing happens
  std::string secret_file;            ///< secret of HS256; empty: none
  /// Of the issuer alone its address is given, and it says where its keys are (OpenID Connect
  /// Discovery).
  [[nodiscard]] bool discovers() const {
    return jwks_file.empty() && jwks_url.empty() && secret_file.empty() && issuers.size() == 1 &&
           issuers[0].starts_with("http");
  }
  [[nodiscard]] bool has_keys() const {
    return !jwks_file.empty() || !jwks_url.empty() || discovers();
  }
  [[nodiscard]] bool enabled() const { return has_keys() || !secret_file.empty(); }
  friend bool operator==(const JwtConfig&, const JwtConfig&) = default;
};

/// What the claims of a token give at the API.
struct OidcRoles {
  /// Claims by name, or along names with dots ("realm_access.roles").
  std::string role_claim{"roles"};
  std::vector<std::string> admin, auditor, writer;  ///< values of role_claim that give the role
  std::string scope_claim;                          ///< servers that the token is about; empty: all
  std::string name_claim{"sub"};
  friend bool operator==(const OidcRoles&, const OidcRoles&) = default;
};

struct ProxyTimeouts {
  Milliseconds connect{5'000};            ///< TCP and TLS to one address of the upstream
  Milliseconds tls_handshake{10'000};     ///< of a client
  Milliseconds request_header{30'000};    ///< from the first byte of a request to its last header
  Milliseconds request_body{60'000};      ///< between two reads of a body
  Milliseconds response_header{300'000};  ///< from the end of a request to the response's headers;
                                          ///< a tool may take this long
  Milliseconds response_body{300'000};    ///< between two reads; never on event streams
  Milliseconds client_idle{75'000};       ///< keep-alive towards clients
  Milliseconds upstream_idle{4'000};      ///< contract 4: at most this, or what was announced - 1 s
};

/// Rows of the table of audited paths that hold beside the configured ones.
enum class PathDefaults : std::uint8_t {
  contextforge,  ///< rest::contextforge_paths()
  none,
};

/// One listener in front of one upstream.
struct ProxyConfig {
  std::string name;  ///< of the server in records; default: host and port of the upstream
  Endpoint listen;
  HttpUrl upstream;                   ///< without a path: paths pass unchanged
  std::optional<HttpUrl> public_url;  ///< where clients believe the server to be
  TlsFiles tls;
  ClientCertificates client_certificates;  ///< of `tls`
  UpstreamTls upstream_tls;
  /// Paths that carry JSON-RPC: Streamable HTTP, and both ends of legacy HTTP+SSE. * stands for any
  /// run of characters; what is below such a path belongs to it.
  std::vector<std::string> mcp_paths{"/mcp", "/sse", "/messages", "/message"};
  std::vector<rest::PathRule> paths;  ///< audited paths; the most specific row counts
  PathDefaults path_defaults = PathDefaults::contextforge;
  /// Paths on which `Upgrade` is tunnelled, unread; * as in mcp_paths.
  std::vector<std::string> upgrade_paths;
  Forwarded forwarded = Forwarded::append;
  Oversize oversize = Oversize::refuse;
  /// Peers whose X-Forwarded-*, Forwarded and user headers are believed.
  std::vector<AddressRange> trusted_addresses;
  std::vector<std::string> actor_claims{"sub"};  ///< first one present names the actor
  JwtConfig jwt;                                 ///< without keys no token is checked
  std::vector<std::string> api_key_headers{"X-API-Key", "Api-Key"};  ///< without case
  std::vector<std::string> user_headers;  ///< from trusted addresses only, most trusted first
  ProxyTimeouts timeouts;
};

struct LogConfig {
  std::string directory;  ///< made if missing
  std::string keys;       ///< private folder; empty: by the log's id
  bool single_writer = false;
  bool enabled = true;                           ///< false: relay only
  std::size_t batch_size = kCommitEntriesMax;    ///< most entries in one commit
  Milliseconds flush_interval = kFlushInterval;  ///< of records that nobody waits for
  std::optional<crypto::HashAlgorithm> hash;     ///< of a new log; must fit an existing one
  std::uint64_t segment_bytes = kSegmentBytesDefault;
  Milliseconds integrity_checks = kIntegrityInterval;  ///< between checks of all of it; 0: none
};

struct SpoolConfig {
  std::string directory;  ///< on another file system than the log; empty: no spool
  std::uint64_t bytes_max = 64 * kMiB;
};

/// Bounds of one process; what happens at each stands in docs/configuration.md.
struct LimitsConfig {
  std::size_t body_bytes = kMessageBytesMax;  ///< one body that is inspected
  std::size_t bodies_bytes = 256 * kMiB;      ///< all of them together
  std::size_t header_bytes = 64 * kKiB;       ///< of one message, start line included
  std::size_t connections = 20'000;           ///< client connections of all listeners together
  std::size_t upstream_connections = 512;     ///< to one upstream, open streams not counted
  std::size_t proxy_threads = 0;              ///< that serve connections; 0: one per processor
};

struct ServeConfig {
  LogConfig log;
  Endpoint listen{"127.0.0.1", 8811};  ///< own HTTP service: API, health, metrics
  TlsFiles api_tls;                    ///< of that service
  bool api_plain_http = false;         ///< it may listen where others can read along
  JwtConfig oidc;                      ///< tokens of an issuer at that service; no keys: none
  OidcRoles oidc_roles;                ///< what they may do
  Milliseconds session_lifetime{8 * 3'600'000};  ///< of a browser's, at most; 0: there are none
  LogFormat log_format = LogFormat::text;        ///< of what the process says on standard error
  SpoolConfig spool;
  /// Never null.
  std::shared_ptr<const policy::Policy> policy = std::make_shared<const policy::Policy>();
  Milliseconds write_timeout = kWriteTimeout;  ///< how long a held call waits for its record
  Milliseconds drain_timeout{10'000};          ///< from SIGTERM until open streams are cut
  LimitsConfig limits;
  std::vector<ProxyConfig> proxies;
};

}  // namespace tally::config
