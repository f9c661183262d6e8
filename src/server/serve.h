// SPDX-License-Identifier: Apache-2.0
// `tallystick serve` as one call: log, recorders, listeners, API, until a signal.
#pragma once

#include "base/result.h"
#include "config/serve_config.h"
#include "log/keyring.h"
#include "proxy/server.h"
#include "server/reload.h"

#include <functional>
#include <string>
#include <vector>

namespace tally::server {

struct ServeOptions {
  config::ServeConfig config;
  std::string host;  ///< name of this machine, for the origin of a new log
  log::Environment environment = log::process_environment();
  /// Once everything listens and the log is open.
  std::function<void(const std::vector<proxy::Listening>&)> ready;
  config::SettingsFacts settings;  ///< for the record of the start
  /// Reads all settings again, at SIGHUP; null: that signal is left alone.
  Reload::Load reload;
  std::string version;  ///< of the program, for the records of start and stop
  /// Told of the API token that was made because there was none, and in which file it stands.
  std::function<void(const std::string& secret, const std::string& path)> first_token;
};

/// Opens the log (made if missing), runs until SIGTERM or SIGINT, lets requests end, closes the
/// log. SIGHUP reads the settings again, see Reload. A second signal ends at once, as far as
/// records allow. Errors: what could not be opened; nothing was served then.
[[nodiscard]] Result<void> run_serve(const ServeOptions& options);

}  // namespace tally::server
