// SPDX-License-Identifier: Apache-2.0
// What the proxy changes in a head, and nothing else (the list is complete): hop-by-hop fields go,
// Accept-Encoding is cut to what we can decode, X-Request-ID is added where absent, X-Forwarded-For
// and -Proto are appended, framing is ours, cookies of our own API's sessions go, in both
// directions. Host and Origin stay, and there is no Via.
#pragma once

#include "http/framing.h"
#include "http/head.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tally::http {

/// Cookies of the sessions of our own API; the second under TLS.
inline constexpr std::string_view kSessionCookie = "tallystick_session";
inline constexpr std::string_view kSecureSessionCookie = "__Host-tallystick_session";
[[nodiscard]] bool is_own_session(std::string_view cookie);

enum class Forwarded : std::uint8_t { append, off };

struct RequestForwarding {
  Framing framing{};                  ///< how the body will be sent to the upstream
  std::string_view client_address{};  ///< for X-Forwarded-For, without port and brackets
  bool client_tls = false;            ///< X-Forwarded-Proto: https or http
  Forwarded forwarded = Forwarded::append;
  std::string_view request_id{};          ///< X-Request-ID where the client sent none; empty: none
  std::string_view upstream_authority{};  ///< Host for a client of HTTP/1.0 that sent none
  bool upgrade = false;                   ///< keep Upgrade (configured tunnel)
};
/// The head for the upstream, always HTTP/1.1.
[[nodiscard]] RequestHead forward_request(const RequestHead& head, const RequestForwarding& how);

/// Appends the bytes of forward_request(head, how), without the copy for most requests.
void append_forwarded(const RequestHead& head, const RequestForwarding& how, std::string& out);

struct ResponseForwarding {
  Framing framing{};     ///< how the body will be sent to the client; none leaves Content-Length
  int client_minor = 1;  ///< version of the request
  bool close = false;    ///< the connection to the client ends after this response
  bool upgrade = false;  ///< 101 of a configured tunnel
};
/// The head for the client, always HTTP/1.1; also for interim ones.
[[nodiscard]] ResponseHead forward_response(const ResponseHead& head,
                                            const ResponseForwarding& how);
/// Appends the bytes of forward_response(head, how), without the copy for most responses.
void append_forwarded(const ResponseHead& head, const ResponseForwarding& how, std::string& out);

/// How a body that comes from the upstream in `framing` goes to a client of HTTP/1.`client_minor`:
/// as it came, but a client of 1.0 does not know chunks, so its connection is closed at the end.
[[nodiscard]] Framing framing_for_client(const Framing& framing, int client_minor);

/// An Accept-Encoding value without codings that we cannot decode, unchanged when all are known;
/// empty when nothing is left.
[[nodiscard]] std::string cut_accept_encoding(std::string_view value);

}  // namespace tally::http
