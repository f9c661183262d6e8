// SPDX-License-Identifier: Apache-2.0
// A partition from its file: blocks are read when they are asked for.
#pragma once

#include "index/sqlite/block_file.h"
#include "index/sqlite/partition.h"
#include "index/sqlite/partition_head.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tally::index::sqlite {

/// Never changes. Thread-safe.
class StoredPartition final : public Partition {
 public:
  /// Reads the first block. The caller compares head() with the log. Errors: corrupt, io.
  [[nodiscard]] static Result<std::shared_ptr<StoredPartition>> open(const std::string& path,
                                                                     const Seed& seed,
                                                                     std::uint64_t first,
                                                                     BlockCache& cache);

  [[nodiscard]] const PartitionHead& head() const { return head_; }
  /// Whether stored bytes turned out to be wrong.
  [[nodiscard]] bool broken() const { return file_->broken(); }

  [[nodiscard]] std::uint64_t first() const override { return head_.first; }
  [[nodiscard]] std::uint32_t rows() const override { return head_.rows; }
  [[nodiscard]] std::int64_t time_min() const override { return head_.time_min; }
  [[nodiscard]] std::int64_t time_max() const override { return head_.time_max; }
  [[nodiscard]] Result<void> add_term(std::uint64_t hash, Bitmap& out) const override;
  [[nodiscard]] Result<void> add_id(IdField /*field*/, std::uint64_t hash,
                                    Bitmap& out) const override {
    return add_term(hash, out);
  }
  [[nodiscard]] Result<void> add_absent(IdField field, Bitmap& out) const override;
  [[nodiscard]] Result<void> add_unreadable(Bitmap& out) const override;
  [[nodiscard]] Result<void> add_seqs(std::uint32_t low, std::uint32_t high,
                                      Bitmap& out) const override;
  [[nodiscard]] Result<void> each_value(Column column, const ValueVisitor& visit) const override;
  [[nodiscard]] Result<Posting> posting(Column column, std::uint32_t ref) const override;
  [[nodiscard]] Result<std::uint32_t> lower_bound(std::int64_t time) const override;
  [[nodiscard]] Result<void> places(std::uint32_t begin, std::uint32_t end,
                                    std::vector<Position>& out) const override;
  [[nodiscard]] Result<std::vector<std::int64_t>> numbers(Number which) const override;

 private:
  StoredPartition(std::unique_ptr<BlockReader> file, PartitionHead head)
      : file_(std::move(file)), head_(std::move(head)) {}
  [[nodiscard]] Result<void> add_posting(std::uint32_t ref, Bitmap& out) const;
  [[nodiscard]] Result<Posting> decode(std::uint32_t ref) const;
  // The first `count` of a block.
  [[nodiscard]] Result<std::vector<std::int64_t>> times(std::size_t block,
                                                        std::size_t count = kBlockRows) const;
  [[nodiscard]] Result<std::vector<std::uint32_t>> rows_at(std::size_t block,
                                                           std::size_t count = kBlockRows) const;

  std::unique_ptr<BlockReader> file_;
  PartitionHead head_;
};

}  // namespace tally::index::sqlite
