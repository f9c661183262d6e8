// SPDX-License-Identifier: Apache-2.0
// What one query works with: the partitions as they were when it began, its plan, and lines.
#pragma once

#include "index/index.h"
#include "index/line_source.h"
#include "index/sqlite/partition.h"
#include "index/sqlite/plan.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace tally::index::sqlite {

/// A partition, and what of it the query may see: the newest one grows meanwhile.
struct Part {
  std::shared_ptr<const Partition> partition;
  std::uint64_t first;
  std::uint32_t rows;
  std::int64_t time_min;
  std::int64_t time_max;
};

/// For one query in one thread.
class Search {
 public:
  Search(std::vector<Part> parts, const Filter& filter, const Seed& seed, LineSource& lines,
         std::chrono::milliseconds time)
      : parts_(std::move(parts)),
        plan_(filter, seed),
        lines_(lines),
        deadline_(std::chrono::steady_clock::now() + time) {}

  [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }
  [[nodiscard]] const Plan& plan() const { return plan_; }
  [[nodiscard]] LineSource& lines() { return lines_; }
  [[nodiscard]] std::uint64_t size() const;
  [[nodiscard]] bool time_is_over() const { return std::chrono::steady_clock::now() >= deadline_; }

  /// What plan().candidates() says of the entries that the query may see. Under pin().
  [[nodiscard]] Result<Bitmap> candidates(const Part& part) const;

  /// Calls `use` with exactly the entries that match, under pin(), for each partition that may hold
  /// any, newest first. Lines are read where that takes it; false when the time was over before all
  /// were compared: what was not compared counts as no match.
  /// `bounded`: also false, and older partitions left out, when the time was over without reading.
  using Use = std::function<Result<void>(const Partition& partition, const Bitmap& matching)>;
  [[nodiscard]] Result<bool> each_matching(const Use& use, bool bounded = false);

 private:
  [[nodiscard]] Result<Bitmap> verified(const Part& part, Bitmap found,
                                        std::unique_lock<std::mutex>& pinned, bool& complete);

  std::vector<Part> parts_;
  Plan plan_;
  LineSource& lines_;
  std::chrono::steady_clock::time_point deadline_;
};

}  // namespace tally::index::sqlite
