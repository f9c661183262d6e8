// SPDX-License-Identifier: Apache-2.0
// Numbered blocks of bytes in an SQLite file, each with a keyed checksum: a changed, moved or
// missing byte is noticed by whoever needs the block, whatever SQLite makes of it.
#pragma once

#include "base/result.h"
#include "index/sqlite/database.h"
#include "index/sqlite/term_hash.h"

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tally::index::sqlite {

using Block = std::shared_ptr<const std::string>;

/// Blocks read lately, checked, of all files of one index. Thread-safe.
class BlockCache {
 public:
  explicit BlockCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  /// Null when it is not there.
  [[nodiscard]] Block find(std::uint64_t file, std::uint32_t id);
  void keep(std::uint64_t file, std::uint32_t id, Block block);

 private:
  struct Entry {
    std::uint64_t key;
    Block block;
  };
  std::size_t bytes_max_;
  std::mutex mutex_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  // the one used last is the first
  std::unordered_map<std::uint64_t, std::list<Entry>::iterator> places_;
};

/// Writes a new file. Not thread-safe. After an error the file is of no use.
class BlockWriter {
 public:
  /// `name` goes into the checksums: the number of the first entry.
  [[nodiscard]] static Result<BlockWriter> create(const std::string& path, const Seed& seed,
                                                  std::uint64_t name);
  /// Stores a block under the next number; `part` is for people who look into the file.
  [[nodiscard]] Result<std::uint32_t> add(std::string_view part, std::string bytes);
  /// Stores the first block and ends the file; not synced.
  [[nodiscard]] Result<void> finish(std::string head);

 private:
  BlockWriter(Database database, Statement insert, const Seed& seed, std::uint64_t name)
      : database_(std::move(database)), insert_(std::move(insert)), seed_(seed), name_(name) {}
  [[nodiscard]] Result<void> put(std::uint32_t id, std::string_view part, std::string bytes);
  Database database_;
  std::optional<Statement> insert_;
  Seed seed_;
  std::uint64_t name_;
  std::uint32_t next_ = 2;
};

/// Reads such a file. Thread-safe.
class BlockReader {
 public:
  [[nodiscard]] static Result<std::unique_ptr<BlockReader>> open(std::string path, const Seed& seed,
                                                                 std::uint64_t name,
                                                                 BlockCache& cache);
  /// Errors: corrupt when the block is not the one that was written.
  [[nodiscard]] Result<Block> read(std::uint32_t id) const;
  /// Whether a block was not what was written; it stays so.
  [[nodiscard]] bool broken() const;

 private:
  BlockReader(std::string path, Database database, Statement select, const Seed& seed,
              std::uint64_t name, BlockCache& cache, std::uint64_t opening)
      : path_(std::move(path)),
        database_(std::move(database)),
        select_(std::move(select)),
        seed_(seed),
        name_(name),
        cache_(cache),
        opening_(opening) {}
  [[nodiscard]] Result<Block> fetch(std::uint32_t id) const;

  std::string path_;
  Database database_;
  mutable Statement select_;
  Seed seed_;
  std::uint64_t name_;
  BlockCache& cache_;
  std::uint64_t opening_;
  mutable std::mutex mutex_;  // guards select_ and broken_
  mutable bool broken_ = false;
};

}  // namespace tally::index::sqlite
