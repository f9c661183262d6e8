// SPDX-License-Identifier: Apache-2.0
#include "access/role_map.h"

#include "base/json.h"
#include "base/limits.h"

#include <algorithm>
#include <optional>

namespace tally::access {
namespace {

std::optional<json::Value> member(json::Value object, std::string_view name) {
  if (!object.is(json::Kind::object) || json::ambiguous_key(object)) return std::nullopt;
  return object.find(name);
}

/// By its whole name, else along the dots.
std::optional<json::Value> claim(json::Value claims, std::string_view path) {
  if (auto whole = member(claims, path)) return whole;
  std::optional<json::Value> at = claims;
  while (at && !path.empty()) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    at = member(*at, path.substr(0, dot));
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return at;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> out;
  std::string_view rest = text;
  while (!rest.empty() && out.size() < kRoleValuesMax) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    if (end > 0) out.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

std::vector<std::string> texts_of(json::Value claims, std::string_view name) {
  std::vector<std::string> out;
  const auto value = claim(claims, name);
  if (!value) return out;
  if (value->is(json::Kind::string)) {
    if (name == "scope" || name == "scp") return words_of(value->text());
    out.push_back(value->text());
  } else if (value->is(json::Kind::array)) {
    for (const json::Value one : value->children()) {
      if (one.is(json::Kind::string) && out.size() < kRoleValuesMax) out.push_back(one.text());
    }
  }
  return out;
}

bool any_of(const std::vector<std::string>& values, const std::vector<std::string>& wanted) {
  return std::ranges::any_of(values, [&](const std::string& value) {
    return std::ranges::find(wanted, value) != wanted.end();
  });
}

}  // namespace

Result<RoleMap::Grant> RoleMap::grant(std::string_view claims) const {
  json::Document document;
  TALLY_TRY(const json::Value root, document.parse(claims));
  const auto values = texts_of(root, rules_.role_claim);
  Grant out;
  if (any_of(values, rules_.admin)) {
    out.role = Role::admin;
  } else if (any_of(values, rules_.auditor)) {
    out.role = Role::auditor;
  } else if (!any_of(values, rules_.writer)) {
    return fail(Errc::permission_denied, "no-role");
  }
  if (rules_.scope_claim.empty()) return out;
  const auto servers = texts_of(root, rules_.scope_claim);
  if (std::ranges::find(servers, "*") != servers.end()) return out;
  for (const std::string& server : servers) {
    // A name that cannot be one must not widen the scope by being left out of it.
    if (!out.scope.add("server=" + server)) return fail(Errc::permission_denied, "no-scope");
  }
  if (out.scope.everything()) return fail(Errc::permission_denied, "no-scope");
  return out;
}

}  // namespace tally::access
