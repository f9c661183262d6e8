// SPDX-License-Identifier: Apache-2.0
// The newest entries: takes lines one by one, answers queries, and is stored when it is full.
#pragma once

#include "event/view.h"
#include "index/sqlite/partition.h"
#include "index/sqlite/term_hash.h"

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tally::index::sqlite {

/// add() by one thread, under hold() once others know of it. Positions change with each add(): they
/// mean something only while pin() is held.
class MemoryPartition final : public Partition {
 public:
  MemoryPartition(const Seed& seed, std::uint64_t first, std::uint32_t rows_max = kPartitionRows);

  /// Takes the next line of the log; not when it is full().
  void add(std::string_view line);
  /// pin() without bringing the order of positions up to date: for add().
  [[nodiscard]] std::unique_lock<std::mutex> hold() const { return std::unique_lock(mutex_); }
  [[nodiscard]] bool full() const { return rows() == rows_max_; }

  [[nodiscard]] std::unique_lock<std::mutex> pin() const override;
  [[nodiscard]] std::uint64_t first() const override { return first_; }
  [[nodiscard]] std::uint32_t rows() const override {
    return static_cast<std::uint32_t>(times_.size());
  }
  [[nodiscard]] std::int64_t time_min() const override { return time_min_; }
  [[nodiscard]] std::int64_t time_max() const override { return time_max_; }
  [[nodiscard]] Result<void> add_term(std::uint64_t hash, Bitmap& out) const override;
  [[nodiscard]] Result<void> add_id(IdField field, std::uint64_t hash, Bitmap& out) const override;
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

  // For storing it, when nothing is added any more
  // --------------------------------------------------------------------------------------------
  struct Term {
    std::uint64_t hash;
    std::uint32_t value;  ///< of the column's values
    Column column;
  };
  [[nodiscard]] const std::vector<Term>& terms() const { return terms_; }
  /// Hashes by row; kNoHash for absent().
  [[nodiscard]] const std::vector<std::uint64_t>& ids(IdField field) const {
    return ids_[static_cast<std::size_t>(field)];
  }
  [[nodiscard]] const std::vector<std::uint32_t>& absent(IdField field) const {
    return absent_[static_cast<std::size_t>(field)];
  }
  [[nodiscard]] const std::vector<std::uint32_t>& unreadable() const { return unreadable_; }
  /// Encoded text of a value, and its rows.
  [[nodiscard]] std::string_view value_text(Column column, std::uint32_t value) const;
  [[nodiscard]] const std::vector<std::uint32_t>& value_rows(Column column,
                                                             std::uint32_t value) const;
  [[nodiscard]] std::uint32_t value_count(Column column) const;
  /// Position of a row; nothing is moved when it is empty.
  [[nodiscard]] const std::vector<std::uint32_t>& positions() const;

 private:
  struct ColumnValues {
    std::unordered_map<std::string, std::uint32_t> known;
    std::vector<const std::string*> texts;
    std::vector<std::vector<std::uint32_t>> rows;
    std::uint32_t last = 0;  ///< of the entry before
  };

  [[nodiscard]] std::int64_t time_of(event::Field field);
  void add_values(std::uint32_t row);
  void add_ids(std::uint32_t row);
  void settle() const;
  void add_rows(const std::vector<std::uint32_t>& rows, Bitmap& out) const;
  [[nodiscard]] std::uint32_t row_at(std::uint32_t position) const {
    return order_.empty() ? position : order_[position];
  }

  Seed seed_;
  std::uint64_t first_;
  std::uint32_t rows_max_;
  std::int64_t time_min_ = 0;
  std::int64_t time_max_ = 0;
  std::vector<std::int64_t> times_, recorded_, durations_;  // by row
  std::array<ColumnValues, kColumns> columns_;
  std::vector<Term> terms_;
  std::array<std::vector<std::uint64_t>, kIdFields> ids_;
  std::array<std::vector<std::uint32_t>, kIdFields> absent_;
  std::vector<std::uint32_t> unreadable_;

  event::EventView view_;
  std::string encoded_, storage_;
  std::string second_text_;  // a time up to the dot of its seconds, and what it stands for
  std::int64_t second_ = 0;

  mutable std::mutex mutex_;
  // Rows by (time, seq), and where each row stands there; empty while rows are in that order.
  mutable std::vector<std::uint32_t> order_, positions_;
  mutable std::size_t settled_ = 0;  // rows that these are about
};

}  // namespace tally::index::sqlite
