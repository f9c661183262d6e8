// SPDX-License-Identifier: Apache-2.0
#include "config/setting.h"
#include "config/token_settings.h"
#include "config/value.h"

#include <algorithm>
#include <array>

namespace tally::config {
namespace {

using Row = Setting<ProxyConfig>;
using Values = Row::Values;
using Proxy = ProxyConfig;

const std::vector<std::string> kForwarded{"append", "off"};
const std::vector<std::string> kOversize{"refuse", "forward"};
const std::vector<std::string> kPathDefaults{"contextforge", "none"};
constexpr std::size_t kNameBytesMax = 128;
const std::vector<std::string> kOptional{"optional", "required"};
const std::vector<std::string> kNames{"subject", "cn", "email", "uri", "dns"};
constexpr Milliseconds kTimeoutMax = std::chrono::hours(24);

Result<void> store(std::string& out, Values values) {
  out = values[0];
  return {};
}

Result<void> store_name(Proxy& proxy, Values values) {
  const std::string& name = values[0];
  const bool good =
      !name.empty() && name.size() <= kNameBytesMax && std::ranges::all_of(name, [](char c) {
        return c > ' ' && c != '\x7f' && c != '@' && c != '/' && c != '=';
      });
  if (!good) {
    return fail(Errc::invalid_argument, "\"" + name + "\" is no name; write 1 to " +
                                            std::to_string(kNameBytesMax) +
                                            " characters without blanks, '@', '/' and '='");
  }
  proxy.name = name;
  return {};
}

Result<void> store_upstream(Proxy& proxy, std::string_view text) {
  TALLY_TRY(proxy.upstream, HttpUrl::parse(text));
  if (proxy.upstream.path.empty()) return {};
  return fail(Errc::invalid_argument,
              "paths pass unchanged, so the URL must have none; write " + proxy.upstream.origin());
}

Result<void> store_paths(std::vector<std::string>& out, Values values) {
  for (const std::string& value : values) {
    if (value.starts_with('/') && value.find_first_of("?# ") == std::string::npos) continue;
    return fail(Errc::invalid_argument,
                "\"" + value + "\" is no path; write for example /mcp or /api/*");
  }
  out.assign(values.begin(), values.end());
  return {};
}

/// Tokens of RFC 9110: what a header's name is made of.
Result<void> store_headers(std::vector<std::string>& out, Values values) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  for (const std::string& value : values) {
    const bool token = !value.empty() && std::ranges::all_of(value, [&](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             kMarks.find(c) != kMarks.npos;
    });
    if (!token) {
      return fail(Errc::invalid_argument,
                  "\"" + value + "\" is no name of a header; write for example X-API-Key");
    }
  }
  out.assign(values.begin(), values.end());
  return {};
}

Result<void> store_ranges(Proxy& proxy, Values values) {
  std::vector<AddressRange> ranges;
  for (const std::string& value : values) {
    TALLY_TRY(const AddressRange range, AddressRange::parse(value));
    ranges.push_back(range);
  }
  proxy.trusted_addresses = std::move(ranges);
  return {};
}

std::string shown_ranges(const Proxy& proxy) {
  std::vector<std::string> out;
  for (const AddressRange& range : proxy.trusted_addresses) out.push_back(range.text());
  return format_list(out);
}

/// A row for one timeout.
template <Milliseconds ProxyTimeouts::*Member>
constexpr Row timeout(std::string_view key, std::string_view environment, std::string_view help) {
  Row row;
  row.key = key;
  row.environment = environment;
  row.value = "TIME";
  row.help = help;
  row.set = [](Proxy& p, Values v) {
    return set_duration(p.timeouts.*Member, v[0], Milliseconds(1), kTimeoutMax);
  };
  row.get = [](const Proxy& p) { return format_duration(p.timeouts.*Member); };
  return row;
}

constexpr std::array kRows{
    Row{"name", "", "", "NAME",
        "Name of the server in the records. Default: what it calls itself, else host and port.",
        store_name, [](const Proxy& p) { return p.name; }},
    Row{"listen", "", "", "ADDR:PORT", "Where clients connect. Needed.",
        [](Proxy& p, Values v) -> Result<void> {
          TALLY_TRY(p.listen, Endpoint::parse(v[0]));
          return {};
        },
        [](const Proxy& p) { return p.listen.text(); }},
    Row{"upstream", "", "", "URL", "The MCP server: scheme, host and port. Needed.",
        [](Proxy& p, Values v) { return store_upstream(p, v[0]); },
        [](const Proxy& p) { return p.upstream.text(); }},
    Row{"public_url", "--public-url", "TALLYSTICK_PUBLIC_URL", "URL",
        "Where clients believe the server to be, if not at `listen`.",
        [](Proxy& p, Values v) -> Result<void> {
          TALLY_TRY(p.public_url, HttpUrl::parse(v[0]));
          return {};
        },
        [](const Proxy& p) { return p.public_url ? p.public_url->text() : ""; }},
    Row{"tls.certificate", "--tls-cert", "TALLYSTICK_TLS_CERT", "FILE",
        "Certificate chain (PEM) towards clients; none: plain HTTP.",
        [](Proxy& p, Values v) { return store(p.tls.certificate, v); },
        [](const Proxy& p) { return p.tls.certificate; }, Shape::one, true},
    Row{"tls.key", "--tls-key", "TALLYSTICK_TLS_KEY", "FILE", "Its private key (PEM).",
        [](Proxy& p, Values v) { return store(p.tls.key, v); },
        [](const Proxy& p) { return p.tls.key; }, Shape::one, true},
    Row{"tls.client_ca", "--client-ca", "TALLYSTICK_CLIENT_CA", "FILE",
        "CAs (PEM) whose certificates name clients; none: clients are not asked for one.",
        [](Proxy& p, Values v) { return store(p.client_certificates.ca_file, v); },
        [](const Proxy& p) { return p.client_certificates.ca_file; }, Shape::one, true},
    Row{"tls.client_certificate", "--client-cert", "TALLYSTICK_CLIENT_CERT", "optional|required",
        "Whether a client without a certificate that is believed may connect.",
        [](Proxy& p, Values v) -> Result<void> {
          TALLY_TRY(const std::size_t which, choice(v[0], kOptional));
          p.client_certificates.required = which == 1;
          return {};
        },
        [](const Proxy& p) { return kOptional[p.client_certificates.required ? 1 : 0]; }},
    Row{"tls.client_name", "--client-name", "TALLYSTICK_CLIENT_NAME", "subject|cn|email|uri|dns",
        "Part of the certificate that names the actor: the whole subject, its common name, or an "
        "alternative name. The subject where there is no such part.",
        [](Proxy& p, Values v) -> Result<void> {
          TALLY_TRY(const std::size_t which, choice(v[0], kNames));
          p.client_certificates.name = static_cast<ClientCertificates::Name>(which);
          return {};
        },
        [](const Proxy& p) {
          return kNames[static_cast<std::size_t>(p.client_certificates.name)];
        }},
    Row{"tls.client_crl", "--client-crl", "TALLYSTICK_CLIENT_CRL", "FILE",
        "Certificates that these CAs have revoked (CRLs, PEM); with it none is believed whose CA "
        "has no list there, or one that is out of date.",
        [](Proxy& p, Values v) { return store(p.client_certificates.crl_file, v); },
        [](const Proxy& p) { return p.client_certificates.crl_file; }, Shape::one, true},
    Row{"upstream_tls.ca_file", "--upstream-ca", "TALLYSTICK_UPSTREAM_CA", "FILE",
        "CAs (PEM) that an https upstream is checked against; none: those of the system.",
        [](Proxy& p, Values v) { return store(p.upstream_tls.ca_file, v); },
        [](const Proxy& p) { return p.upstream_tls.ca_file; }, Shape::one, true},
    Row{"upstream_tls.server_name", "", "TALLYSTICK_UPSTREAM_SERVER_NAME", "NAME",
        "Name expected in its certificate; none: the host of `upstream`.",
        [](Proxy& p, Values v) { return store(p.upstream_tls.server_name, v); },
        [](const Proxy& p) { return p.upstream_tls.server_name; }},
    Row{"upstream_tls.certificate", "", "TALLYSTICK_UPSTREAM_CERT", "FILE",
        "Own certificate (PEM) for an upstream that asks for one.",
        [](Proxy& p, Values v) { return store(p.upstream_tls.certificate, v); },
        [](const Proxy& p) { return p.upstream_tls.certificate; }, Shape::one, true},
    Row{"upstream_tls.key", "", "TALLYSTICK_UPSTREAM_KEY", "FILE", "Its private key (PEM).",
        [](Proxy& p, Values v) { return store(p.upstream_tls.key, v); },
        [](const Proxy& p) { return p.upstream_tls.key; }, Shape::one, true},
    Row{"mcp_paths", "--mcp-path", "TALLYSTICK_MCP_PATHS", "PATH",
        "Paths that carry MCP, with what is below them; * is any run of characters.",
        [](Proxy& p, Values v) { return store_paths(p.mcp_paths, v); },
        [](const Proxy& p) { return format_list(p.mcp_paths); }, Shape::list},
    Row{"upgrade_paths", "--upgrade-path", "TALLYSTICK_UPGRADE_PATHS", "PATH",
        "Paths on which `Upgrade` is tunnelled, unread, and recorded as opaque.",
        [](Proxy& p, Values v) { return store_paths(p.upgrade_paths, v); },
        [](const Proxy& p) { return format_list(p.upgrade_paths); }, Shape::list},
    Row{"path_defaults", "--path-defaults", "TALLYSTICK_PATH_DEFAULTS", "contextforge|none",
        "Rows for audited paths that hold beside `paths`: those of ContextForge, or none.",
        [](Proxy& p, Values v) -> Result<void> {
          TALLY_TRY(const std::size_t which, choice(v[0], kPathDefaults));
          p.path_defaults = which == 0 ? PathDefaults::contextforge : PathDefaults::none;
          return {};
        },
        [](const Proxy& p) {
          return kPathDefaults[p.path_defaults == PathDefaults::contextforge ? 0 : 1];
        }},
    Row{"forwarded", "--forwarded", "TALLYSTICK_FORWARDED", "append|off",
        "Whether X-Forwarded-For and X-Forwarded-Proto are appended.",
        [](Proxy& p, Values v) -> Result<void> {
          TALLY_TRY(const std::size_t which, choice(v[0], kForwarded));
          p.forwarded = which == 0 ? Forwarded::append : Forwarded::off;
          return {};
        },
        [](const Proxy& p) { return kForwarded[p.forwarded == Forwarded::append ? 0 : 1]; }},
    Row{"oversize", "--oversize", "TALLYSTICK_OVERSIZE", "refuse|forward",
        "What happens to a body above limits.body: 413, or passed on and recorded by digest.",
        [](Proxy& p, Values v) -> Result<void> {
          TALLY_TRY(const std::size_t which, choice(v[0], kOversize));
          p.oversize = which == 0 ? Oversize::refuse : Oversize::forward;
          return {};
        },
        [](const Proxy& p) { return kOversize[p.oversize == Oversize::refuse ? 0 : 1]; }},
    Row{"trusted_addresses", "--trusted", "TALLYSTICK_TRUSTED_ADDRESSES", "ADDR[/BITS]",
        "Peers whose X-Forwarded-*, Forwarded and user headers are believed.", store_ranges,
        shown_ranges, Shape::list},
    Row{"actor_claims", "--actor-claim", "TALLYSTICK_ACTOR_CLAIMS", "CLAIM",
        "Claims of a JWT that name the actor; the first one present counts.",
        [](Proxy& p, Values v) -> Result<void> {
          p.actor_claims.assign(v.begin(), v.end());
          return {};
        },
        [](const Proxy& p) { return format_list(p.actor_claims); }, Shape::list},
    jwt_text<Proxy, &Proxy::jwt, &JwtConfig::jwks_file>(
        {"jwt.jwks_file", "--jwks", "TALLYSTICK_JWKS_FILE", "FILE",
         "Key set (JWKS) of the issuer that tokens are checked with; read again when it changes."}),
    jwt_url<Proxy, &Proxy::jwt>(
        {"jwt.jwks_url", "--jwks-url", "TALLYSTICK_JWKS_URL", "URL",
         "The same from a URL, fetched in the background: no request waits for it. Beside "
         "`jwt.jwks_file`: that one until the first fetch."}),
    jwt_text<Proxy, &Proxy::jwt, &JwtConfig::ca_file>(
        {"jwt.ca_file", "", "TALLYSTICK_JWKS_CA", "FILE",
         "CAs (PEM) that `jwt.jwks_url` is checked against; none: those of the system."}),
    jwt_list<Proxy, &Proxy::jwt, &JwtConfig::issuers>(
        {"jwt.issuers", "--jwt-issuer", "TALLYSTICK_JWT_ISSUERS", "TEXT",
         "`iss` of a token that is believed; none: not looked at."}),
    jwt_list<Proxy, &Proxy::jwt, &JwtConfig::audiences>(
        {"jwt.audiences", "--jwt-audience", "TALLYSTICK_JWT_AUDIENCES", "TEXT",
         "`aud` of a token that is believed, one of them; none: not looked at."}),
    jwt_algorithms<Proxy, &Proxy::jwt>(
        {"jwt.algorithms", "--jwt-algorithm", "TALLYSTICK_JWT_ALGORITHMS", "NAME",
         "Algorithms that are believed; none: all that the keys can make. RS256, RS384, RS512, "
         "PS256, PS384, PS512, ES256, ES384, EdDSA, HS256."}),
    jwt_time<Proxy, &Proxy::jwt, &JwtConfig::leeway>(
        {"jwt.leeway", "", "TALLYSTICK_JWT_LEEWAY", "TIME",
         "How far the issuer's clock may differ: `exp`, `nbf`, `iat`."}),
    jwt_time<Proxy, &Proxy::jwt, &JwtConfig::refresh_min>(
        {"jwt.refresh_min", "", "TALLYSTICK_JWKS_REFRESH_MIN", "TIME",
         "Least time between two fetches of `jwt.jwks_url`, also when tokens have unknown keys."}),
    jwt_time<Proxy, &Proxy::jwt, &JwtConfig::refresh_max>({"jwt.refresh_max", "",
                                                           "TALLYSTICK_JWKS_REFRESH_MAX", "TIME",
                                                           "Most time between two fetches."}),
    jwt_text<Proxy, &Proxy::jwt, &JwtConfig::secret_file>(
        {"jwt.secret_file", "--jwt-secret", "TALLYSTICK_JWT_SECRET_FILE", "FILE",
         "File with the secret of HS256 tokens, at least 32 bytes; a newline at its end does not "
         "count."}),
    Row{"api_key_headers", "--api-key-header", "TALLYSTICK_API_KEY_HEADERS", "HEADER",
        "Headers that carry an API key; only a keyed digest of it is kept.",
        [](Proxy& p, Values v) { return store_headers(p.api_key_headers, v); },
        [](const Proxy& p) { return format_list(p.api_key_headers); }, Shape::list},
    Row{"user_headers", "--user-header", "TALLYSTICK_USER_HEADERS", "HEADER",
        "Headers in which a trusted peer names the user, most trusted first.",
        [](Proxy& p, Values v) { return store_headers(p.user_headers, v); },
        [](const Proxy& p) { return format_list(p.user_headers); }, Shape::list},
    timeout<&ProxyTimeouts::connect>("timeouts.connect", "TALLYSTICK_TIMEOUT_CONNECT",
                                     "To one address of the upstream, TLS included."),
    timeout<&ProxyTimeouts::tls_handshake>("timeouts.tls_handshake",
                                           "TALLYSTICK_TIMEOUT_TLS_HANDSHAKE", "With a client."),
    timeout<&ProxyTimeouts::request_header>(
        "timeouts.request_header", "TALLYSTICK_TIMEOUT_REQUEST_HEADER",
        "From the first byte of a request to the end of its headers."),
    timeout<&ProxyTimeouts::request_body>("timeouts.request_body",
                                          "TALLYSTICK_TIMEOUT_REQUEST_BODY",
                                          "Between two pieces of a request's body."),
    timeout<&ProxyTimeouts::response_header>(
        "timeouts.response_header", "TALLYSTICK_TIMEOUT_RESPONSE_HEADER",
        "From the end of a request to the headers of its response: a tool may take this long."),
    timeout<&ProxyTimeouts::response_body>(
        "timeouts.response_body", "TALLYSTICK_TIMEOUT_RESPONSE_BODY",
        "Between two pieces of a response's body; event streams have none."),
    timeout<&ProxyTimeouts::client_idle>("timeouts.client_idle", "TALLYSTICK_TIMEOUT_CLIENT_IDLE",
                                         "A client's connection between two requests."),
    timeout<&ProxyTimeouts::upstream_idle>(
        "timeouts.upstream_idle", "TALLYSTICK_TIMEOUT_UPSTREAM_IDLE",
        "An upstream's connection kept for reuse; less if it announced less."),
};

}  // namespace

std::span<const Setting<ProxyConfig>> proxy_settings() { return kRows; }

Result<ProxyConfig> parse_proxy(std::string_view text) {
  ProxyConfig proxy;
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return fail(Errc::invalid_argument,
                "\"" + std::string(text) +
                    "\" has no '='; write [NAME@]ADDR:PORT=URL, for example "
                    "127.0.0.1:9000=http://127.0.0.1:3000");
  }
  std::string_view listen = text.substr(0, equals);
  if (const std::size_t at = listen.find('@'); at != std::string_view::npos) {
    const std::string name(listen.substr(0, at));
    TALLY_TRY_VOID(store_name(proxy, {&name, 1}));
    listen.remove_prefix(at + 1);
  }
  TALLY_TRY(proxy.listen, Endpoint::parse(listen));
  TALLY_TRY_VOID(store_upstream(proxy, text.substr(equals + 1)));
  return proxy;
}

}  // namespace tally::config
