// SPDX-License-Identifier: Apache-2.0
#include "http/media_type.h"

#include "http/chars.h"

#include <algorithm>
#include <cstddef>

namespace tally::http {
namespace {

/// Takes a token from the front.
std::string_view take_token(std::string_view& text) {
  const std::string_view token = text.substr(0, token_bytes(text));
  text.remove_prefix(token.size());
  return token;
}

void skip_ows(std::string_view& text) {
  while (!text.empty() && is_ows(text.front())) text.remove_prefix(1);
}

/// Takes a quoted string from the front, without quotes and escapes; nullopt when it does not end.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return out;
    }
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return std::nullopt;
}

/// The parameter after a ";"; nullopt when there is none that can be read.
std::optional<std::pair<std::string, std::string>> take_parameter(std::string_view& text) {
  skip_ows(text);
  const std::string_view name = take_token(text);
  if (name.empty() || !text.starts_with('=')) return std::nullopt;
  text.remove_prefix(1);
  if (text.starts_with('"')) {
    std::optional<std::string> value = take_quoted(text);
    if (!value) return std::nullopt;
    return std::pair{lower(name), *std::move(value)};
  }
  const std::string_view value = take_token(text);
  if (value.empty()) return std::nullopt;
  return std::pair{lower(name), std::string(value)};
}

}  // namespace

bool MediaType::is_json() const {
  return is("application", "json") || (subtype.size() > 5 && subtype.ends_with("+json"));
}

bool is_event_stream(std::string_view value) {
  // Few are, and most of the others show it at once.
  constexpr std::string_view kType = "text/event-stream";
  value = trim_ows(value);
  if (!starts_with_no_case(value, kType)) return false;
  if (value.size() == kType.size()) return true;
  const auto parsed = parse_media_type(value);
  return parsed && parsed->is_event_stream();
}

std::string_view MediaType::parameter(std::string_view name) const {
  for (const auto& [known, value] : parameters) {
    if (known == name) return value;
  }
  return {};
}

bool MediaType::is_contradictory(std::string_view name) const {
  const std::string_view first = parameter(name);
  return std::ranges::any_of(parameters, [&](const auto& parameter) {
    return parameter.first == name && !equal_no_case(parameter.second, first);
  });
}

std::optional<MediaType> parse_media_type(std::string_view value) {
  value = trim_ows(value);
  const std::string_view type = take_token(value);
  if (type.empty() || !value.starts_with('/')) return std::nullopt;
  value.remove_prefix(1);
  const std::string_view subtype = take_token(value);
  if (subtype.empty()) return std::nullopt;
  MediaType out{.type = lower(type), .subtype = lower(subtype), .parameters = {}};
  for (;;) {
    skip_ows(value);
    if (value.empty()) return out;
    if (value.front() != ';') {
      // "text/html, x": a list or rubbish where one type belongs.
      return out.parameters.empty() ? std::nullopt : std::optional(std::move(out));
    }
    value.remove_prefix(1);
    skip_ows(value);
    if (value.empty() || value.front() == ';') continue;  // an empty parameter is allowed
    auto parameter = take_parameter(value);
    if (!parameter) return out;
    out.parameters.push_back(*std::move(parameter));
  }
}

}  // namespace tally::http
