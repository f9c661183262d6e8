// SPDX-License-Identifier: Apache-2.0
// Rows of the settings about tokens, which proxies and the API have alike.
#pragma once

#include "config/setting.h"
#include "config/value.h"

#include <string>
#include <string_view>
#include <vector>

namespace tally::config {

/// Names of algorithms (RFC 7518). Errors: invalid_argument with the names that would do.
[[nodiscard]] Result<void> store_algorithms(std::vector<std::string>& out,
                                            std::span<const std::string> values);
/// An https URL, or http of this machine. Errors: invalid_argument.
[[nodiscard]] Result<void> store_jwks_url(std::string& out, std::string_view text);

template <class Target>
struct RowNames {
  std::string_view key, flag, environment, value, help;
};

/// `Where`: the JwtConfig of the target; `Field`: a text of it.
template <class Target, JwtConfig Target::*Where, std::string JwtConfig::*Field>
constexpr Setting<Target> jwt_text(RowNames<Target> names) {
  Setting<Target> row;
  row.key = names.key;
  row.flag = names.flag;
  row.environment = names.environment;
  row.value = names.value;
  row.help = names.help;
  row.set = [](Target& target, std::span<const std::string> values) -> Result<void> {
    target.*Where.*Field = values[0];
    return {};
  };
  row.get = [](const Target& target) { return target.*Where.*Field; };
  row.path = names.value == "FILE";
  return row;
}

template <class Target, JwtConfig Target::*Where, std::vector<std::string> JwtConfig::*Field>
constexpr Setting<Target> jwt_list(RowNames<Target> names) {
  Setting<Target> row = jwt_text<Target, Where, &JwtConfig::ca_file>(names);
  row.set = [](Target& target, std::span<const std::string> values) -> Result<void> {
    (target.*Where.*Field).assign(values.begin(), values.end());
    return {};
  };
  row.get = [](const Target& target) { return format_list(target.*Where.*Field); };
  row.shape = Shape::list;
  return row;
}

template <class Target, JwtConfig Target::*Where, Milliseconds JwtConfig::*Field>
constexpr Setting<Target> jwt_time(RowNames<Target> names) {
  Setting<Target> row = jwt_text<Target, Where, &JwtConfig::ca_file>(names);
  row.value = "TIME";
  row.set = [](Target& target, std::span<const std::string> values) {
    // Nothing is fetched more often than each second; clocks may agree.
    constexpr Milliseconds kLeast{Field == &JwtConfig::leeway ? 0 : 1'000};
    constexpr Milliseconds kMost{Field == &JwtConfig::leeway ? 3'600'000 : 24 * 3'600'000};
    return set_duration(target.*Where.*Field, values[0], kLeast, kMost);
  };
  row.get = [](const Target& target) { return format_duration(target.*Where.*Field); };
  return row;
}

template <class Target, JwtConfig Target::*Where>
constexpr Setting<Target> jwt_algorithms(RowNames<Target> names) {
  Setting<Target> row = jwt_list<Target, Where, &JwtConfig::algorithms>(names);
  row.set = [](Target& target, std::span<const std::string> values) {
    return store_algorithms((target.*Where).algorithms, values);
  };
  return row;
}

template <class Target, JwtConfig Target::*Where>
constexpr Setting<Target> jwt_url(RowNames<Target> names) {
  Setting<Target> row = jwt_text<Target, Where, &JwtConfig::jwks_url>(names);
  row.set = [](Target& target, std::span<const std::string> values) {
    return store_jwks_url((target.*Where).jwks_url, values[0]);
  };
  return row;
}

}  // namespace tally::config
