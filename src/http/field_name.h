// SPDX-License-Identifier: Apache-2.0
// Field names that have rules here: which they are, which belong to one connection, which nobody
// may hide, and which names other servers would take for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tally::http {

enum class KnownName : std::uint8_t {
  other,
  // They belong to one connection.
  connection,
  keep_alive,
  proxy,  ///< Proxy-…
  te,
  transfer_encoding,
  upgrade,
  // They may stand only once.
  authorization,
  content_encoding,
  content_length,
  content_type,
  host,
  last_event_id,
  mcp_method,
  mcp_protocol_version,
  mcp_session_id,
  origin,
  mcp,  ///< Mcp-Name, Mcp-Param-… and others: each of them may
  // What the proxy looks at or adds to.
  accept_encoding,
  cookie,
  expect,
  set_cookie,
  x_forwarded_for,
  x_forwarded_proto,
  x_request_id,
  underscored,  ///< none of these, and has a "_": is_confusable() says more
};

/// A set of them.
using KnownNames = std::uint32_t;
template <class... Name>
[[nodiscard]] constexpr KnownNames name_set(Name... name) {
  return (0U | ... | (KnownNames{1} << static_cast<unsigned>(name)));
}
[[nodiscard]] constexpr bool holds(KnownNames set, KnownName name) {
  return (set & name_set(name)) != 0;
}

namespace detail {
/// What names that differ in nothing but case have in common: length, and first, middle and last
/// character. Most names that differ at all differ in it. A constant for a literal.
constexpr std::uint32_t name_key(std::string_view name) {
  if (name.empty()) return 0;
  const auto at = [name](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(name[i]) | 0x20U);
  };
  return (static_cast<std::uint32_t>(name.size()) & 0xFFU) << 24 | at(0) << 16 |
         at(name.size() / 2) << 8 | at(name.size() - 1);
}
/// The same number below 64 for equal keys.
constexpr std::size_t key_slot(std::uint32_t key) { return key * 0x9E3779B1U >> 26; }
/// One of 64 bits for a key.
constexpr std::uint64_t key_bit(std::uint32_t key) { return std::uint64_t{1} << key_slot(key); }
/// As known_name(), for a name whose key is known.
[[nodiscard]] KnownName known_name(std::string_view name, std::uint32_t key);
}  // namespace detail

[[nodiscard]] inline KnownName known_name(std::string_view name) {
  return detail::known_name(name, detail::name_key(name));
}

/// What is_hop_by_hop() holds for.
inline constexpr KnownNames kHopByHopNames =
    name_set(KnownName::connection, KnownName::keep_alive, KnownName::proxy, KnownName::te,
             KnownName::transfer_encoding, KnownName::upgrade);

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
