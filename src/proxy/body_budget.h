// SPDX-License-Identifier: Apache-2.0
// How much of bodies may be held for inspection, by all connections together (contract 3).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace tally::proxy {

/// Thread-safe: the loops share it.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t bytes_max)
      : bytes_max_(bytes_max), left_(static_cast<std::int64_t>(bytes_max)) {}
  [[nodiscard]] std::size_t left() const {
    return static_cast<std::size_t>(
        std::max<std::int64_t>(0, left_.load(std::memory_order_relaxed)));
  }
  /// What bodies hold already stays theirs, so that for a while it may be more. From one thread.
  void resize(std::size_t bytes_max) {
    left_.fetch_add(static_cast<std::int64_t>(bytes_max) - static_cast<std::int64_t>(bytes_max_),
                    std::memory_order_relaxed);
    bytes_max_ = bytes_max;
  }

 private:
  friend class BudgetShare;
  std::size_t bytes_max_;
  std::atomic<std::int64_t> left_;  // below 0 after it became smaller
};

/// What one body holds of it; given back at the end. Belongs to one thread.
class BudgetShare {
 public:
  /// `budget` must outlive it.
  explicit BudgetShare(BodyBudget& budget) : budget_(budget) {}
  ~BudgetShare() { release(); }
  BudgetShare(const BudgetShare&) = delete;
  BudgetShare& operator=(const BudgetShare&) = delete;

  /// False, and nothing is taken, when there is not as much left.
  [[nodiscard]] bool take(std::size_t bytes) {
    const auto wanted = static_cast<std::int64_t>(bytes);
    std::int64_t left = budget_.left_.load(std::memory_order_relaxed);
    do {
      if (wanted > left) return false;
    } while (!budget_.left_.compare_exchange_weak(left, left - wanted, std::memory_order_relaxed));
    taken_ += bytes;
    return true;
  }
  /// Whether take() would say true now.
  [[nodiscard]] bool would_take(std::size_t bytes) const { return bytes <= budget_.left(); }
  void release() {
    if (taken_ == 0) return;
    budget_.left_.fetch_add(static_cast<std::int64_t>(std::exchange(taken_, 0)),
                            std::memory_order_relaxed);
  }

 private:
  BodyBudget& budget_;
  std::size_t taken_ = 0;
};

}  // namespace tally::proxy
