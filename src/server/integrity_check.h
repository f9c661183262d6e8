// SPDX-License-Identifier: Apache-2.0
// One check of the log as the service runs it: beside everything else, and what came of it as text.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "crypto/note_key.h"
#include "log/verifier.h"
#include "storage/file_system.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tally::server {

/// The log and what it is checked with. All must outlive the check.
struct CheckedLog {
  storage::FileSystem& fs;
  std::string directory;
  std::string keys_folder;
  const crypto::NoteVerifier& key;  ///< with which this process signs
  const Clock& clock;
};

/// How far a check has come. Written by its thread, read by any.
struct CheckProgress {
  std::atomic<bool> stop{false};   ///< set by who does not want it any more
  std::function<bool()> unwanted;  ///< asked by the check itself; may be empty
  std::atomic<std::uint64_t> bytes_done{0};
  std::atomic<std::uint64_t> bytes_total{0};
};

/// Checks some entries, or all of them, with one thread: the present one, whose priority is lowered
/// for good. `bytes_per_second`: at most, 0: no limit. Memory: some blocks of a log. Errors: as
/// log::verify_log().
[[nodiscard]] Result<log::VerifyReport> run_check(const CheckedLog& log,
                                                  const std::optional<log::EntrySpan>& span,
                                                  std::uint64_t bytes_per_second,
                                                  CheckProgress& progress);

/// How long to rest after so many bytes in so much time to keep to a rate.
[[nodiscard]] std::chrono::microseconds rest_after(std::uint64_t bytes,
                                                   std::chrono::microseconds elapsed,
                                                   std::uint64_t bytes_per_second);

/// The answer of GET /api/audit/integrity. Lists at most kIntegrityListMax problems of each sort.
[[nodiscard]] std::string integrity_json(const log::VerifyReport& report,
                                         std::string_view directory);

/// What a problem says, with names of files as they are inside the log: where it lies is nothing
/// for clients.
[[nodiscard]] std::string without_directory(std::string text, std::string_view directory);

}  // namespace tally::server
