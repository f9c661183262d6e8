// SPDX-License-Identifier: Apache-2.0
// Which log and which keys a command works with, from flags and environment; opening it to write.
#pragma once

#include "base/result.h"
#include "cli/command.h"
#include "cli/option_set.h"
#include "config/load.h"
#include "crypto/note_key.h"
#include "log/create.h"
#include "log/keyring.h"
#include "log/layout.h"
#include "log/log_info.h"
#include "log/writer.h"

#include <memory>
#include <string>

namespace tally::cli {

struct LogFlags {
  std::string directory;  ///< --log
  std::string keys;       ///< --keys
  std::string hash;       ///< --hash
  bool single_writer = false;

  /// --log.
  void declare(OptionSet& options);
  /// --keys.
  void declare_keys(OptionSet& options);
  /// --single-writer.
  void declare_writing(OptionSet& options);
  /// --hash.
  void declare_creation(OptionSet& options);
};

/// --log, else the default. Errors: invalid_argument where there is no HOME.
[[nodiscard]] Result<std::string> log_directory(const LogFlags& flags,
                                                const log::Environment& environment);

/// Name of this machine, for the default origin; empty when it has none.
[[nodiscard]] std::string host_name();

/// What log::open_or_create() needs to know.
struct Creation {
  log::CreateOptions options;
  bool hash_given = false;
};
/// From flags and environment. Errors: unsupported for an unknown hash algorithm.
[[nodiscard]] Result<Creation> creation_of(const LogFlags& flags,
                                           const config::LogConfig& settings);

/// A log open for writing, with the keys that the writer refers to.
struct WritableLog {
  std::string directory;
  log::LogInfo info;
  std::shared_ptr<const log::Keys> keys;
  std::unique_ptr<log::Writer> writer;
  std::string instance;  ///< UUID of this process, for events
};

/// What to do where there is no log.
enum class IfMissing { create, fail };

/// Opens the log, making it first if told to. Tells the user what was made or recovered, and
/// records a recovery as an event. Errors: as log::open_or_create() and Writer::open(); mismatch
/// when hash algorithm of flag or environment is not the log's.
[[nodiscard]] Result<WritableLog> open_to_write(Invocation& call, const LogFlags& flags,
                                                const config::LogConfig& settings,
                                                IfMissing missing);

/// Records and tells what recovery did since the last call, if anything. Errors: as
/// Writer::append().
[[nodiscard]] Result<void> report_recovery(Invocation& call, WritableLog& log);

/// The key to check this log's signatures with: `given` (--key) if not empty, else the pinned one,
/// else LOG/key.pub.
[[nodiscard]] Result<crypto::NoteVerifier> verifier_of(Invocation& call, const LogFlags& flags,
                                                       const log::Layout& layout,
                                                       const log::LogInfo& info,
                                                       const std::string& given);

/// A verifier key, or a file that holds one on a line of its own. Errors: invalid_argument.
[[nodiscard]] Result<crypto::NoteVerifier> parse_key_argument(const std::string& text);

}  // namespace tally::cli
