// SPDX-License-Identifier: Apache-2.0
// What a subcommand is given and what it gives back; the list of all of them is in run.cc.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "cli/console.h"
#include "log/keyring.h"
#include "storage/file_system.h"

#include <string>
#include <string_view>
#include <vector>

namespace tally::cli {

/// Exit statuses (docs: README, "Check it"). `wrap` ends with its server's, 126 or 127.
inline constexpr int kOk = 0;
inline constexpr int kCheckFailed = 1;  ///< tampering, a proof that does not match, nothing found
inline constexpr int kUnusable = 2;     ///< wrong usage, unreadable input, no key, no log
inline constexpr int kSignalBase = 128;

/// One call of one command. References live as long as the process.
struct Invocation {
  std::string_view command;            ///< its name, for messages
  std::vector<std::string> arguments;  ///< behind the name
  Console& console;
  storage::FileSystem& fs;
  const Clock& clock;
  Random& random;
  log::Environment environment;

  /// Tells the user and gives back the status to end with.
  int refuse(const Error& error) { return refuse(error.detail); }
  int refuse(std::string_view text) {
    console.error(command, text);
    return kUnusable;
  }
};

int append_command(Invocation& call);
int catalog_command(Invocation& call);
int check_proof_command(Invocation& call);
int checkpoint_command(Invocation& call);
int config_command(Invocation& call);
int doctor_command(Invocation& call);
int export_command(Invocation& call);
int index_command(Invocation& call);
int key_command(Invocation& call);
int policy_command(Invocation& call);
int prove_command(Invocation& call);
int query_command(Invocation& call);
int serve_command(Invocation& call);
int tail_command(Invocation& call);
int token_command(Invocation& call);
int verify_command(Invocation& call);
int wrap_command(Invocation& call);

}  // namespace tally::cli
