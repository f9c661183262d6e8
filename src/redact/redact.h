// SPDX-License-Identifier: Apache-2.0
// No secret gets in: what is in the log is there for good, so masking happens before hashing.
#pragma once

#include "base/json.h"
#include "event/event.h"
#include "event/payload_filter.h"
#include "redact/keyed_digest.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tally::redact {

using event::Redaction;

/// What stands where a value was.
inline constexpr std::string_view kMask = "[redacted]";

/// Where findings go and how values that must stay comparable (session ids, tokens in URLs) are
/// replaced.
struct Sink {
  std::vector<Redaction>& redactions;
  const KeyedDigest* digest = nullptr;  ///< not owned; null = they are masked too
};

/// JSON with sensitive values masked at every depth, arrays included. Everything else is copied
/// byte for byte (numbers, escapes, white space); lone surrogates become U+FFFD, so the result is
/// strict JSON.
/// - the whole value under a sensitive key (keys.h) becomes "[redacted]"; null and booleans hide
/// nothing and stay;
/// - strings elsewhere go through redact_text(), also as JSON when they hold an object or array.
/// `json` must be one valid JSON value (json::Document accepted it). `path` is the path of the
/// value itself.
[[nodiscard]] std::string redact_json(std::string_view json, std::string_view path, Sink sink);
[[nodiscard]] std::string redact_json(std::string_view json, std::string_view path,
                                      std::vector<Redaction>& redactions);
/// The same without a copy where nothing had to go: gives `json` itself, else `buffer`, which gets
/// the text.
[[nodiscard]] std::string_view redact_json(std::string_view json, std::string_view path, Sink sink,
                                           std::string& buffer);

/// Whether redact_json() of value.raw() would change nothing, as far as one look at the index of
/// its document can tell. False: it has to be asked. For values whose document is listed whole.
[[nodiscard]] bool is_surely_clean(json::Value value);

/// Free text: "Bearer x", "Basic x", header lines ("Authorization: x", "Cookie: x"), assignments
/// with sensitive names (--token=x, PASSWORD=x), URLs with user info or sensitive query parameters.
[[nodiscard]] std::string redact_text(std::string_view text, std::string_view path, Sink sink);

/// A URL or a path with a query: password of the user info and values of sensitive parameters are
/// replaced.
[[nodiscard]] std::string redact_url(std::string_view url, std::string_view path, Sink sink);

/// application/x-www-form-urlencoded: values of sensitive names are masked.
[[nodiscard]] std::string redact_form(std::string_view body, std::string_view path, Sink sink);

/// A command line: values of "--token=x", "--token x", "-H Authorization: x", "API_KEY=x", and of
/// short options that well-known programs take passwords with ("mysql -px"), are masked; the count
/// and order of arguments stay. Paths are path[0], path[1], ...
[[nodiscard]] std::vector<std::string> redact_arguments(std::span<const std::string> arguments,
                                                        std::string_view path, Sink sink);

/// An event that was not redacted when it was made: details, old_values, new_values, unknown,
/// error_message and api_endpoint in place; findings are added to event.redactions.
void redact_event(event::Event& event, const KeyedDigest* digest = nullptr);

/// redact_json() as the filter of event::Ingest. `digest` is not owned.
class IngestFilter final : public event::PayloadFilter {
 public:
  explicit IngestFilter(const KeyedDigest* digest = nullptr) : digest_(digest) {}
  [[nodiscard]] bool wants_key(std::string_view key) const override;
  [[nodiscard]] bool wants_string(std::string_view body) const override;
  [[nodiscard]] std::string apply(std::string_view json, std::string_view path,
                                  std::vector<Redaction>& redactions) const override;
  [[nodiscard]] std::string pseudonym(std::string_view value) const override;

 private:
  const KeyedDigest* digest_;
};

}  // namespace tally::redact
