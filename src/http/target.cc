// SPDX-License-Identifier: Apache-2.0
#include "http/target.h"

#include "base/limits.h"
#include "http/chars.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace tally::http {
namespace {

/// Takes the next "name=value" from the front of a query; nullopt at its end.
std::optional<std::string_view> take_pair(std::string_view& query, bool& done) {
  if (done) return std::nullopt;
  const std::size_t end = query.find('&');
  const std::string_view pair = query.substr(0, end);
  done = end == std::string_view::npos;
  query.remove_prefix(done ? query.size() : end + 1);
  return pair;
}

struct RawPair {
  std::string_view name, value;
};

RawPair split_pair(std::string_view pair) {
  const std::size_t equals = pair.find('=');
  if (equals == std::string_view::npos) return {pair, {}};
  return {pair.substr(0, equals), pair.substr(equals + 1)};
}

/// Names without "-" and "_", in lower case, sorted. Broad on purpose: hiding a harmless value
/// costs a word in a record, showing a token costs an account.
constexpr std::array<std::string_view, 33> kBearerNames{
    "accesskey",    "accesstoken",   "apikey",     "apitoken",   "assertion",       "auth",
    "authcode",     "authorization", "authtoken",  "bearer",     "clientassertion", "clientsecret",
    "code",         "codeverifier",  "credential", "devicecode", "idtoken",         "jwt",
    "key",          "mcpsessionid",  "otp",        "passwd",     "password",        "pin",
    "refreshtoken", "samlresponse",  "secret",     "session",    "sessionid",       "sessiontoken",
    "sig",          "signature",     "token"};
static_assert(std::ranges::is_sorted(kBearerNames));

std::string folded_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c != '-' && c != '_') out += to_lower(c);
  }
  return out;
}

/// Segments of a path, as they are left when "." and ".." are applied and empty ones dropped.
std::vector<std::string_view> resolve(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (segment == "..") {
      if (!out.empty()) out.pop_back();
    } else if (!segment.empty() && segment != ".") {
      out.push_back(segment);
    }
  }
  return out;
}

/// Whether folding changes nothing: names of a few plain characters between single slashes, as the
/// paths of endpoints are.
bool is_folded(std::string_view path) {
  if (path.size() < 2 || path.front() != '/' || path.back() == '/') return false;
  char before = '\0';
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || is_digit(c) || c == '_' || c == '-';
    if (!plain && (c != '/' || before == '/')) return false;
    before = c;
  }
  return true;
}

}  // namespace

TargetParts split_target(std::string_view target) {
  const std::size_t question = target.find('?');
  if (question == std::string_view::npos) return {.path = target, .query = {}};
  return {
      .path = target.substr(0, question), .query = target.substr(question + 1), .has_query = true};
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
      if (high >= 0 && low >= 0) {
        out += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    out += plus_is_space && text[i] == '+' ? ' ' : text[i];
  }
  return out;
}

QueryParameters query_parameters(std::string_view query) {
  QueryParameters out;
  bool done = query.empty();
  while (const auto pair = take_pair(query, done)) {
    if (pair->empty()) continue;
    if (out.list.size() == kQueryParametersMax) {
      out.complete = false;
      break;
    }
    const RawPair raw = split_pair(*pair);
    out.list.push_back({.name = percent_decode(raw.name, true),
                        .value = percent_decode(raw.value, true),
                        .raw_name = raw.name,
                        .raw_value = raw.value});
  }
  return out;
}

bool is_bearer_parameter(std::string_view name) {
  const std::string folded = folded_name(name);
  // "x-amz-signature" and "user_token" let their holder act as well.
  return std::ranges::binary_search(kBearerNames, std::string_view(folded)) ||
         folded.ends_with("token") || folded.ends_with("secret") || folded.ends_with("password") ||
         folded.ends_with("apikey") || folded.ends_with("sessionid") ||
         folded.ends_with("signature") || folded.ends_with("credential");
}

std::string hide_bearer_values(std::string_view target,
                               const std::function<std::string(std::string_view)>& substitute) {
  const TargetParts parts = split_target(target);
  if (!parts.has_query) return std::string(target);
  std::string out(parts.path);
  char separator = '?';
  std::string_view query = parts.query;
  bool done = false;
  while (const auto pair = take_pair(query, done)) {
    out += std::exchange(separator, '&');
    const RawPair raw = split_pair(*pair);
    if (raw.value.empty() || !is_bearer_parameter(percent_decode(raw.name, true))) {
      out += *pair;
    } else {
      out.append(raw.name).append("=").append(substitute(percent_decode(raw.value, true)));
    }
  }
  return out;
}

std::string folded_path(std::string_view path) {
  if (is_folded(path)) return std::string(path);
  std::string decoded = percent_decode(path);
  for (char& c : decoded) c = c == '\\' ? '/' : to_lower(c);
  std::string out;
  for (const std::string_view segment : resolve(decoded)) out.append("/").append(segment);
  return out.empty() ? "/" : out;
}

}  // namespace tally::http
