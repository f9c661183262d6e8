// SPDX-License-Identifier: Apache-2.0
// What queries ask of kPartitionRows consecutive entries, in memory or stored.
#pragma once

#include "base/result.h"
#include "index/page_cursor.h"
#include "index/sqlite/bitmap.h"
#include "index/sqlite/columns.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tally::index::sqlite {

/// Numbers of entries that ranges are asked of.
enum class Number : std::uint8_t {
  recorded,  ///< recorded_at, else timestamp: microseconds
  duration,  ///< microseconds
};
/// In place of a number that an entry does not have.
inline constexpr std::int64_t kNoNumber = INT64_MIN;

/// Where a value occurs: positions in any order, or a bitmap.
struct Posting {
  std::uint32_t count = 0;
  std::vector<std::uint32_t> list;  ///< unless `bits`
  std::unique_ptr<const Bitmap> bits;
  void add_to(Bitmap& out) const;
  [[nodiscard]] std::uint32_t count_in(const Bitmap& of) const;
};

/// Entries [first, first + rows), each at a position: their order by (timestamp, seq). All methods
/// that add positions only add. Errors: corrupt when stored bytes are not what was written, io.
/// Thread-safe under pin().
class Partition {
 public:
  virtual ~Partition() = default;

  /// Hold it during a query: the newest partition grows in between.
  [[nodiscard]] virtual std::unique_lock<std::mutex> pin() const { return {}; }

  [[nodiscard]] virtual std::uint64_t first() const = 0;
  [[nodiscard]] virtual std::uint32_t rows() const = 0;
  /// Of its positions; kNoTime for entries without one. With no rows: 0.
  [[nodiscard]] virtual std::int64_t time_min() const = 0;
  [[nodiscard]] virtual std::int64_t time_max() const = 0;

  /// Entries with a value of this hash in some column.
  [[nodiscard]] virtual Result<void> add_term(std::uint64_t hash, Bitmap& out) const = 0;
  /// Entries with this hash in an id field.
  [[nodiscard]] virtual Result<void> add_id(IdField field, std::uint64_t hash,
                                            Bitmap& out) const = 0;
  /// Entries without this field.
  [[nodiscard]] virtual Result<void> add_absent(IdField field, Bitmap& out) const = 0;
  /// Entries that are no events.
  [[nodiscard]] virtual Result<void> add_unreadable(Bitmap& out) const = 0;
  /// Entries first + low … first + high, both within.
  [[nodiscard]] virtual Result<void> add_seqs(std::uint32_t low, std::uint32_t high,
                                              Bitmap& out) const = 0;

  using ValueVisitor = std::function<Result<void>(const Value& value, std::uint32_t ref)>;
  /// Every value of a column that some entry has; posting(column, ref) says which.
  [[nodiscard]] virtual Result<void> each_value(Column column, const ValueVisitor& visit) const = 0;
  [[nodiscard]] virtual Result<Posting> posting(Column column, std::uint32_t ref) const = 0;

  /// Number of positions with an earlier time.
  [[nodiscard]] virtual Result<std::uint32_t> lower_bound(std::int64_t time) const = 0;
  /// Appends time and seq of positions [begin, end).
  [[nodiscard]] virtual Result<void> places(std::uint32_t begin, std::uint32_t end,
                                            std::vector<Position>& out) const = 0;
  /// The number of each position, kNoNumber where there is none.
  [[nodiscard]] virtual Result<std::vector<std::int64_t>> numbers(Number which) const = 0;
};

}  // namespace tally::index::sqlite
