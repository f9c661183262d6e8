// SPDX-License-Identifier: Apache-2.0
// Payloads are kept whole up to a cap; above it, size, digest and a preview stand in (contract 1).
#pragma once

#include "event/event.h"
#include "redact/keyed_digest.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tally::redact {

/// A payload ready for `details`.
struct Payload {
  std::string
      json;  ///< one JSON value: the redacted text, or {"bytes":N,"digest":"...","preview":"..."}
  bool whole = true;  ///< false: `json` is the digest object
};

struct PayloadLimits {
  std::size_t bytes_max;          ///< redacted text up to this size is kept whole
  std::size_t preview_bytes_max;  ///< of the digest object
};

/// Redacts `raw` (one valid JSON value) and caps it. The digest covers `raw` as received; it is
/// keyed as soon as anything in it was redacted, because a plain hash of {"pin":"1234"} is
/// guessable. Redactions that the preview no longer shows are reported as well: they say what the
/// original held.
[[nodiscard]] Payload cap_json(std::string_view raw, std::string_view path, PayloadLimits limits,
                               const KeyedDigest& digest,
                               std::vector<event::Redaction>& redactions);

/// {"bytes":N,"digest":"...","preview":"..."} for any text (a result's content, a body that is no
/// JSON): redacted as text, preview cut at a character.
[[nodiscard]] std::string digest_object(std::string_view raw, std::string_view path,
                                        std::size_t preview_bytes_max, const KeyedDigest& digest,
                                        std::vector<event::Redaction>& redactions);

}  // namespace tally::redact
