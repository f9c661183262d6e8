// SPDX-License-Identifier: Apache-2.0
#include "http/head_check.h"

#include "base/encoding.h"
#include "http/chars.h"
#include "http/field_name.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace tally::http {
namespace {

/// "Transfer-Encoding: chunked" is the one value that every server reads alike.
MaybeFault check_transfer_encoding(const FieldList& fields) {
  if (holds(fields.known_repeated(), KnownName::transfer_encoding)) {
    return HeadFault::bad_transfer_encoding;
  }
  const std::string_view value = *fields.find(KnownName::transfer_encoding);
  if (equal_no_case(value, "chunked")) return std::nullopt;
  const std::vector<std::string_view> codings = split_list(value);
  const auto is_chunked = [](std::string_view coding) { return equal_no_case(coding, "chunked"); };
  const bool tokens = !codings.empty() && std::ranges::all_of(codings, is_token);
  if (!tokens) return HeadFault::bad_transfer_encoding;
  // Chunked must be the last and only once (RFC 9112 section 6.1).
  const auto first = std::ranges::find_if(codings, is_chunked);
  if (first == codings.end()) return HeadFault::unknown_transfer_coding;
  if (first + 1 != codings.end() || codings.size() == 1) return HeadFault::bad_transfer_encoding;
  return HeadFault::unknown_transfer_coding;
}

MaybeFault check_framing(const FieldList& fields, int minor) {
  const auto length = fields.find(KnownName::content_length);
  if (fields.has(KnownName::transfer_encoding)) {
    if (length) return HeadFault::length_and_chunked;
    if (const MaybeFault fault = check_transfer_encoding(fields)) return fault;
    if (minor == 0) return HeadFault::transfer_encoding_in_1_0;
  }
  if (!length) return std::nullopt;
  if (holds(fields.known_repeated(), KnownName::content_length)) {
    return HeadFault::repeated_content_length;
  }
  if (!parse_content_length(*length)) return HeadFault::bad_content_length;
  return std::nullopt;
}

bool all_digits(std::string_view text) { return std::ranges::all_of(text, is_digit); }

/// uri-host [":" port] (RFC 9110 section 7.2). A comma would make it a list for some readers, "@",
/// "/" and "?" another host.
bool is_host(std::string_view host) {
  std::size_t end = 0;
  if (host.starts_with('[')) {
    end = host.find(']');
    if (end == std::string_view::npos) return false;
    const auto good = [](char c) { return hex_value(c) >= 0 || c == ':' || c == '.'; };
    if (end < 3 || !std::ranges::all_of(host.substr(1, end - 1), good)) return false;
    ++end;
  } else {
    constexpr std::string_view kOthers = "-._~%!$&'()*+;=";
    while (end < host.size() &&
           (is_digit(host[end]) || (to_lower(host[end]) >= 'a' && to_lower(host[end]) <= 'z') ||
            kOthers.find(host[end]) != std::string_view::npos)) {
      ++end;
    }
  }
  const std::string_view port = host.substr(end);
  return port.empty() || (port.front() == ':' && all_digits(port.substr(1)) && port.size() <= 6);
}

MaybeFault check_host(const FieldList& fields, int minor) {
  if (holds(fields.known_repeated(), KnownName::host)) return HeadFault::repeated_host;
  const auto host = fields.find(KnownName::host);
  if (!host) return minor == 0 ? std::nullopt : MaybeFault(HeadFault::missing_host);
  if (!is_host(*host)) return HeadFault::bad_host;
  return std::nullopt;
}

constexpr KnownNames kOnlyOnce =
    name_set(KnownName::authorization, KnownName::content_encoding, KnownName::content_type,
             KnownName::last_event_id, KnownName::origin);
constexpr KnownNames kOnlyOnceOfMcp =
    name_set(KnownName::mcp_method, KnownName::mcp_protocol_version, KnownName::mcp_session_id);

/// Options of the connection itself, as most have them.
bool names_no_field(std::string_view connection) {
  return equal_no_case(connection, "keep-alive") || equal_no_case(connection, "close");
}

/// Whether another line has this name for a server that takes `_` for `-`, as CGI does.
bool has_double(const FieldList& fields, std::size_t index) {
  if (!starts_with_no_case(fields[index].name, "mcp-")) return false;
  const auto folded = [](char c) { return c == '_' ? '-' : to_lower(c); };
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i != index && std::ranges::equal(fields[i].name, fields[index].name, {}, folded, folded)) {
      return true;
    }
  }
  return false;
}

/// The fault that one line shows.
MaybeFault fault_of_line(const FieldList& fields, std::size_t index) {
  const Field field = fields[index];
  const KnownName known = fields.known(index);
  if (known == KnownName::connection) {
    if (names_no_field(field.value)) return std::nullopt;
    for (const std::string_view named : split_list(field.value)) {
      if (is_protected(named)) return HeadFault::connection_names_protected;
    }
  } else if (known == KnownName::underscored) {
    if (is_confusable(field.name)) return HeadFault::confusable_name;
    if (has_double(fields, index)) return HeadFault::confusable_name;
  } else if (known == KnownName::mcp) {
    if (fields.count(field.name) > 1) return HeadFault::repeated_field;
  } else if (holds(kOnlyOnceOfMcp, known)) {
    if (holds(fields.known_repeated(), known)) return HeadFault::repeated_field;
  } else if (holds(kOnlyOnce, known)) {
    if (fields.index_of(field.name) != index) return HeadFault::repeated_field;
  }
  return std::nullopt;
}

MaybeFault check_lines(const FieldList& fields) {
  // Most heads have nothing that would have to be looked at line by line.
  constexpr KnownNames kLookedAt = name_set(KnownName::connection, KnownName::underscored);
  constexpr KnownNames kNotRepeated = kOnlyOnce | kOnlyOnceOfMcp | name_set(KnownName::mcp);
  const bool suspicious =
      (fields.known() & kLookedAt) != 0 || (fields.known_repeated() & kNotRepeated) != 0;
  if (!suspicious) return std::nullopt;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (const MaybeFault fault = fault_of_line(fields, i)) return fault;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> parse_content_length(std::string_view value) {
  return parse_decimal(value);
}

MaybeFault check_target(std::string_view method, std::string_view target) {
  if (method == "CONNECT") return HeadFault::connect_method;
  const auto good = [](char c) { return c > 0x20 && c < 0x7f && c != '#'; };
  if (target == "*") {
    return method == "OPTIONS" ? std::nullopt : MaybeFault(HeadFault::bad_target);
  }
  if (!target.starts_with('/')) {
    const bool has_scheme = target.substr(0, target.find('/')).ends_with(':');
    return has_scheme ? HeadFault::absolute_target : HeadFault::bad_target;
  }
  if (!std::ranges::all_of(target, good)) return HeadFault::bad_target;
  if (target.substr(0, target.find('?')).find('\\') != std::string_view::npos) {
    return HeadFault::bad_target;
  }
  return std::nullopt;
}

MaybeFault check_request(const RequestHead& head) {
  if (const MaybeFault fault = check_lines(head.fields)) return fault;
  if (const MaybeFault fault = check_framing(head.fields, head.minor)) return fault;
  return check_host(head.fields, head.minor);
}

MaybeFault check_response(const ResponseHead& head) {
  return check_framing(head.fields, head.minor);
}

}  // namespace tally::http
