// SPDX-License-Identifier: Apache-2.0
// Open readers of the log for workers: opening one costs several files, and one is for one thread.
#pragma once

#include "log/reader.h"
#include "log/tree_files.h"
#include "storage/file_system.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tally::server {

/// Reader and tree of one thread at a time.
struct LogReader {
  log::Reader lines;
  log::TreeReader tree;
};

/// Thread-safe. `fs` must outlive it.
class LogReaders {
 public:
  LogReaders(storage::FileSystem& fs, std::string directory)
      : fs_(fs), directory_(std::move(directory)) {}

  /// Goes back when it is destroyed, which must be before this.
  class Lease {
   public:
    Lease(LogReaders& owner, std::unique_ptr<LogReader> reader)
        : owner_(&owner), reader_(std::move(reader)) {}
    ~Lease();
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    LogReader* operator->() const { return reader_.get(); }
    LogReader& operator*() const { return *reader_; }

   private:
    LogReaders* owner_;
    std::unique_ptr<LogReader> reader_;
  };
  /// Errors: as log::Reader::open().
  [[nodiscard]] Result<Lease> take();

  [[nodiscard]] storage::FileSystem& file_system() const { return fs_; }
  [[nodiscard]] const std::string& directory() const { return directory_; }

 private:
  storage::FileSystem& fs_;
  const std::string directory_;
  std::mutex mutex_;  // guards idle_
  std::vector<std::unique_ptr<LogReader>> idle_;
};

/// event_id of a line or object of ours, which has it right behind the times; empty for others.
[[nodiscard]] std::string_view event_id_of(std::string_view line);

}  // namespace tally::server
