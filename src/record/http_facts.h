// SPDX-License-Identifier: Apache-2.0
// What an HTTP proxy tells the recorder of an exchange, and what it is told to do.
#pragma once

#include "event/event.h"
#include "http/fields.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::record {

using Events = std::vector<event::Event>;

/// What the proxy does with the body of a request.
enum class BodyPlan : std::uint8_t {
  none,   ///< there is none: call on_request() and forward
  pass,   ///< nobody looks at it: call on_request(), then stream it
  whole,  ///< read and decode all of it before a byte is forwarded: on_request_body() and its kin
};

/// What the proxy does with a copy of the response's body.
enum class TeePlan : std::uint8_t {
  none,      ///< nothing
  json,      ///< decode, collect, on_response_body(); above the limit on_oversize_bytes()
  events,    ///< decode, parse as text/event-stream, on_event() for each event
  object,    ///< as json, but a body above kObjectBodyBytesMax is not told at all
  metadata,  ///< the same above kMetadataBytesMax
};

/// The answer of the proxy itself. Says nothing about auditing.
struct Refusal {
  int status = 503;                    ///< 400, 413 or 503
  std::string_view content_type = {};  ///< static; empty: no body
  std::string body;
};

/// What happens to a request.
///  - not `forward`: write `events` (nobody waits) and answer with `refusal`; the exchange is over.
///  - `forward`, not `must_wait`: write `events`, do not wait, forward even if it cannot be written
///    (and count it as missing).
///  - `forward` and `must_wait`: `events` must be durable before a byte is forwarded. If they
///  cannot
///    be made durable, or the client left meanwhile: never forward, call not_forwarded(), answer
///    with `refusal`.
struct Verdict {
  bool forward = true;
  bool must_wait = false;
  Events events;
  Refusal refusal;
};

/// A body that could not be turned into text (unknown encoding, broken compression).
struct OpaqueBody {
  std::string_view reason;  ///< a few words: "content-encoding zstd"
  std::uint64_t bytes = 0;  ///< as received
  std::string_view digest;  ///< of these bytes, keyed: nobody knows what is in them
};

/// How an exchange ended.
enum class HttpEnd : std::uint8_t {
  complete,              ///< the whole response was seen
  upstream_unreachable,  ///< no byte of the request reached the upstream
  upstream_broke,        ///< reset, cut off or garbage
  client_left,           ///< before the response was complete
  timed_out,             ///< waiting for the upstream
  drained,               ///< cut because the proxy stops
  tunnelled,             ///< an upgraded connection ended; what passed in it is not known
};

struct HttpEndInfo {
  HttpEnd how = HttpEnd::complete;
  /// What the proxy answered itself (502, 504); nullopt: it passed on what the upstream said.
  std::optional<int> answered = {};
  std::uint64_t response_bytes = 0;  ///< of the body, as passed on
  std::uint64_t request_bytes = 0;   ///< of a tunnel, from the client
  bool nothing_sent = false;         ///< no byte of the request reached the upstream
  /// HTTP+SSE: the address in the `endpoint` event led past the proxy and was replaced.
  bool endpoint_rewritten = false;
};

/// Something refused before there was an exchange: malformed, oversized or ambiguous HTTP.
struct RefusedRequest {
  std::string_view reason = {};  ///< a few words: "content-length and transfer-encoding"
  int status = 400;              ///< what was answered; 0: nothing, the connection was closed
  std::string_view method = {};  ///< empty: not known
  std::string_view target = {};  ///< empty: not known
  const http::FieldList* fields = nullptr;  ///< null: not known
};

}  // namespace tally::record
