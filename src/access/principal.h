// SPDX-License-Identifier: Apache-2.0
// Roles and scopes: what the holder of a token may do, and about which servers.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::access {

enum class Role : std::uint8_t {
  admin,    ///< everything
  auditor,  ///< reads, proofs and metrics
  writer,   ///< adds events, reads nothing
};

/// What an operation of the API asks of its caller.
enum class Need : std::uint8_t {
  nothing,  ///< open to everyone
  read,     ///< entries, or what is computed from them
  write,    ///< adds events
  hold,     ///< any token that is accepted
  observe,  ///< metrics: figures of the process, no entries
  manage,   ///< changes the service itself
};

[[nodiscard]] std::string_view role_name(Role role);
/// Errors: invalid_argument with the names that would do.
[[nodiscard]] Result<Role> parse_role(std::string_view name);
[[nodiscard]] bool permits(Role role, Need need);

/// Entries that a token is about. Empty: all of them.
struct Scope {
  std::vector<std::string> servers;  ///< names as in target_id, sorted, each once

  [[nodiscard]] bool everything() const { return servers.empty(); }
  /// "server=NAME" added to what is there. Errors: invalid_argument saying what to write.
  [[nodiscard]] Result<void> add(std::string_view text);
  /// "server=a", "server=b": what add() takes.
  [[nodiscard]] std::vector<std::string> texts() const;
  friend bool operator==(const Scope&, const Scope&) = default;
};

/// What sort of token names a principal.
enum class Holder : std::uint8_t {
  token,    ///< one of ours; who holds it is not known
  user,     ///< an issuer's, of a person
  service,  ///< an issuer's, of a program
};

/// Who asks, once a token was accepted.
struct Principal {
  std::string id;    ///< of the token, or of whom an issuer names; not secret
  std::string name;  ///< label that its maker gave, may be empty; of an issuer's token: who it is
  Role role = Role::auditor;
  Scope scope;
  Holder holder = Holder::token;
  std::string grant{};             ///< see holds(); empty: the id
  std::optional<WallTime> ends{};  ///< of what was shown; absent: never

  /// What must stay good as long as something is sent to him (Grants::still_good()).
  [[nodiscard]] const std::string& holds() const { return grant.empty() ? id : grant; }
};

}  // namespace tally::access
