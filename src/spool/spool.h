// SPDX-License-Identifier: Apache-2.0
// Where records wait that could not be written to the log and whose messages were let through all
// the same (contract 3, "Fallback"): bounded files on another file system, replayed later.
#pragma once

#include "base/limits.h"
#include "base/result.h"
#include "storage/file_system.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tally::spool {

struct SpoolOptions {
  std::uint64_t bytes_max = 0;  ///< of all files of this log in the directory together
  std::string log_id;           ///< records never go into another log than the one they are of
  std::string instance;         ///< UUIDv7 of this process: names its files, orders them by age
};

/// What a replay did.
struct Replayed {
  std::uint64_t records = 0;  ///< given to `write`, which made them durable
  std::uint64_t damaged = 0;  ///< lines that a crash or power cut left unreadable; dropped
};

/// The spool of one process. Thread-safe; waits for nothing but the disk. Files are
/// DIR/LOGID.INSTANCE.N.spool, each locked by the process that writes it; those that a dead process
/// left are taken over by whoever replays first.
///
/// A record that add() took survives the end of the process; if the next sync() succeeded, also a
/// power cut. A replay that ended well has given each record once; one that was interrupted (crash,
/// failing log) begins again after the last batch that it had noted, so the batch under way may be
/// given twice: records carry their event_id.
class Spool {
 public:
  /// Takes `batch` and returns once it is durable in the log. Texts without their LF.
  using WriteBatch = std::function<Result<void>(std::span<const std::string> batch)>;
  /// Sees one record that is waiting.
  using Visit = std::function<void(std::string_view record)>;

  /// Makes the directory if it is missing; makes no file yet. Errors: those of the file system.
  [[nodiscard]] static Result<std::unique_ptr<Spool>> open(storage::FileSystem& fs,
                                                           std::string directory,
                                                           SpoolOptions options);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// Appends one record: a JSON text without LF, at most kEntryBytesMax. On failure nothing of it
  /// is kept and the caller counts it as missing. Errors: overloaded when bytes_max is reached;
  /// too_large, invalid_argument; disk_full, io.
  [[nodiscard]] Result<void> add(std::string_view record);
  /// What was added since the last sync is on the device. A failed sync is final for that file: the
  /// next add() begins a new one, what is readable of the old one is still replayed. Cheap when
  /// nothing was added.
  [[nodiscard]] Result<void> sync();

  /// Whether anything waits, also from processes that ended. Looks at the directory once, then
  /// remembers.
  [[nodiscard]] bool empty() const;
  /// Shows everything that could be replayed now, oldest first, and leaves it there.
  [[nodiscard]] Result<void> visit(const Visit& see);
  /// Gives what waits to `write`, oldest first, in batches of at most kSpoolBatchRecords; files are
  /// removed when all of them is in the log. Records added meanwhile wait for the next replay.
  /// Errors: the first one of `write` (what was noted before is not given again), or of the file
  /// system.
  [[nodiscard]] Result<Replayed> replay(const WriteBatch& write);

 private:
  class Impl;
  explicit Spool(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tally::spool
