// SPDX-License-Identifier: Apache-2.0
// Which names are sensitive: contract 1, matched by whole segments.
#pragma once

#include <optional>
#include <string_view>

namespace tally::redact {

/// The rule that makes a member name sensitive, as it stands in Redaction::rule after "key:" (password, token,
/// api_key ...), or empty. The name is split into segments at every character that is no letter or digit, at
/// aB, ABc and a1, and compared without case:
/// - password, passwd, passphrase, secret, token, credential, cookie, authorization, api_key, private_key,
///   session_id, code_verifier, request_state match as whole segments anywhere in the name (userPassword,
///   X-Api-Key, GITHUB_TOKEN, MCP-Session-Id), also written together (apikey);
/// - auth, pin, otp, assertion match as the last segment (basic_auth, user-pin), because they begin many
///   harmless names; `code` matches alone and in auth_code, device_code, verification_code;
/// - a descriptor behind the match makes it harmless (token_type, password_length, cookie_name), and so does
///   "progress" in front of token. max_tokens, progressToken, author, status_code survive.
/// The view is static. Name unescaped, any bytes.
[[nodiscard]] std::string_view sensitive_rule(std::string_view name);
[[nodiscard]] inline bool is_sensitive(std::string_view name) { return !sensitive_rule(name).empty(); }

}  // namespace tally::redact
