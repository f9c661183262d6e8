// SPDX-License-Identifier: Apache-2.0
// Settings on their way from the sources to the result: values and where each came from.
#pragma once

#include "config/load.h"
#include "config/setting.h"
#include "policy/policy.h"
#include "yaml/read.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::config {

/// Key to origin; what is not there is the default.
using Origins = std::map<std::string, std::string, std::less<>>;

struct Draft {
  ServeConfig config;
  Origins origins;
  std::vector<Origins> proxy_origins;  ///< one for each of config.proxies
  std::string policy_file;             ///< path; empty: none
  std::optional<policy::PolicyOptions> inline_policy;
  std::vector<std::string> warnings;
  std::string policy_digest;
};

/// Stores values of one row. Errors: what is wrong, without where; unsupported for a feature that
/// this version does not have.
template <class Target>
[[nodiscard]] Result<void> store(const Setting<Target>& row, Target& target,
                                 typename Setting<Target>::Values values);

/// Fills the draft from the settings file. Errors: malformed, invalid_argument with a line for
/// each mistake, as those of the file system.
[[nodiscard]] Result<void> load_file(storage::FileSystem& fs, const std::string& path,
                                     Draft& draft);

/// What only shows when everything is known: names and addresses that collide, halves of pairs,
/// files that are not there. Errors: invalid_argument naming where the value came from.
[[nodiscard]] Result<void> check_whole(storage::FileSystem& fs, const Draft& draft,
                                       bool check_files);

template <class Target>
Result<void> store(const Setting<Target>& row, Target& target,
                   typename Setting<Target>::Values values) {
  if (row.set != nullptr) return row.set(target, values);
  // "false" asks for nothing.
  if (row.missing_switch &&
      (values[0] == "false" || values[0] == "off" || values[0] == "0" || values[0] == "no")) {
    return {};
  }
  return fail(Errc::unsupported, "this version of tallystick has no such feature; remove it");
}

}  // namespace tally::config
