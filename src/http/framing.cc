// SPDX-License-Identifier: Apache-2.0
#include "http/framing.h"

#include "base/check.h"
#include "http/head_check.h"

#include <optional>

namespace tally::http {
namespace {

/// What the fields say; nullopt when they say nothing.
std::optional<Framing> declared(const FieldList& fields) {
  if (fields.has(KnownName::transfer_encoding)) return Framing{.kind = BodyKind::chunked};
  const auto value = fields.find(KnownName::content_length);
  if (!value) return std::nullopt;
  const auto length = parse_content_length(*value);
  TALLY_CHECK(length.has_value());  // the parsers refuse others
  return Framing{.kind = BodyKind::length, .length = *length};
}

bool has_no_body(int status, std::string_view method) {
  return method == "HEAD" || status < 200 || status == 204 || status == 304;
}

bool keeps_alive(const FieldList& fields, int minor) {
  if (!fields.has(KnownName::connection)) return minor >= 1;
  if (fields.has_token("connection", "close")) return false;
  return minor >= 1 || fields.has_token("connection", "keep-alive");
}

}  // namespace

Framing request_framing(const RequestHead& head) {
  return declared(head.fields).value_or(Framing{});
}

Framing response_framing(const ResponseHead& head, std::string_view method) {
  if (has_no_body(head.status, method)) return {};
  return declared(head.fields).value_or(Framing{.kind = BodyKind::until_close});
}

bool keeps_alive(const RequestHead& head) { return keeps_alive(head.fields, head.minor); }

bool keeps_alive(const ResponseHead& head, const Framing& framing) {
  if (framing.kind == BodyKind::until_close || head.status == 101) return false;
  return keeps_alive(head.fields, head.minor);
}

bool expects_continue(const RequestHead& head) {
  return head.minor >= 1 && head.fields.has(KnownName::expect) &&
         head.fields.has_token("expect", "100-continue");
}

bool asks_upgrade(const RequestHead& head) {
  return head.minor >= 1 && head.fields.has(KnownName::upgrade) &&
         head.fields.has_token("connection", "upgrade");
}

}  // namespace tally::http
