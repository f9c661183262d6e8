// SPDX-License-Identifier: Apache-2.0
// Finds secrets in free text: where they stand and by which rule.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tally::redact {

/// A secret at text[begin, end).
struct SecretSpan {
  std::size_t begin, end;
  std::string
      rule;  ///< value:bearer, header:authorization, text:password, url:access_token, url:userinfo
  bool in_url;  ///< a query or fragment parameter: may be replaced by a digest to stay comparable
};

/// All secrets of a text, in order and not overlapping. Values that are stand-ins already are no
/// secrets.
/// - "Bearer x"; "Basic x" where x decodes to user:password;
/// - name=value and name:value with a sensitive name, also quoted ("password": "x"); for header
/// names
///   (Authorization, Cookie, X-Api-Key ...) the rest of the line;
/// - the password in a URL's user info.
[[nodiscard]] std::vector<SecretSpan> find_secrets(std::string_view text);

/// Quick answer without false negatives: whether find_secrets() could find something, or the text
/// could be JSON. `body` may still be escaped as a JSON string body.
[[nodiscard]] bool may_hold_secrets(std::string_view body);

/// application/x-www-form-urlencoded characters decoded; ill-formed escapes stay as they are.
[[nodiscard]] std::string percent_decode(std::string_view text);

}  // namespace tally::redact
