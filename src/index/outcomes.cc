// SPDX-License-Identifier: Apache-2.0
#include "index/outcomes.h"

#include <algorithm>
#include <array>

namespace tally::index {
namespace {

/// Changes that the audit service makes to itself; its other events of these actions (a gap, a
/// recovery) are none.
constexpr std::array<std::string_view, 5> kOwnChanges{"audit-settings-changed",
                                                      "audit-token-created", "audit-token-revoked",
                                                      "audit-key-rotated", "audit-disabled"};
constexpr std::array<std::string_view, 3> kChanges{"create", "update", "delete"};

}  // namespace

bool failed_outcome(std::string_view result) {
  return result == "failure" || result == "denied" || result == "error";
}

bool failed_login(const OutcomeWords& words) {
  return words.type == "auth" && words.action == "login" && failed_outcome(words.result);
}

bool configuration_change(const OutcomeWords& words) {
  if (failed_outcome(words.result)) return false;
  if (words.type == "admin") return std::ranges::find(kChanges, words.action) != kChanges.end();
  return words.type == "audit" && std::ranges::find(kOwnChanges, words.event) != kOwnChanges.end();
}

}  // namespace tally::index
