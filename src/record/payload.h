// SPDX-License-Identifier: Apache-2.0
// Payloads as they go into `details`: hidden, redacted, capped, with size and digest where they are
// cut.
#pragma once

#include "base/json.h"
#include "base/limits.h"
#include "event/event.h"
#include "mcp/methods.h"
#include "record/hide.h"
#include "record/members.h"
#include "redact/keyed_digest.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tally::record {

/// Redactions that one record lists; the last one says how many more there were.
inline constexpr std::size_t kRedactionsMax = 64;

/// Where payload text and findings go.
struct Capture {
  const redact::KeyedDigest& digest;
  Members& members;
  std::vector<event::Redaction>& redactions;
};

struct PayloadCaps {
  std::size_t bytes_max;                           ///< above it a digest stands in
  std::size_t preview_bytes_max = kFieldBytesMax;  ///< of that digest
};

/// Adds member `name` with the redacted JSON, or above the cap member `name`_digest in its place.
/// Above kWholePayloadBytesMax that digest is keyed, and only what the preview shows was redacted.
void capture_json(Capture capture, std::string_view name, std::string_view raw,
                  std::span<const HideRule> rules, PayloadCaps caps);
/// The same with less work where there is nothing to hide and nothing to cut, as with most values.
void capture_json(Capture capture, std::string_view name, json::Value value,
                  std::span<const HideRule> rules, PayloadCaps caps);
/// Adds a member that is small by nature: numbers and words as they are, strings redacted as text,
/// each cut at kFieldBytesMax.
void capture_scalar(Capture capture, std::string_view name, json::Value value);

/// What a result looks like.
struct ResultPreview {
  std::string text;  ///< redacted; at most kResultPreviewBytesMax
};

/// Adds `result`: {"preview":...,"bytes":N,"digest":...}. `raw` is the JSON of the result of a
/// request of `category`. The digest covers `raw`, keyed when anything was redacted or when it was
/// above kWholePayloadBytesMax; then the preview is made from its start.
ResultPreview capture_result(Capture capture, std::string_view raw, mcp::Category category,
                             std::span<const HideRule> rules);
/// The same with less work where there is nothing to hide.
ResultPreview capture_result(Capture capture, json::Value result, mcp::Category category,
                             std::span<const HideRule> rules);

/// {"bytes":N,"digest":"...","preview":"..."} of a payload by the json_start() of it: redacts that
/// and puts it beside the size and the digest of the whole.
std::string start_json(std::string_view start, std::uint64_t bytes, std::string_view digest,
                       std::size_t preview_bytes_max, std::string_view path,
                       const redact::KeyedDigest& key, std::vector<event::Redaction>& redactions);

/// {"bytes":N,"digest":"...","preview":"..."} of bytes that are no JSON. The preview is redacted as
/// text.
std::string opaque_json(std::string_view bytes, std::string_view path,
                        const redact::KeyedDigest& digest,
                        std::vector<event::Redaction>& redactions);

/// Cuts a list of redactions to kRedactionsMax.
void trim_redactions(std::vector<event::Redaction>& redactions);

}  // namespace tally::record
