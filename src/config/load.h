// SPDX-License-Identifier: Apache-2.0
// Settings from flags over environment over the YAML file over defaults; every value keeps where
// it came from, and nothing that was given is ignored.
#pragma once

#include "base/result.h"
#include "config/serve_config.h"
#include "log/keyring.h"
#include "storage/file_system.h"

#include <map>
#include <string>
#include <vector>

namespace tally::config {

/// Values as they stood on the command line: flag ("--listen") to values, in the order given.
/// Switches have the value "true".
using FlagValues = std::map<std::string, std::vector<std::string>>;

struct Sources {
  FlagValues flags;
  std::string file;  ///< --config; empty: $TALLYSTICK_CONFIG, else none
  log::Environment environment;
  /// Names of all variables, to warn of mistyped ones; empty: nobody looks.
  std::vector<std::string> variables;
  /// Whether the files that settings name must be there.
  bool check_files = true;
};

/// One effective value.
struct Effective {
  std::string key;      ///< "log.batch_size", "proxies[0].listen"
  std::string value;    ///< as it would be written in YAML; lists as [a, b]; empty: none
  std::string origin;   ///< "--listen", "AUDIT_LOG_BATCH_SIZE", "FILE:12:9", "default"
  bool secret = false;  ///< `value` is then "(set)", or empty
};

struct Loaded {
  ServeConfig config;
  std::vector<Effective> values;      ///< in the order of the table of settings
  std::string policy_digest;          ///< config::policy_digest() of the policy in effect
  std::vector<std::string> warnings;  ///< for the operator: what is allowed but hardly meant
};

/// Reads all sources; see Loaded. Errors: invalid_argument for a bad value, unsupported for a
/// setting whose feature this version does not have, as those of the file system for files that
/// cannot be read. The text begins with where the value came from: "FILE:12:9: proxies[0].listen:
/// ...", "AUDIT_LOG_BATCH_SIZE: ...",
/// "--listen: ...". Several problems of one file stand on lines of their own.
[[nodiscard]] Result<Loaded> load_serve_config(storage::FileSystem& fs, const Sources& sources);

/// What the environment says of the log, for commands that only write to it: rows log.* and
/// alerts.* of the table. Errors: as load_serve_config().
[[nodiscard]] Result<LogConfig> load_log_config(const log::Environment& environment);

}  // namespace tally::config
