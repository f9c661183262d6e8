// SPDX-License-Identifier: Apache-2.0
// What is recorded of the settings in force: that they changed and which, never what they are.
#pragma once

#include "config/load.h"

#include <string>
#include <string_view>
#include <vector>

namespace tally::config {

struct SettingsFacts {
  /// SHA-256 in hex over `marks`: the same settings give the same, wherever they come from. Empty:
  /// not known.
  std::string digest{};
  /// JSON object: name of each setting to 16 hex digits of the SHA-256 over its value as it is
  /// shown (secrets masked). `policy.rules` stands for what the policy says.
  std::string marks{};
};
[[nodiscard]] SettingsFacts settings_facts(const Loaded& loaded);

/// `in_force` with the values of `taken` as in `next`: what holds when only these could change.
[[nodiscard]] SettingsFacts with_settings(const SettingsFacts& in_force, const SettingsFacts& next,
                                          const std::vector<std::string>& taken);

/// Names that the two objects of marks have different values for, or only one of them has; sorted.
/// Text that is no such object counts as an empty one.
[[nodiscard]] std::vector<std::string> differing_settings(std::string_view before,
                                                          std::string_view now);

/// SHA-256 in hex over everything a policy says.
[[nodiscard]] std::string policy_digest(const policy::PolicyOptions& options);

}  // namespace tally::config
