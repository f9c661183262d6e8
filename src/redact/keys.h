// SPDX-License-Identifier: Apache-2.0
// Which names are sensitive: contract 1, matched by whole segments.
#pragma once

#include <cstdint>
#include <string_view>

namespace tally::redact {

/// Which values stay visible under a sensitive name; null, booleans and what is empty always do.
enum class Excuse : std::uint8_t {
  nothing,
  number,    ///< JSON numbers: "pass" of a test run
  count,     ///< numbers, in text too: "tokens"
  harmless,  ///< numbers, dates, URLs without user info, names that standards give: token_type
  path,      ///< absolute paths: PWD, SSH_AUTH_SOCK
};

/// What makes a name sensitive.
struct KeyMatch {
  std::string_view rule;  ///< static: password, token, api_key ...; empty = nothing does
  /// The name is only auth, code, pin, otp, pass, bearer or assertion: also ordinary words in
  /// prose.
  bool weak = false;
  Excuse excuse = Excuse::nothing;
};

/// The name is split into segments at every character that is no letter or digit, at aB, ABc and
/// between letters and digits, and compared without case (ASCII). docs/decisions/0016 has the list
/// and its reasons:
/// - password, pwd, passphrase, secret, token, credential, cookie, authorization, auth, pin, otp,
///   api_key, private_key, session_id, code_verifier, request_state and relatives match as whole
///   segments anywhere in the name (userPassword, X-Api-Key, authData, MCP-Session-Id), also
///   written together (apikey) or apart (PASS_WORD);
/// - pass and assertion match as the last segment, because they begin harmless names; code matches
///   alone and in auth_code, device_code and the like;
/// - descriptors behind the match (token_type, password_length, auth_url) excuse harmless values;
/// - progress_token, max_tokens, status_code, author, OAuth are not sensitive at all.
/// `name` is unescaped; any bytes.
[[nodiscard]] KeyMatch match_key(std::string_view name);

/// The same for a parameter in the query or fragment of a URL, where key, sig and signature give
/// access too.
[[nodiscard]] KeyMatch match_parameter(std::string_view name);

[[nodiscard]] inline std::string_view sensitive_rule(std::string_view name) {
  return match_key(name).rule;
}
[[nodiscard]] inline bool is_sensitive(std::string_view name) {
  return !match_key(name).rule.empty();
}

}  // namespace tally::redact
