// SPDX-License-Identifier: Apache-2.0
#include "record/payload.h"

#include "base/encoding.h"
#include "record/json_start.h"
#include "record/preview.h"
#include "redact/payload.h"
#include "redact/redact.h"

namespace tally::record {
namespace {

/// Bytes of an opaque body that the preview is made from: enough to see what it is.
constexpr std::size_t kOpaqueWindowBytes = 2048;

std::string path_of(std::string_view name) { return "details." + std::string(name); }

std::string digest_of(std::string_view bytes, bool keyed, const redact::KeyedDigest& digest) {
  return keyed ? digest(bytes) : redact::plain_digest(bytes);
}

void write_result(Members& members, std::string_view preview, std::string_view raw,
                  std::string_view digest) {
  members.open("result");
  members.string("preview", preview);
  members.number("bytes", raw.size());
  members.string("digest", digest);
  members.close();
}

/// Whether the index of its document shows that the value can be recorded as it is.
bool is_surely_open(json::Value value, std::span<const HideRule> rules) {
  return value.raw().size() <= kWholePayloadBytesMax && redact::is_surely_clean(value) &&
         !may_need_hiding(value.raw(), rules);
}

}  // namespace

std::string start_json(std::string_view start, std::uint64_t bytes, std::string_view digest,
                       std::size_t preview_bytes_max, std::string_view path,
                       const redact::KeyedDigest& key, std::vector<event::Redaction>& redactions) {
  const std::string clean =
      redact::redact_json(start, path, {.redactions = redactions, .digest = &key});
  Members members;
  members.number("bytes", bytes);
  members.string("digest", digest);
  members.string("preview", utf8_prefix(clean, preview_bytes_max));
  return members.object();
}

void capture_json(Capture capture, std::string_view name, std::string_view raw,
                  std::span<const HideRule> rules, PayloadCaps caps) {
  const std::string path = path_of(name);
  if (raw.size() > kWholePayloadBytesMax) {
    const std::string start = json_start(raw, rules, path, capture.digest, capture.redactions);
    capture.members.raw(std::string(name) + "_digest",
                        start_json(start, raw.size(), capture.digest(raw), caps.preview_bytes_max,
                                   path, capture.digest, capture.redactions));
    return;
  }
  std::string buffer;
  const std::string_view open = hide(raw, rules, path, capture.digest, capture.redactions, buffer);
  const redact::Payload payload = redact::cap_json(
      open, path, {.bytes_max = caps.bytes_max, .preview_bytes_max = caps.preview_bytes_max},
      capture.digest, capture.redactions);
  capture.members.raw(payload.whole ? std::string(name) : std::string(name) + "_digest",
                      payload.json);
}

void capture_json(Capture capture, std::string_view name, json::Value value,
                  std::span<const HideRule> rules, PayloadCaps caps) {
  if (value.raw().size() <= caps.bytes_max && is_surely_open(value, rules)) {
    capture.members.raw(name, value.raw());
  } else {
    capture_json(capture, name, value.raw(), rules, caps);
  }
}

void capture_scalar(Capture capture, std::string_view name, json::Value value) {
  if (value.is(json::Kind::object) || value.is(json::Kind::array)) {
    capture_json(capture, name, value, {}, {.bytes_max = kFieldBytesMax});
  } else if (value.is(json::Kind::string)) {
    const std::string clean =
        redact::redact_text(value.text_start(kPayloadStartBytes), path_of(name),
                            {.redactions = capture.redactions, .digest = &capture.digest});
    capture.members.string(name, cut_text(clean, kFieldBytesMax));
  } else if (value.raw().size() <= kFieldBytesMax) {
    capture.members.raw(name, value.raw());
  } else {
    capture.members.string(name, cut_text(value.raw(), kFieldBytesMax));
  }
}

ResultPreview capture_result(Capture capture, std::string_view raw, mcp::Category category,
                             std::span<const HideRule> rules) {
  const bool whole = raw.size() <= kWholePayloadBytesMax;
  const std::size_t found_before = capture.redactions.size();
  std::string buffer;
  std::string_view open;
  if (whole) {
    open = hide(raw, rules, "details.result", capture.digest, capture.redactions, buffer);
  } else {
    buffer = json_start(raw, rules, "details.result", capture.digest, capture.redactions);
    open = buffer;
  }
  std::string redacted;
  const std::string_view clean =
      redact::redact_json(open, "details.result",
                          {.redactions = capture.redactions, .digest = &capture.digest}, redacted);
  const bool keyed = !whole || capture.redactions.size() != found_before;
  ResultPreview preview{preview_of_result(clean, category)};
  write_result(capture.members, preview.text, raw, digest_of(raw, keyed, capture.digest));
  return preview;
}

ResultPreview capture_result(Capture capture, json::Value result, mcp::Category category,
                             std::span<const HideRule> rules) {
  if (!is_surely_open(result, rules)) {
    return capture_result(capture, result.raw(), category, rules);
  }
  ResultPreview preview{preview_of_result(result, category)};
  const redact::PlainDigestText digest = redact::plain_digest_text(result.raw());
  write_result(capture.members, preview.text, result.raw(), {digest.data(), digest.size()});
  return preview;
}

std::string opaque_json(std::string_view bytes, std::string_view path,
                        const redact::KeyedDigest& digest,
                        std::vector<event::Redaction>& redactions) {
  const std::size_t found_before = redactions.size();
  const bool seen_whole = bytes.size() <= kOpaqueWindowBytes;
  const std::string window = utf8_repair(bytes.substr(0, kOpaqueWindowBytes));
  const std::string clean =
      redact::redact_text(window, path, {.redactions = redactions, .digest = &digest});
  const bool keyed = !seen_whole || redactions.size() != found_before;
  Members members;
  members.number("bytes", bytes.size());
  members.string("digest", digest_of(bytes, keyed, digest));
  members.string("preview", cut_text(clean, kOpaqueWindowBytes));
  return members.object();
}

void trim_redactions(std::vector<event::Redaction>& redactions) {
  if (redactions.size() <= kRedactionsMax) return;
  const std::size_t more = redactions.size() - (kRedactionsMax - 1);
  redactions.resize(kRedactionsMax - 1);
  redactions.push_back({"details", "more", std::to_string(more) + " more"});
}

}  // namespace tally::record
