// SPDX-License-Identifier: Apache-2.0
#include "http/field_name.h"

#include "http/chars.h"

#include <algorithm>
#include <string>

namespace tally::http {

KnownName known_name(std::string_view name) {
  if (name.empty()) return KnownName::other;
  const auto is = [name](std::string_view known) { return equal_no_case(name, known); };
  // By the first letter: most fields of a request are then known to have no rule.
  switch (to_lower(name.front())) {
    case 'a':
      if (is("authorization")) return KnownName::authorization;
      break;
    case 'c':
      if (is("connection")) return KnownName::connection;
      if (is("content-length")) return KnownName::content_length;
      if (is("content-type")) return KnownName::content_type;
      if (is("content-encoding")) return KnownName::content_encoding;
      break;
    case 'h':
      if (is("host")) return KnownName::host;
      break;
    case 'l':
      if (is("last-event-id")) return KnownName::last_event_id;
      break;
    case 'm':
      if (starts_with_no_case(name, "mcp-")) return KnownName::mcp;
      break;
    case 'o':
      if (is("origin")) return KnownName::origin;
      break;
    case 't':
      if (is("transfer-encoding")) return KnownName::transfer_encoding;
      break;
    default: break;
  }
  return KnownName::other;
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
