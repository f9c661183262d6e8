// SPDX-License-Identifier: Apache-2.0
// Which names are sensitive: contract 1, matched by whole segments.
#pragma once

#include <string_view>

namespace tally::redact {

/// What makes a name sensitive.
struct KeyMatch {
  std::string_view rule;  ///< static: password, token, api_key ...; empty = nothing does
  /// One of auth, code, pin, otp, assertion: sensitive as a name, but also an ordinary word in
  /// prose.
  bool weak = false;
};

/// The name is split into segments at every character that is no letter or digit, at aB, ABc and
/// between letters and digits, and compared without case (ASCII):
/// - password, passwd, passphrase, secret, token, credential, cookie, authorization, api_key,
/// private_key,
///   session_id, code_verifier, request_state and a few relatives match as whole segments anywhere
///   in the name (userPassword, X-Api-Key, GITHUB_TOKEN, MCP-Session-Id), also written together
///   (apikey);
/// - auth, pin, otp, assertion match as the last segment (basic_auth, user-pin), because they begin
/// many
///   harmless names; code matches alone and in auth_code, device_code, verification_code;
/// - descriptors behind the match make it harmless (token_type, password_length, cookie_name), and
/// so does
///   "progress" in front of token. max_tokens, progressToken, author, status_code survive.
/// `name` is unescaped; any bytes.
[[nodiscard]] KeyMatch match_key(std::string_view name);

[[nodiscard]] inline std::string_view sensitive_rule(std::string_view name) {
  return match_key(name).rule;
}
[[nodiscard]] inline bool is_sensitive(std::string_view name) {
  return !match_key(name).rule.empty();
}

}  // namespace tally::redact
