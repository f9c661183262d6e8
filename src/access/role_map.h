// SPDX-License-Identifier: Apache-2.0
// What the claims of an issuer's token give at the API: a role and a scope, as the operator wrote
// them down.
#pragma once

#include "access/principal.h"

#include <string>
#include <string_view>
#include <vector>

namespace tally::access {

/// Claims are named as they are, or along names with dots ("realm_access.roles").
struct RoleRules {
  std::string role_claim;
  std::vector<std::string> admin, auditor, writer;  ///< values of role_claim that give it
  std::string scope_claim;  ///< its values are names of servers, "*" all of them; empty: all
};

/// Immutable, thread-safe.
class RoleMap {
 public:
  explicit RoleMap(RoleRules rules) : rules_(std::move(rules)) {}

  /// What a token may do. A claim is a text or a list of texts; `scope` and `scp` also texts with
  /// blanks between them (RFC 8693, 4.2). Of several roles admin counts, then auditor, then writer.
  struct Grant {
    Role role = Role::writer;
    Scope scope;
  };
  /// `claims`: a JSON object. Errors: permission_denied, detail "no-role" or "no-scope", also when
  /// what is asked for is there twice; malformed.
  [[nodiscard]] Result<Grant> grant(std::string_view claims) const;

 private:
  RoleRules rules_;
};

}  // namespace tally::access
