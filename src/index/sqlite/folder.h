// SPDX-License-Identifier: Apache-2.0
// LOG/index/: names of the files in it, the lock, and the seed that all of them share.
#pragma once

#include "base/result.h"
#include "index/sqlite/term_hash.h"
#include "log/log_info.h"
#include "storage/file_system.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tally::index::sqlite {

/// Knows names; what exists is asked for. Not thread-safe.
class Folder {
 public:
  Folder(storage::FileSystem& fs, const std::string& log_directory);

  [[nodiscard]] const std::string& path() const { return path_; }
  /// "00000000000000131072.sqlite": by the first entry.
  [[nodiscard]] std::string partition(std::uint64_t first) const;
  /// The same while it is being written.
  [[nodiscard]] std::string unfinished(std::uint64_t first) const;
  /// First entries of the partitions that exist, rising; none when there is no folder.
  [[nodiscard]] Result<std::vector<std::uint64_t>> partitions() const;

  /// Makes the folder and takes its lock until this object ends. Errors: overloaded when another
  /// process has it, naming that; those of making files.
  [[nodiscard]] Result<void> lock();

  /// The seed, if there is one for this log.
  [[nodiscard]] std::optional<Seed> read_seed(const log::LogInfo& info) const;
  /// A new one; everything stored with another is useless then. Under lock().
  [[nodiscard]] Result<Seed> make_seed(const log::LogInfo& info);

  /// Makes an unfinished partition the real one, durably.
  [[nodiscard]] Result<void> finish(std::uint64_t first);
  /// Removes a partition, finished or not; fine when it is not there.
  void remove(std::uint64_t first);
  /// Removes everything but the lock, and what other programs put there.
  [[nodiscard]] Result<void> clear();

 private:
  storage::FileSystem* fs_;
  std::string path_;
  std::unique_ptr<storage::File> lock_;
};

}  // namespace tally::index::sqlite
