// SPDX-License-Identifier: Apache-2.0
// Field names that have rules here: which they are, which belong to one connection, which nobody
// may hide, and which names other servers would take for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tally::http {

enum class KnownName : std::uint8_t {
  content_length,
  transfer_encoding,
  host,
  connection,
  authorization,
  content_type,
  content_encoding,
  origin,
  last_event_id,
  mcp,  ///< Mcp-Session-Id, Mcp-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Param-…
  other,
};
inline constexpr std::size_t kKnownNames = static_cast<std::size_t>(KnownName::other) + 1;
[[nodiscard]] KnownName known_name(std::string_view name);

/// Whether a field belongs to one connection (RFC 9110 section 7.6.1 and what older proxies use),
/// also without `Connection` naming it: Connection, Keep-Alive, Proxy-…, TE, Transfer-Encoding,
/// Upgrade.
[[nodiscard]] bool is_hop_by_hop(std::string_view name);

/// Whether `Connection` may not name this field, because its absence changes who is asked as whom:
/// Authorization, Cookie, Host, Content-…, Mcp-…, Origin, Forwarded, X-Forwarded-….
[[nodiscard]] bool is_protected(std::string_view name);

/// Whether a CGI-like server, which makes "_" of "-", would take this name for a protected one or
/// Transfer-Encoding: "Content_Length".
[[nodiscard]] bool is_confusable(std::string_view name);

}  // namespace tally::http
