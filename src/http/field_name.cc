// SPDX-License-Identifier: Apache-2.0
#include "http/field_name.h"

#include "http/chars.h"
#include "http/fields.h"

#include <algorithm>
#include <string>

namespace tally::http {

KnownName known_name(std::string_view name) {
  using detail::name_key;
  const auto if_is = [name](std::string_view known, KnownName which) {
    return equal_no_case(name, known) ? which : KnownName::other;
  };
  // Most fields of a request are then known to have no rule.
  switch (name_key(name)) {
    case name_key("authorization"): return if_is("authorization", KnownName::authorization);
    case name_key("connection"): return if_is("connection", KnownName::connection);
    case name_key("content-length"): return if_is("content-length", KnownName::content_length);
    case name_key("content-type"): return if_is("content-type", KnownName::content_type);
    case name_key("content-encoding"):
      return if_is("content-encoding", KnownName::content_encoding);
    case name_key("host"): return if_is("host", KnownName::host);
    case name_key("last-event-id"): return if_is("last-event-id", KnownName::last_event_id);
    case name_key("origin"): return if_is("origin", KnownName::origin);
    case name_key("transfer-encoding"):
      return if_is("transfer-encoding", KnownName::transfer_encoding);
    default: return starts_with_no_case(name, "mcp-") ? KnownName::mcp : KnownName::other;
  }
}

bool is_hop_by_hop(std::string_view name) {
  switch (name.size()) {
    case 2: return equal_no_case(name, "te");
    case 7:
      if (equal_no_case(name, "upgrade")) return true;
      break;
    case 10:
      if (equal_no_case(name, "connection") || equal_no_case(name, "keep-alive")) return true;
      break;
    case 17:
      if (equal_no_case(name, "transfer-encoding")) return true;
      break;
    default: break;
  }
  return starts_with_no_case(name, "proxy-");
}

bool is_protected(std::string_view name) {
  if (name.empty()) return false;
  switch (to_lower(name.front())) {
    case 'a': return equal_no_case(name, "authorization");
    case 'c': return equal_no_case(name, "cookie") || starts_with_no_case(name, "content-");
    case 'f': return equal_no_case(name, "forwarded");
    case 'h': return equal_no_case(name, "host");
    case 'm': return starts_with_no_case(name, "mcp-");
    case 'o': return equal_no_case(name, "origin");
    case 'x': return starts_with_no_case(name, "x-forwarded-");
    default: return false;
  }
}

bool is_confusable(std::string_view name) {
  if (name.find('_') == std::string_view::npos) return false;
  std::string dashed(name);
  std::ranges::replace(dashed, '_', '-');
  return is_protected(dashed) || equal_no_case(dashed, "transfer-encoding");
}

}  // namespace tally::http
