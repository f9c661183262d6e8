// SPDX-License-Identifier: Apache-2.0
// The first event of HTTP+SSE (MCP 2024-11-05) names the address that the client posts to. One that
// points at the upstream itself would lead past the proxy, so it is the one thing in a body that
// the proxy changes (docs/decisions/0012-endpoint-of-http-sse.md).
#pragma once

#include "base/endpoint.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tally::proxy {

/// The address to give to a client in place of `stated`: below `public_url`, else path and query
/// alone, which every client resolves against the address that it used. nullopt: `stated` leads to
/// the proxy as it is, or to somewhere that is not the upstream.
[[nodiscard]] std::optional<std::string> reachable_endpoint(
    std::string_view stated, const HttpUrl& upstream, const std::optional<HttpUrl>& public_url);

/// Reads along the start of one event stream. Bytes of the first event are held until it is whole
/// (no client acts before that), at most kEndpointEventBytesMax; everything else passes at once.
class EndpointRewriter {
 public:
  /// Both must outlive it.
  EndpointRewriter(const HttpUrl& upstream, const std::optional<HttpUrl>& public_url)
      : upstream_(upstream), public_url_(public_url) {}

  /// Appends to `out` what the client gets now.
  void feed(std::string_view bytes, std::string& out);
  /// The stream is over: what is still held.
  [[nodiscard]] std::string finish();
  /// Whether all that follows passes as it is.
  [[nodiscard]] bool done() const { return done_; }
  /// Whether the address was replaced.
  [[nodiscard]] bool rewritten() const { return rewritten_; }

 private:
  void take_line(std::size_t begin, std::size_t end, std::string& out);
  void end_block(std::string& out);
  void release(std::string& out);

  const HttpUrl& upstream_;
  const std::optional<HttpUrl>& public_url_;
  std::string held_;
  std::size_t line_ = 0;       // start in held_ of the line that is not complete
  bool after_return_ = false;  // a LF now belongs to the CR before it
  bool first_line_ = true;
  bool has_fields_ = false;  // the block has a field that makes an event
  bool is_endpoint_ = false;
  std::size_t data_lines_ = 0;
  std::size_t data_begin_ = 0, data_end_ = 0;  // of the last data line's value
  bool done_ = false;
  bool rewritten_ = false;
};

}  // namespace tally::proxy
