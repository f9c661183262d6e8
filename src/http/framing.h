// SPDX-License-Identifier: Apache-2.0
// Where the body of a message ends, and whether its connection can carry another one (RFC 9112
// sections 6.3 and 9.3). For heads that the parsers accepted: everything doubtful was refused
// there.
#pragma once

#include "http/head.h"

#include <cstdint>
#include <string_view>

namespace tally::http {

enum class BodyKind : std::uint8_t {
  none,         ///< no body, and no Content-Length counts
  length,       ///< exactly `length` bytes, which may be 0
  chunked,      ///< http/chunked.h
  until_close,  ///< responses only: ends with the connection
};

struct Framing {
  BodyKind kind = BodyKind::none;
  std::uint64_t length = 0;  ///< for BodyKind::length
  friend bool operator==(const Framing&, const Framing&) = default;
};

[[nodiscard]] Framing request_framing(const RequestHead& head);
/// `method` is the one of the request that this answers: HEAD has no body, nor have 1xx, 204, 304.
[[nodiscard]] Framing response_framing(const ResponseHead& head, std::string_view method);

/// Whether the sender of this head keeps the connection: HTTP/1.1 unless it says close, HTTP/1.0
/// only when it says keep-alive. A response whose body ends with the connection never does.
[[nodiscard]] bool keeps_alive(const RequestHead& head);
[[nodiscard]] bool keeps_alive(const ResponseHead& head, const Framing& framing);

/// Whether the client waits for 100 before it sends its body (HTTP/1.1 only, RFC 9110 section
/// 10.1.1).
[[nodiscard]] bool expects_continue(const RequestHead& head);

/// Whether the head asks for another protocol: `Connection: upgrade` and `Upgrade`.
[[nodiscard]] bool asks_upgrade(const RequestHead& head);

}  // namespace tally::http
