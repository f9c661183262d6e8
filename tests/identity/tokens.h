// SPDX-License-Identifier: Apache-2.0
// Unsigned tokens made on the spot, and heads from a few pairs.
#pragma once

#include "base/encoding.h"
#include "http/fields.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace tally::identity {

inline std::string base64url(std::string_view text) {
  std::string out = to_base64(as_bytes(text));
  for (char& c : out) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  while (!out.empty() && out.back() == '=') out.pop_back();
  return out;
}

/// A token with these claims (JSON) and a signature that is none.
inline std::string token(std::string_view claims) {
  return base64url(R"({"alg":"RS256","typ":"JWT"})") + '.' + base64url(claims) + '.' +
         base64url("not a signature");
}

inline http::FieldList fields(
    std::initializer_list<std::pair<std::string_view, std::string_view>> list) {
  http::FieldList out;
  for (const auto& [name, value] : list) out.add(name, value);
  return out;
}

}  // namespace tally::identity
