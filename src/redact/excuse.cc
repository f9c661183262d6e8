// SPDX-License-Identifier: Apache-2.0
#include "redact/excuse.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace tally::redact {
namespace {

/// Longer digits are a key rather than a count or a time.
constexpr std::size_t kNumberBytesMax = 20;
constexpr std::size_t kDateBytesMax = 35;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_number(std::string_view value) {
  if (value.starts_with('-')) value.remove_prefix(1);
  if (value.empty() || value.size() > kNumberBytesMax || !is_digit(value.front())) return false;
  return std::ranges::all_of(value, [](char c) { return is_digit(c) || c == '.'; });
}

/// RFC 3339 and its parts: 2026-07-28, 2026-07-28T10:00:00Z.
bool is_date(std::string_view value) {
  constexpr std::string_view kShape = "0000-00-00";
  if (value.size() < kShape.size() || value.size() > kDateBytesMax) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == '0' ? !is_digit(value[i]) : value[i] != '-') return false;
  }
  return value.find_first_not_of("0123456789-:.+TZtz ") == std::string_view::npos;
}

/// scheme://host/path with nothing in front of the host; parameters are redacted as in any URL.
bool is_url(std::string_view value) {
  const std::size_t colon = value.find("://");
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view scheme = value.substr(0, colon);
  const bool named = std::ranges::all_of(scheme, [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
  const std::string_view rest = value.substr(colon + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  return named && is_letter(scheme.front()) && !authority.empty() &&
         authority.find('@') == std::string_view::npos &&
         rest.find_first_of(" \t\r\n") == std::string_view::npos;
}

/// Names that standards give to kinds of credentials (RFC 6749, 6750, 7591, 8693, 9449, 9728,
/// OpenAPI), so that what OAuth servers say about themselves can be read.
bool is_registered_name(std::string_view value) {
  static constexpr std::string_view kNames[] = {"access_token",
                                                "apikey",
                                                "api_key",
                                                "authorization_code",
                                                "basic",
                                                "bearer",
                                                "body",
                                                "client_credentials",
                                                "client_secret_basic",
                                                "client_secret_jwt",
                                                "client_secret_post",
                                                "cookie",
                                                "digest",
                                                "dpop",
                                                "header",
                                                "id_token",
                                                "jwt",
                                                "mac",
                                                "mtls",
                                                "mutualtls",
                                                "n_a",
                                                "none",
                                                "oauth",
                                                "oauth2",
                                                "oidc",
                                                "openidconnect",
                                                "password",
                                                "plain",
                                                "private_key_jwt",
                                                "query",
                                                "refresh_token",
                                                "s256",
                                                "saml",
                                                "self_signed_tls_client_auth",
                                                "tls_client_auth"};
  static_assert(std::ranges::all_of(kNames, [](auto name) { return name.size() <= 32; }));
  if (value.starts_with("urn:ietf:params:oauth:")) return true;
  if (value.size() > 32) return false;
  std::string folded(value);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return std::ranges::find(kNames, folded) != std::end(kNames);
}

/// "/srv/x", "C:\x". Base64 can begin with a slash too, but hardly has a second one and no other
/// signs of it.
bool is_path(std::string_view value) {
  if (value.size() > 2 && is_letter(value[0]) && value[1] == ':') value.remove_prefix(2);
  return (value.starts_with('/') || value.starts_with('\\')) &&
         value.find_first_of("=+\r\n") == std::string_view::npos;
}

bool is_literal(std::string_view value) {
  return value == "true" || value == "false" || value == "null" || value == "True" ||
         value == "False" || value == "None";
}

}  // namespace

bool excuses_number(Excuse excuse) {
  return excuse == Excuse::number || excuse == Excuse::count || excuse == Excuse::harmless;
}

bool excuses_string(Excuse excuse, std::string_view value) {
  switch (excuse) {
    case Excuse::harmless:
      return is_number(value) || is_date(value) || is_registered_name(value) || is_url(value);
    case Excuse::path: return is_path(value);
    case Excuse::nothing:
    case Excuse::number:
    case Excuse::count: break;
  }
  return false;
}

bool excuses_text(Excuse excuse, std::string_view value) {
  if (excuse == Excuse::nothing) return false;
  return is_literal(value) || (excuse == Excuse::count && is_number(value)) ||
         excuses_string(excuse, value);
}

}  // namespace tally::redact
