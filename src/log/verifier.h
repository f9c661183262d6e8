// SPDX-License-Identifier: Apache-2.0
// Checking a log: every line, every tree hash, the head, every checkpoint. Changes nothing, takes
// no lock, trusts no file (docs/format/log.md, "Verification").
#pragma once

#include "base/result.h"
#include "crypto/note_key.h"
#include "log/keyring.h"
#include "log/line_pass.h"
#include "log/verify_report.h"
#include "storage/file_system.h"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tally::log {

struct OutsideCheckpoint {
  std::string name;  ///< file name, for messages
  std::string note;
};

struct VerifyOptions {
  std::optional<crypto::NoteVerifier> key;  ///< from --key; else pinned, else the log's own
  std::string keys_path;                    ///< overrides the private folder
  std::vector<OutsideCheckpoint> against;
  /// Only these entries are judged, those that are there: when they and the tree above them are
  /// right, nothing else is read; otherwise the whole log is looked at, as it is without this.
  std::optional<EntrySpan> span;
  unsigned threads = 0;  ///< 0: one for each core
  VerifyProgress progress;
  const std::atomic<bool>* stop = nullptr;  ///< ends the check with Errc::closed
};

/// Errors only for what keeps from checking at all: no log there, a newer format, unreadable files.
/// Everything else is in the report.
[[nodiscard]] Result<VerifyReport> verify_log(storage::FileSystem& fs, const std::string& directory,
                                              const VerifyOptions& options,
                                              const Environment& environment);

}  // namespace tally::log
