// SPDX-License-Identifier: Apache-2.0
// Media types (RFC 9110 section 8.3.1): whether a body is JSON or an event stream, and its charset.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tally::http {

struct MediaType {
  std::string type;     ///< lower case: "application"
  std::string subtype;  ///< lower case: "json"
  /// Names in lower case, values without quotes, in order.
  std::vector<std::pair<std::string, std::string>> parameters;

  [[nodiscard]] bool is(std::string_view a_type, std::string_view a_subtype) const {
    return type == a_type && subtype == a_subtype;
  }
  /// application/json and every type with the suffix +json.
  [[nodiscard]] bool is_json() const;
  [[nodiscard]] bool is_event_stream() const { return is("text", "event-stream"); }
  [[nodiscard]] bool is_form() const { return is("application", "x-www-form-urlencoded"); }
  /// First parameter of this (lower-case) name; empty when there is none.
  [[nodiscard]] std::string_view parameter(std::string_view name) const;
  /// Whether a parameter stands there twice with different values: some servers take the first,
  /// some the last.
  [[nodiscard]] bool is_contradictory(std::string_view name) const;
};

/// nullopt when `value` does not follow the grammar. A broken parameter list is tolerated as
/// servers do: what stands before the fault counts.
[[nodiscard]] std::optional<MediaType> parse_media_type(std::string_view value);

/// Whether it follows the grammar and is_event_stream().
[[nodiscard]] bool is_event_stream(std::string_view value);

}  // namespace tally::http
