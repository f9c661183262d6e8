// SPDX-License-Identifier: Apache-2.0
#include "http/forward.h"

#include "base/check.h"
#include "base/encoding.h"
#include "http/chars.h"
#include "http/field_name.h"

#include <algorithm>
#include <array>
#include <vector>

namespace tally::http {
namespace {

/// Room for what is added to a head, mostly.
constexpr std::size_t kLinesAdded = 6;
constexpr std::size_t kBytesAdded = 320;

/// Names that `Connection` lists, without those that it may not hide (a request that names one was
/// refused; in a response the field is the server's to send).
std::vector<std::string> names_of_connection(const FieldList& fields) {
  std::vector<std::string> out;
  for (const std::string_view name : fields.list("connection")) {
    if (!is_protected(name) && !is_hop_by_hop(name)) out.emplace_back(name);
  }
  return out;
}

void remove_hop_by_hop(FieldList& fields) {
  const std::vector<std::string> named = names_of_connection(fields);
  fields.remove_if([&](const Field& field) {
    return is_hop_by_hop(field.name) || std::ranges::any_of(named, [&](const std::string& name) {
             return equal_no_case(field.name, name);
           });
  });
}

/// A body that was framed anew needs other fields; one that stays as it is keeps its own, in place.
void set_framing(FieldList& fields, const Framing& framing) {
  switch (framing.kind) {
    case BodyKind::none: return;
    case BodyKind::length: {
      const std::string length = std::to_string(framing.length);
      if (const auto index = fields.index_of("content-length")) {
        if (fields[*index].value != length) fields.set_value(*index, length);
      } else {
        fields.add("Content-Length", length);
      }
      return;
    }
    case BodyKind::chunked:
      fields.remove("content-length");
      fields.add("Transfer-Encoding", "chunked");
      return;
    case BodyKind::until_close: fields.remove("content-length"); return;
  }
}

/// Appends to the last line of this name, so that the order of the list is the order of the hops.
void append_to_list(FieldList& fields, std::string_view name, std::string_view value) {
  if (!fields.has(name)) return fields.add(name, value);
  for (std::size_t i = fields.size(); i > 0; --i) {
    const Field field = fields[i - 1];
    if (!equal_no_case(field.name, name)) continue;
    std::string list(field.value);
    if (!list.empty()) list += ", ";
    fields.set_value(i - 1, list.append(value));
    return;
  }
}

constexpr std::array<std::string_view, 5> kDecodable{"gzip", "x-gzip", "deflate", "br", "identity"};

/// "gzip;q=0.5" is gzip.
std::string_view coding_of(std::string_view member) {
  return trim_ows(member.substr(0, member.find(';')));
}

/// "*" admits codings that we cannot decode, unless its weight says that it admits none.
bool refuses_others(std::string_view member) {
  const std::size_t semicolon = member.find(';');
  if (semicolon == std::string_view::npos) return false;
  const std::string_view weight = trim_ows(member.substr(semicolon + 1));
  if (!starts_with_no_case(weight, "q=")) return false;
  const std::string_view number = trim_ows(weight.substr(2));
  return number.starts_with('0') && number.find_first_not_of("0.") == std::string_view::npos;
}

bool keeps_coding(std::string_view member) {
  const std::string_view coding = coding_of(member);
  if (coding == "*") return refuses_others(member);
  return std::ranges::any_of(kDecodable,
                             [&](std::string_view known) { return equal_no_case(known, coding); });
}

void cut_accept_encodings(FieldList& fields) {
  if (!fields.has("accept-encoding")) return;
  bool cut = false;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!equal_no_case(fields[i].name, "accept-encoding")) continue;
    const std::string kept = cut_accept_encoding(fields[i].value);
    if (kept == fields[i].value) continue;
    fields.set_value(i, kept);
    cut = true;
  }
  if (!cut) return;
  // An empty field says "identity only" where another line still says more.
  const bool any = std::ranges::any_of(fields.all("accept-encoding"),
                                       [](std::string_view value) { return !value.empty(); });
  for (std::size_t i = fields.size(); i > 0; --i) {
    if (!equal_no_case(fields[i - 1].name, "accept-encoding") || !fields[i - 1].value.empty()) {
      continue;
    }
    if (any || fields.count("accept-encoding") > 1) {
      fields.remove_at(i - 1);
    } else {
      fields.set_value(i - 1, "identity");
    }
  }
}

/// Value of Cookie without the sessions of our own API, which is none of an upstream's business:
/// browsers send a cookie to every port of a host. nullopt when there are none.
std::optional<std::string> without_own_sessions(std::string_view value) {
  std::string out;
  bool found = false;
  for (std::string_view rest = value; !rest.empty();) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    const std::string_view one = trim_ows(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (is_own_session(one.substr(0, one.find('=')))) {
      found = true;
    } else if (!one.empty()) {
      out.append(out.empty() ? "" : "; ").append(one);
    }
  }
  return found ? std::optional(std::move(out)) : std::nullopt;
}

void remove_own_sessions(FieldList& fields) {
  if (!fields.has("cookie")) return;
  for (std::size_t i = fields.size(); i-- > 0;) {
    if (!equal_no_case(fields[i].name, "cookie")) continue;
    const auto kept = without_own_sessions(fields[i].value);
    if (!kept) continue;
    if (kept->empty()) {
      fields.remove_at(i);
    } else {
      fields.set_value(i, *kept);
    }
  }
}

void append_field(std::string_view name, std::string_view value, std::string& out) {
  out.append(name).append(": ", 2).append(value).append("\r\n", 2);
}

/// Whether `Connection`, if there is one, says nothing but how long it lasts.
bool names_no_field(const FieldList& fields) {
  const auto value = fields.find(KnownName::connection);
  if (!value) return true;
  if (holds(fields.known_repeated(), KnownName::connection)) return false;
  return equal_no_case(*value, "keep-alive") ||
         (equal_no_case(*value, "close") && !fields.has("close"));
}

/// Whether set_framing() would leave what says where the body ends, but for Transfer-Encoding,
/// which it adds again.
bool keeps_framing(const FieldList& fields, const Framing& framing) {
  const auto stated = fields.find(KnownName::content_length);
  switch (framing.kind) {
    case BodyKind::none: return true;
    case BodyKind::length: return stated && parse_decimal(*stated) == framing.length;
    case BodyKind::chunked:
    case BodyKind::until_close: return !stated;
  }
  TALLY_CHECK(!"BodyKind out of range");
}

/// Whether `keeps(value)` holds for all lines of this name, which mostly are none.
template <class Keeps>
bool keeps_lines(const FieldList& fields, KnownName name, Keeps keeps) {
  if (!fields.has(name)) return true;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields.known(i) == name && !keeps(fields[i].value)) return false;
  }
  return true;
}

bool keeps_codings(std::string_view value) {
  return std::ranges::all_of(split_list(value), keeps_coding);
}

/// Both names of the cookie end so.
bool has_no_own_session(std::string_view value) {
  return value.find(kSessionCookie) == std::string_view::npos;
}

/// Whether every line goes as it is or not at all.
bool goes_in_lines(const RequestHead& head, const RequestForwarding& how) {
  constexpr KnownNames kForwarded =
      name_set(KnownName::x_forwarded_for, KnownName::x_forwarded_proto);
  const FieldList& fields = head.fields;
  return !how.upgrade && (fields.known() & kForwarded) == 0 && names_no_field(fields) &&
         keeps_framing(fields, how.framing) &&
         keeps_lines(fields, KnownName::accept_encoding, keeps_codings) &&
         keeps_lines(fields, KnownName::cookie, has_no_own_session);
}

bool goes_in_lines(const ResponseHead& head, const ResponseForwarding& how) {
  return !how.upgrade && names_no_field(head.fields) && keeps_framing(head.fields, how.framing) &&
         keeps_lines(head.fields, KnownName::set_cookie, has_no_own_session);
}

}  // namespace

bool is_own_session(std::string_view cookie) {
  return cookie == kSessionCookie || cookie == kSecureSessionCookie;
}

std::string cut_accept_encoding(std::string_view value) {
  const std::vector<std::string_view> members = split_list(value);
  if (std::ranges::all_of(members, keeps_coding)) return std::string(value);
  std::string out;
  const auto add = [&out](std::string_view member) {
    if (!out.empty()) out += ", ";
    out += member;
  };
  for (const std::string_view member : members) {
    if (keeps_coding(member)) {
      add(member);
    } else if (coding_of(member) == "*") {
      // Any coding is welcome: name those that we can read and that the client did not weigh.
      for (const std::string_view known : {"gzip", "deflate", "br"}) {
        const bool named = std::ranges::any_of(members, [&](std::string_view other) {
          return equal_no_case(coding_of(other), known);
        });
        if (!named) add(std::string(known).append(member.substr(coding_of(member).size())));
      }
    }
  }
  return out;
}

RequestHead forward_request(const RequestHead& head, const RequestForwarding& how) {
  RequestHead out{head.method, head.target, 1, {head.fields, kLinesAdded, kBytesAdded}};
  FieldList& fields = out.fields;
  remove_hop_by_hop(fields);
  cut_accept_encodings(fields);
  remove_own_sessions(fields);
  if (!fields.has("host")) fields.add("Host", how.upstream_authority);
  set_framing(fields, how.framing);
  if (!how.request_id.empty() && !fields.has("x-request-id")) {
    fields.add("X-Request-ID", how.request_id);
  }
  if (how.forwarded == Forwarded::append) {
    append_to_list(fields, "X-Forwarded-For", how.client_address);
    append_to_list(fields, "X-Forwarded-Proto", how.client_tls ? "https" : "http");
  }
  if (how.upgrade) {
    for (const std::string_view value : head.fields.all("upgrade")) fields.add("Upgrade", value);
    fields.add("Connection", "upgrade");
  }
  return out;
}

ResponseHead forward_response(const ResponseHead& head, const ResponseForwarding& how) {
  ResponseHead out{head.status, head.reason, 1, {head.fields, kLinesAdded, kBytesAdded}};
  FieldList& fields = out.fields;
  remove_hop_by_hop(fields);
  fields.remove_if([](const Field& field) {  // nor may an upstream plant one
    return equal_no_case(field.name, "set-cookie") &&
           is_own_session(trim_ows(field.value.substr(0, field.value.find('='))));
  });
  set_framing(fields, how.framing);
  if (how.upgrade) {
    for (const std::string_view value : head.fields.all("upgrade")) fields.add("Upgrade", value);
    fields.add("Connection", "upgrade");
  } else if (is_interim(head)) {
    return out;
  } else if (how.close) {
    fields.add("Connection", "close");
  } else if (how.client_minor == 0) {
    fields.add("Connection", "keep-alive");
  }
  return out;
}

void append_forwarded(const RequestHead& head, const RequestForwarding& how, std::string& out) {
  const FieldList& fields = head.fields;
  if (!goes_in_lines(head, how)) {
    append_head(forward_request(head, how), out);
    return;
  }
  append_first_line(head, 1, out);
  fields.append_without(kHopByHopNames, out);
  if (!fields.has(KnownName::host)) append_field("Host", how.upstream_authority, out);
  if (how.framing.kind == BodyKind::chunked) append_field("Transfer-Encoding", "chunked", out);
  if (!how.request_id.empty() && !fields.has(KnownName::x_request_id)) {
    append_field("X-Request-ID", how.request_id, out);
  }
  if (how.forwarded == Forwarded::append) {
    append_field("X-Forwarded-For", how.client_address, out);
    append_field("X-Forwarded-Proto", how.client_tls ? "https" : "http", out);
  }
  out.append("\r\n", 2);
}

void append_forwarded(const ResponseHead& head, const ResponseForwarding& how, std::string& out) {
  const FieldList& fields = head.fields;
  if (!goes_in_lines(head, how)) {
    append_head(forward_response(head, how), out);
    return;
  }
  append_first_line(head, 1, out);
  fields.append_without(kHopByHopNames, out);
  if (how.framing.kind == BodyKind::chunked) append_field("Transfer-Encoding", "chunked", out);
  if (!is_interim(head)) {
    if (how.close) {
      append_field("Connection", "close", out);
    } else if (how.client_minor == 0) {
      append_field("Connection", "keep-alive", out);
    }
  }
  out.append("\r\n", 2);
}

Framing framing_for_client(const Framing& framing, int client_minor) {
  if (framing.kind == BodyKind::chunked && client_minor == 0) {
    return {.kind = BodyKind::until_close};
  }
  return framing;
}

}  // namespace tally::http
