// SPDX-License-Identifier: Apache-2.0
#include "http/head_check.h"

#include "base/encoding.h"
#include "http/chars.h"
#include "http/field_name.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace tally::http {
namespace {

/// Lines seen of the fields that the rules look at.
struct Seen {
  std::array<std::uint8_t, kKnownNames> lines{};
  std::string_view content_length, transfer_encoding, host;
  [[nodiscard]] std::uint8_t count(KnownName name) const {
    return lines[static_cast<std::size_t>(name)];
  }
};

/// "Transfer-Encoding: chunked" is the one value that every server reads alike.
MaybeFault check_transfer_encoding(const Seen& seen) {
  if (seen.count(KnownName::transfer_encoding) > 1) return HeadFault::bad_transfer_encoding;
  if (equal_no_case(seen.transfer_encoding, "chunked")) return std::nullopt;
  const std::vector<std::string_view> codings = split_list(seen.transfer_encoding);
  const auto is_chunked = [](std::string_view coding) { return equal_no_case(coding, "chunked"); };
  const bool tokens = !codings.empty() && std::ranges::all_of(codings, is_token);
  if (!tokens) return HeadFault::bad_transfer_encoding;
  // Chunked must be the last and only once (RFC 9112 section 6.1).
  const auto first = std::ranges::find_if(codings, is_chunked);
  if (first == codings.end()) return HeadFault::unknown_transfer_coding;
  if (first + 1 != codings.end() || codings.size() == 1) return HeadFault::bad_transfer_encoding;
  return HeadFault::unknown_transfer_coding;
}

MaybeFault check_framing(const Seen& seen, int minor) {
  const bool has_length = seen.count(KnownName::content_length) > 0;
  if (seen.count(KnownName::transfer_encoding) > 0) {
    if (has_length) return HeadFault::length_and_chunked;
    if (const MaybeFault fault = check_transfer_encoding(seen)) return fault;
    if (minor == 0) return HeadFault::transfer_encoding_in_1_0;
  }
  if (!has_length) return std::nullopt;
  if (seen.count(KnownName::content_length) > 1) return HeadFault::repeated_content_length;
  if (!parse_content_length(seen.content_length)) return HeadFault::bad_content_length;
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

MaybeFault check_host(const Seen& seen, int minor) {
  const std::uint8_t lines = seen.count(KnownName::host);
  if (lines > 1) return HeadFault::repeated_host;
  if (lines == 0) return minor == 0 ? std::nullopt : MaybeFault(HeadFault::missing_host);
  if (!is_host(seen.host)) return HeadFault::bad_host;
  return std::nullopt;
}

/// Notes what the rules need; gives the fault that one line shows by itself.
MaybeFault look_at(const Field& field, const FieldList& fields, Seen& seen) {
  const KnownName known = known_name(field.name);
  auto& lines = seen.lines[static_cast<std::size_t>(known)];
  if (lines < 2) ++lines;
  switch (known) {
    case KnownName::content_length: seen.content_length = field.value; return std::nullopt;
    case KnownName::transfer_encoding: seen.transfer_encoding = field.value; return std::nullopt;
    case KnownName::host: seen.host = field.value; return std::nullopt;
    case KnownName::connection:
      for (const std::string_view named : split_list(field.value)) {
        if (is_protected(named)) return HeadFault::connection_names_protected;
      }
      return std::nullopt;
    case KnownName::authorization:
    case KnownName::content_type:
    case KnownName::content_encoding:
    case KnownName::origin:
    case KnownName::last_event_id:
      if (lines > 1) return HeadFault::repeated_field;
      return std::nullopt;
    case KnownName::mcp:
      if (fields.count(field.name) > 1) return HeadFault::repeated_field;
      return std::nullopt;
    case KnownName::other: break;
  }
  if (is_confusable(field.name)) return HeadFault::confusable_name;
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
  Seen seen;
  for (const Field field : head.fields) {
    if (const MaybeFault fault = look_at(field, head.fields, seen)) return fault;
  }
  if (const MaybeFault fault = check_framing(seen, head.minor)) return fault;
  return check_host(seen, head.minor);
}

MaybeFault check_response(const ResponseHead& head) {
  Seen seen;
  for (const Field field : head.fields) {
    const KnownName known = known_name(field.name);
    auto& lines = seen.lines[static_cast<std::size_t>(known)];
    if (lines < 2) ++lines;
    if (known == KnownName::content_length) seen.content_length = field.value;
    if (known == KnownName::transfer_encoding) seen.transfer_encoding = field.value;
  }
  return check_framing(seen, head.minor);
}

}  // namespace tally::http
