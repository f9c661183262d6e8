// SPDX-License-Identifier: Apache-2.0
// --url: a command asks a running server instead of reading the files of the log.
#pragma once

#include "base/result.h"
#include "cli/command.h"
#include "cli/entry_flags.h"
#include "cli/option_set.h"
#include "remote/client.h"

#include <string>

namespace tally::cli {

struct RemoteFlags {
  std::string url;         ///< --url
  std::string token_file;  ///< --token-file
  std::string ca_file;     ///< --ca

  /// --url, --token-file and --ca.
  void declare(OptionSet& options);
  [[nodiscard]] bool wanted() const { return !url.empty(); }
  /// The token is that of --token-file, else $TALLYSTICK_TOKEN. Errors: as read_input() and
  /// Client::open(); invalid_argument for --token-file or --ca without --url.
  [[nodiscard]] Result<remote::Client> connect(Invocation& call) const;
  /// invalid_argument when --url and one of the flags about files are given together, or
  /// --token-file or --ca without it. `local` are pairs of flag and whether it was given.
  [[nodiscard]] Result<void> check(std::initializer_list<std::pair<const char*, bool>> local) const;
};

/// The expression and the window as parameters of the API; without --from everything. Errors:
/// invalid_argument.
[[nodiscard]] Result<remote::Parameters> remote_parameters(Invocation& call,
                                                           const EntryFlags& wanted);

}  // namespace tally::cli
