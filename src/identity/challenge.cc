// SPDX-License-Identifier: Apache-2.0
#include "identity/challenge.h"

#include "base/encoding.h"
#include "identity/text.h"

#include <array>
#include <utility>
#include <vector>

namespace tally::identity {
namespace {

constexpr std::size_t kValueBytesMax = 512;
constexpr std::size_t kChallengesMax = 8;

bool is_token_char(char c) {
  constexpr std::string_view kOther = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') ||
         kOther.find(c) != std::string_view::npos;
}

std::size_t token_length(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && is_token_char(text[n])) ++n;
  return n;
}

void set_parameter(Challenge& challenge, std::string_view name, std::string_view value) {
  const std::array<std::pair<std::string_view, std::string*>, 5> slots{{
      {"realm", &challenge.realm},
      {"error", &challenge.error},
      {"error_description", &challenge.error_description},
      {"scope", &challenge.scope},
      {"resource_metadata", &challenge.resource_metadata},
  }};
  for (const auto& [known, slot] : slots) {
    if (equals_ignoring_case(name, known) && slot->empty()) {
      *slot = utf8_prefix(unquoted(value), kValueBytesMax);
    }
  }
}

/// Elements are either `scheme`, `scheme name=value` or `name=value` of the scheme before.
void read_element(std::string_view element, std::vector<Challenge>& out) {
  const std::size_t length = token_length(element);
  if (length == 0) return;
  std::string_view rest = trim(element.substr(length));
  if (!rest.starts_with('=')) {
    if (out.size() >= kChallengesMax) return;
    out.emplace_back().scheme = element.substr(0, std::min(length, kValueBytesMax));
    const std::size_t name_length = token_length(rest);
    const std::string_view value = trim(rest.substr(name_length));
    if (name_length > 0 && value.starts_with('=')) {
      set_parameter(out.back(), rest.substr(0, name_length), trim(value.substr(1)));
    }
  } else if (!out.empty()) {
    set_parameter(out.back(), element.substr(0, length), trim(rest.substr(1)));
  }
}

}  // namespace

std::optional<Challenge> read_challenge(const http::FieldList& fields) {
  std::vector<Challenge> all;
  for (const http::Field field : fields) {
    if (!equals_ignoring_case(field.name, "WWW-Authenticate")) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) read_element(next_element(rest), all);
  }
  for (Challenge& challenge : all) {
    if (equals_ignoring_case(challenge.scheme, "Bearer")) return std::move(challenge);
  }
  if (all.empty()) return std::nullopt;
  return std::move(all.front());
}

}  // namespace tally::identity
