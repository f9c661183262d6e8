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
#include <optional>
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
  std::uint64_t records = 0;  ///< in the log; durable
  std::uint64_t damaged = 0;  ///< lines that a crash or power cut left unreadable; dropped
};

/// The spool of one process. Thread-safe; waits for nothing but the disk. Files are
/// DIR/LOGID.INSTANCE.N.spool, each locked by the process that writes it; those that a dead process
/// left are taken over by whoever replays first.
///
/// A record that add() took survives the end of the process; if the next sync() succeeded, also a
/// power cut. A replay gives each record to the log once, however often it was interrupted (crash,
/// power cut, failing log): before a batch is written the size of the log is noted, so that whoever
/// goes on looks there for what had arrived.
class Spool {
 public:
  /// The log, as a replay sees it.
  class Log {
   public:
    /// Entries that are durable now; what is written later stands behind them.
    [[nodiscard]] virtual Result<std::uint64_t> size() = 0;
    /// Takes `batch` and returns once it is durable. Texts without their LF. With `maybe_since` an
    /// interrupted replay may have written some of it, at that position or behind: those are left
    /// out.
    [[nodiscard]] virtual Result<void> write(std::span<const std::string> batch,
                                             std::optional<std::uint64_t> maybe_since) = 0;

   protected:
    ~Log() = default;
  };
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
  /// Gives what waits to `log`, oldest first, in batches of at most kSpoolBatchRecords; files are
  /// removed when all of them is in the log. Records added meanwhile wait for the next replay.
  /// Errors: the first one of `log`, or of the file system.
  [[nodiscard]] Result<Replayed> replay(Log& log);

 private:
  class Impl;
  explicit Spool(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tally::spool
