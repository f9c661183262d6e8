// SPDX-License-Identifier: Apache-2.0
// A full partition from memory into a file.
#pragma once

#include "base/result.h"
#include "index/sqlite/memory_partition.h"
#include "index/sqlite/term_hash.h"

#include <string>
#include <string_view>

namespace tally::index::sqlite {

struct StoreOptions {
  Seed seed;
  std::string_view log_id;
  std::string_view root;  ///< of the log behind the last entry
};

/// Writes `partition`, to which nothing is added any more, into a new file; not synced. Errors:
/// disk_full, io; the file is then of no use.
[[nodiscard]] Result<void> store_partition(const MemoryPartition& partition,
                                           const std::string& path, const StoreOptions& options);

}  // namespace tally::index::sqlite
