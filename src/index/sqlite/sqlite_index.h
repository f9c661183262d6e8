// SPDX-License-Identifier: Apache-2.0
// The default engine: SQLite files in LOG/index/, one for each 131,072 entries, and the newest
// entries in memory. Derived: whatever does not fit is thrown away and made again.
#pragma once

#include "base/result.h"
#include "index/index.h"
#include "index/sqlite/bitmap.h"
#include "storage/file_system.h"

#include <functional>
#include <memory>
#include <string>

namespace tally::index::sqlite {

enum class Access : std::uint8_t {
  write,  ///< stores what is applied; one at a time per log (a lock in LOG/index/)
  read,   ///< uses what is stored, keeps the rest in memory; any number
};

struct OpenOptions {
  Access access = Access::write;
  /// Entries of one file: 131,072, or fewer in tests. Files with another number are made again.
  std::uint32_t partition_rows = kPartitionRows;
  /// Told, on the thread that found it, what was thrown away and why.
  std::function<void(const std::string& what)> on_problem = {};
};

/// Opens the index of a log; reads what is stored and checks it, makes nothing yet. Feed it with a
/// Follower that begins at cursor() (index::keep_up). Errors: those of log::Reader::open();
/// overloaded when Access::write is taken by another process, which is named. An index that cannot
/// be used is not an error: it is made again (write) or left out (read).
[[nodiscard]] Result<std::unique_ptr<Index>> open(storage::FileSystem& fs,
                                                  const std::string& log_directory,
                                                  OpenOptions options = {});

/// Deletes everything stored, under the lock. Errors: overloaded as open(); io.
[[nodiscard]] Result<void> remove_stored(storage::FileSystem& fs, const std::string& log_directory);

}  // namespace tally::index::sqlite
