// SPDX-License-Identifier: Apache-2.0
#include "base/endpoint.h"

#include "base/encoding.h"
#include "base/ip_address.h"

#include <algorithm>
#include <optional>

namespace tally {
namespace {

constexpr std::size_t kHostBytesMax = 253;  // RFC 1035, in text

/// 0 to 65535 in decimal, without leading zeros.
std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto number = parse_decimal(text);
  if (!number || *number > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

struct HostPort {
  std::string_view host;  // without brackets
  bool bracketed = false;
  std::optional<std::string_view> port;
};

/// Takes "host", "host:port", "[v6]", "[v6]:port" apart.
std::optional<HostPort> split(std::string_view text) {
  HostPort out;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    out.host = text.substr(1, end - 1);
    out.bracketed = true;
    rest = text.substr(end + 1);
    if (!rest.empty() && !rest.starts_with(':')) return std::nullopt;
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    out.host = text.substr(0, colon);
    rest = text.substr(colon);
    if (rest.find(':', 1) != std::string_view::npos) return std::nullopt;  // IPv6 without brackets
  }
  if (!rest.empty()) out.port = rest.substr(1);
  return out;
}

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : '[' + host + ']';
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= kHostBytesMax && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

bool is_path_char(char c) { return c > ' ' && c < '\x7f' && c != '\\' && c != '"'; }

tl::unexpected<Error> bad_url(std::string_view why) {
  return fail(Errc::invalid_argument,
              std::string(why) + "; write a URL such as http://127.0.0.1:3000");
}

}  // namespace

Result<Endpoint> Endpoint::parse(std::string_view text) {
  const auto parts = split(text);
  const auto port = parts && parts->port ? parse_port(*parts->port) : std::nullopt;
  const auto address = parts ? IpAddress::parse(parts->host) : std::nullopt;
  const bool fits = address ? parts->bracketed == (parts->host.find(':') != std::string_view::npos)
                            : parts && !parts->bracketed && parts->host == "localhost";
  if (!port || !fits) {
    return fail(Errc::invalid_argument,
                "\"" + std::string(text) +
                    "\" is not ADDRESS:PORT; write for example 127.0.0.1:8811, [::1]:8811 or, "
                    "for every address, 0.0.0.0:8811");
  }
  return Endpoint{std::string(parts->host), *port};
}

std::string Endpoint::text() const { return bracketed(host) + ':' + std::to_string(port); }

Result<HttpUrl> HttpUrl::parse(std::string_view text) {
  HttpUrl out;
  if (text.starts_with("https://")) {
    out.tls = true;
    out.port = 443;
  } else if (!text.starts_with("http://")) {
    return bad_url("the URL begins neither with http:// nor with https://");
  }
  text.remove_prefix(out.tls ? 8 : 7);
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  const std::string_view authority = text.substr(0, end);
  const std::string_view path = text.substr(end);
  if (authority.find('@') != std::string_view::npos) {
    return bad_url("the URL must not hold a user name or password");
  }
  if (path.find_first_of("?#") != std::string_view::npos) {
    return bad_url("the URL must have no query and no fragment");
  }
  const auto parts = split(authority);
  if (!parts) return bad_url("the URL has no host and port that can be read");
  out.host = parts->host;
  std::ranges::transform(out.host, out.host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const auto address = IpAddress::parse(out.host);
  const bool colons = out.host.find(':') != std::string::npos;
  if (parts->bracketed ? !address || !colons : !is_host_name(out.host)) {
    return bad_url("the URL has no host that can be read");
  }
  if (parts->port) {
    const auto port = parse_port(*parts->port);
    if (!port || *port == 0) return bad_url("the URL has no port from 1 to 65535 behind the host");
    out.port = *port;
  }
  if (!std::ranges::all_of(path, is_path_char)) {
    return bad_url("the URL's path has characters that must be written as %XX");
  }
  if (path != "/") out.path = path;
  return out;
}

std::string HttpUrl::authority() const {
  const std::uint16_t own = tls ? 443 : 80;
  return bracketed(host) + (port == own ? "" : ':' + std::to_string(port));
}

std::string HttpUrl::origin() const { return (tls ? "https://" : "http://") + authority(); }

}  // namespace tally
