// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.h"
#include "redact/findings.h"
#include "redact/keys.h"
#include "redact/redact.h"
#include "redact/secret_scan.h"

namespace tally::redact {
namespace {

std::string session_stand_in(std::string_view id, const KeyedDigest* digest) {
  if (id.empty() || is_stand_in(id)) return std::string(id);
  return digest == nullptr ? std::string(kMask) : (*digest)(id);
}

/// A member as an object of its own, so that its name counts too.
void redact_member(event::RawMember& member, Sink sink) {
  std::string object = "{";
  json::append_string(object, member.key);
  object += ':';
  const std::size_t prefix = object.size();
  object += member.json;
  object += '}';
  const std::string clean = redact_json(object, "", sink);
  member.json = clean.substr(prefix, clean.size() - prefix - 1);
}

}  // namespace

void redact_event(event::Event& event, const KeyedDigest* digest) {
  const Sink sink{event.redactions, digest};
  const auto json = [&](std::string& value, std::string_view path) {
    if (!value.empty()) value = redact_json(value, path, sink);
  };
  const auto text = [&](std::optional<std::string>& value, std::string_view path) {
    if (value) value = redact_text(*value, path, sink);
  };
  text(event.target_id, "target_id");
  text(event.target_name, "target_name");
  text(event.api_endpoint, "api_endpoint");
  json(event.details, "details");
  text(event.error_message, "error_message");
  json(event.old_values, "old_values");
  json(event.new_values, "new_values");
  for (event::RawMember& member : event.unknown) redact_member(member, sink);
  if (event.session_id) {
    std::string id = session_stand_in(*event.session_id, digest);
    if (id != *event.session_id) {
      note(sink, "session_id", "key:session_id", digest == nullptr ? "mask" : "hash");
      event.session_id = std::move(id);
    }
  }
}

bool IngestFilter::wants_key(std::string_view key) const { return is_sensitive(key); }

bool IngestFilter::wants_string(std::string_view body) const {
  if (!may_hold_secrets(body)) return false;
  // What could be JSON, or is escaped, is left to apply(): it is rare.
  const std::size_t first = body.find_first_not_of(' ');
  if (first != std::string_view::npos && (body[first] == '{' || body[first] == '[')) return true;
  return body.find('\\') != std::string_view::npos || !find_secrets(body).empty();
}

std::string IngestFilter::apply(std::string_view json, std::string_view path,
                                std::vector<Redaction>& redactions) const {
  return redact_json(json, path, Sink{redactions, digest_});
}

std::string IngestFilter::pseudonym(std::string_view value) const {
  return session_stand_in(value, digest_);
}

}  // namespace tally::redact
