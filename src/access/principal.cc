// SPDX-License-Identifier: Apache-2.0
#include "access/principal.h"

#include "base/check.h"
#include "base/encoding.h"
#include "base/limits.h"

#include <algorithm>
#include <array>

namespace tally::access {
namespace {

constexpr std::array kRoles{Role::admin, Role::auditor, Role::writer};
constexpr std::string_view kServer = "server=";

}  // namespace

std::string_view role_name(Role role) {
  switch (role) {
    case Role::admin: return "admin";
    case Role::auditor: return "auditor";
    case Role::writer: return "writer";
  }
  TALLY_CHECK(!"Role out of range");
}

Result<Role> parse_role(std::string_view name) {
  for (const Role role : kRoles) {
    if (role_name(role) == name) return role;
  }
  return fail(Errc::invalid_argument,
              "\"" + std::string(name) + "\" is no role; write admin, auditor or writer");
}

bool permits(Role role, Need need) {
  switch (need) {
    case Need::nothing: return true;
    case Need::read: return role != Role::writer;
    case Need::write: return role != Role::auditor;
    case Need::hold: return true;
    case Need::observe: return role != Role::writer;
    case Need::manage: return role == Role::admin;
  }
  TALLY_CHECK(!"Need out of range");
}

Result<void> Scope::add(std::string_view text) {
  if (!text.starts_with(kServer) || text.size() == kServer.size()) {
    return fail(Errc::invalid_argument,
                "\"" + std::string(text) + "\" is no scope; write server=NAME");
  }
  text.remove_prefix(kServer.size());
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (text.size() > kScopeNameBytesMax || !is_utf8(text) || std::ranges::any_of(text, is_control)) {
    return fail(Errc::invalid_argument, "server=NAME: at most " +
                                            std::to_string(kScopeNameBytesMax) +
                                            " bytes of text without control characters");
  }
  if (servers.size() >= kScopeServersMax) {
    return fail(Errc::invalid_argument,
                "server=NAME: at most " + std::to_string(kScopeServersMax) + " in one token");
  }
  const auto at = std::ranges::lower_bound(servers, text);
  if (at == servers.end() || *at != text) servers.emplace(at, text);
  return {};
}

std::vector<std::string> Scope::texts() const {
  std::vector<std::string> out;
  out.reserve(servers.size());
  for (const std::string& server : servers) out.push_back(std::string(kServer) + server);
  return out;
}

}  // namespace tally::access
