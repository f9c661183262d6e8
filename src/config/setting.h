// SPDX-License-Identifier: Apache-2.0
// The table of settings: one row says a setting's names, what it takes, what it means, and how it
// is stored. Reading, showing, help and docs/configuration.md are made from it.
#pragma once

#include "base/result.h"
#include "config/serve_config.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tally::config {

enum class Shape : std::uint8_t {
  one,     ///< one value
  list,    ///< a list; flag repeated, environment with commas
  toggle,  ///< a flag without a value
};

/// One row. `Target` is what it is a setting of. Texts are static.
template <class Target>
struct Setting {
  using Values = std::span<const std::string>;

  std::string_view key;          ///< in YAML, with its section: "log.batch_size"
  std::string_view flag;         ///< "--listen"; empty: none
  std::string_view environment;  ///< "AUDIT_LOG_BATCH_SIZE"; empty: none
  std::string_view value;        ///< what stands for a value in help: "TIME"
  std::string_view help;         ///< meaning; a sentence for the table
  /// Stores values that were given (exactly one unless a list). Null: this version does not have
  /// the feature, and whoever sets it is told so. Errors: what is wrong, without where.
  Result<void> (*set)(Target& target, Values values) = nullptr;
  /// The value as it would be written in YAML; empty: none.
  std::string (*get)(const Target& target) = nullptr;
  Shape shape = Shape::one;
  bool path = false;    ///< a file or folder: relative to the settings file that names it
  bool secret = false;  ///< never shown
  /// Of a feature that is missing: "false" asks for nothing, so it is allowed.
  bool missing_switch = false;
};

/// Of the whole process.
[[nodiscard]] std::span<const Setting<ServeConfig>> serve_settings();
/// Of one proxy; their keys stand in each item of `proxies`. As flags and in the environment they
/// hold for every proxy.
[[nodiscard]] std::span<const Setting<ProxyConfig>> proxy_settings();

/// "[NAME@]ADDR:PORT=URL". Errors: invalid_argument.
[[nodiscard]] Result<ProxyConfig> parse_proxy(std::string_view text);

}  // namespace tally::config
