// SPDX-License-Identifier: Apache-2.0
#include "redact/payload.h"

#include "base/encoding.h"
#include "base/json_writer.h"
#include "redact/redact.h"

namespace tally::redact {
namespace {

std::string object_for(std::string_view raw, std::string_view redacted, bool keyed,
                       std::size_t preview_bytes_max, const KeyedDigest& digest) {
  std::string out;
  json::ObjectWriter w(out);
  w.number("bytes", raw.size());
  w.string("digest", keyed ? digest(raw) : plain_digest(raw));
  w.string("preview", utf8_prefix(redacted, preview_bytes_max));
  w.end();
  return out;
}

}  // namespace

Payload cap_json(std::string_view raw, std::string_view path, PayloadLimits limits,
                 const KeyedDigest& digest, std::vector<event::Redaction>& redactions) {
  // A list of its own: the shared one may be full, and whether anything was hidden must still be
  // known.
  std::vector<event::Redaction> found;
  std::string buffer;
  const std::string_view redacted = redact_json(raw, path, Sink{found, &digest}, buffer);
  redactions.insert(redactions.end(), found.begin(), found.end());
  if (redacted.size() <= limits.bytes_max) {
    return {redacted.data() == raw.data() ? std::string(raw) : std::move(buffer), true};
  }
  return {object_for(raw, redacted, !found.empty(), limits.preview_bytes_max, digest), false};
}

std::string digest_object(std::string_view raw, std::string_view path,
                          std::size_t preview_bytes_max, const KeyedDigest& digest,
                          std::vector<event::Redaction>& redactions) {
  std::vector<event::Redaction> found;
  const std::string redacted = redact_text(raw, path, Sink{found, &digest});
  redactions.insert(redactions.end(), found.begin(), found.end());
  return object_for(raw, redacted, !found.empty(), preview_bytes_max, digest);
}

}  // namespace tally::redact
