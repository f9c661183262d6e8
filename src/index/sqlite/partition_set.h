// SPDX-License-Identifier: Apache-2.0
// All partitions of a log: opened, made, stored, thrown away and made again.
#pragma once

#include "follow/cursor.h"
#include "index/sqlite/block_file.h"
#include "index/sqlite/folder.h"
#include "index/sqlite/memory_partition.h"
#include "index/sqlite/search.h"
#include "index/sqlite/sqlite_index.h"
#include "log/reader.h"
#include "storage/file_system.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tally::index::sqlite {

/// add() by one thread, everything else by any.
class PartitionSet {
 public:
  [[nodiscard]] static Result<std::unique_ptr<PartitionSet>> open(storage::FileSystem& fs,
                                                                  const std::string& log_directory,
                                                                  OpenOptions options);

  [[nodiscard]] const log::LogInfo& info() const { return reader_.info(); }
  [[nodiscard]] const Seed& seed() const { return seed_; }
  [[nodiscard]] follow::Cursor cursor() const;
  /// Takes lines behind cursor(); `after` is where that leads. Stores partitions that are full.
  [[nodiscard]] Result<void> add(const std::vector<std::string_view>& lines,
                                 const follow::Cursor& after);

  /// The partitions as they are now; one that is neither stored nor kept is made from the log.
  [[nodiscard]] Result<std::vector<Part>> parts();
  /// Throws away stored partitions that turned out to be broken. Whether there were any.
  bool discard_broken();
  [[nodiscard]] IndexStatus status() const;

 private:
  PartitionSet(storage::FileSystem& fs, log::Reader reader, OpenOptions options);
  [[nodiscard]] Result<void> load();
  [[nodiscard]] Result<void> load_stored(const std::vector<std::uint64_t>& names,
                                         const log::Head& head);
  [[nodiscard]] Result<std::shared_ptr<const Partition>> open_stored(std::uint64_t first,
                                                                     const log::Head& head);
  [[nodiscard]] Result<void> prepare();
  [[nodiscard]] Result<std::shared_ptr<MemoryPartition>> make(std::uint64_t first) const;
  [[nodiscard]] Result<std::shared_ptr<const Partition>> store(
      const std::shared_ptr<MemoryPartition>& partition);
  void end_newest();
  void store_waiting();
  void replace(std::uint64_t first, std::shared_ptr<const Partition> partition);
  [[nodiscard]] std::size_t slot_of(std::uint64_t first) const;
  [[nodiscard]] std::uint64_t first_of(std::size_t slot) const;
  void tell(const std::string& what) const;
  void set_problem(std::string problem);

  storage::FileSystem* fs_;
  log::Reader reader_;
  OpenOptions options_;
  Folder folder_;
  Seed seed_{};
  BlockCache cache_;
  std::mutex storing_;  // one partition is written or made at a time

  mutable std::mutex mutex_;  // guards what follows
  /// Full ones; null: made from the log when asked for.
  std::vector<std::shared_ptr<const Partition>> full_;
  std::vector<std::weak_ptr<const Partition>> made_;      ///< those that were asked for
  std::deque<std::shared_ptr<MemoryPartition>> waiting_;  ///< full ones not stored yet
  std::shared_ptr<MemoryPartition> newest_;
  follow::Cursor cursor_;
  std::string problem_;
};

}  // namespace tally::index::sqlite
